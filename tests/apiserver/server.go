package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/etcd/server/v3/embed"
	genericapiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/client-go/rest"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
)

// server is the API server and its etcd, both in this process.
type server struct {
	host      string
	ca, caKey []byte
	tokens    map[string]string
	// The client certificate of a user in system:masters.
	adminCert, adminKey []byte
	folder              string
	etcd                *embed.Etcd
	done                chan error
}

// auditPolicy records everything at one level.
func auditPolicy(level string) string {
	return "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: " + level + "\n"
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

// startServer starts both; `more` are further flags of the API server.
func startServer(out, webhook, level string, plant *plant, more ...string) (*server, error) {
	folder, err := os.MkdirTemp("", "auditweir-apiserver-")
	if err != nil {
		return nil, err
	}
	s := &server{folder: folder, tokens: map[string]string{}, done: make(chan error, 1)}
	etcdURL, err := s.startEtcd()
	if err != nil {
		return nil, err
	}
	write := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			panic(err)
		}
		return path
	}

	ca, caKey := certificate("auditweir-ca", nil, nil, nil)
	s.ca, s.caKey = ca, caKey
	serving, servingKey := certificate("kube-apiserver", nil, ca, caKey)
	s.adminCert, s.adminKey = certificate("admin", []string{"system:masters"}, ca, caKey)
	signing, signingKey := certificate("service-accounts", nil, nil, nil)
	_ = signing

	users := ""
	for _, user := range []struct{ name, groups string }{
		{"jane@example.com", "developers"}, {"mallory", "interns"}, {"ci-bot", "automation"},
	} {
		token := plant.held(plant.letters(base62, 32))
		s.tokens[user.name] = token
		users += fmt.Sprintf("%s,%s,uid-%s,\"%s\"\n", token, user.name, user.name, user.groups)
	}

	port, err := freePort()
	if err != nil {
		return nil, err
	}
	s.host = fmt.Sprintf("127.0.0.1:%d", port)
	log := filepath.Join(out, "audit.log")
	if err := os.RemoveAll(log); err != nil {
		return nil, err
	}
	caFile := write("ca.crt", string(ca))
	signingFile := write("sa.key", string(signingKey))
	kubeconfig := fmt.Sprintf(`{"apiVersion":"v1","kind":"Config","current-context":"a",
"contexts":[{"name":"a","context":{"cluster":"a","user":"a"}}],"users":[{"name":"a","user":{}}],
"clusters":[{"name":"a","cluster":{"server":%q}}]}`, webhook)
	command := app.NewAPIServerCommand()
	command.SetArgs(append([]string{
		"--etcd-servers=" + etcdURL,
		"--bind-address=127.0.0.1",
		fmt.Sprintf("--secure-port=%d", port),
		"--tls-cert-file=" + write("serving.crt", string(serving)),
		"--tls-private-key-file=" + write("serving.key", string(servingKey)),
		"--client-ca-file=" + caFile,
		"--token-auth-file=" + write("users.csv", users),
		"--enable-bootstrap-token-auth=true",
		"--authorization-mode=RBAC",
		"--allow-privileged=true",
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-signing-key-file=" + signingFile,
		"--service-account-key-file=" + signingFile,
		"--service-cluster-ip-range=10.96.0.0/16",
		"--runtime-config=api/all=true",
		"--feature-gates=CBORServingAndStorage=true",
		"--enable-aggregator-routing=true",
		"--endpoint-reconciler-type=none",
		"--audit-policy-file=" + write("audit-policy.yaml", auditPolicy(level)),
		"--audit-log-path=" + log,
		"--audit-log-mode=blocking",
		"--audit-log-maxsize=1000",
		"--audit-webhook-config-file=" + write("webhook.kubeconfig", kubeconfig),
		"--audit-webhook-mode=batch",
		"--audit-webhook-initial-backoff=1s",
		"--audit-webhook-batch-buffer-size=100000",
		"--audit-webhook-batch-max-size=50",
		"--audit-webhook-batch-max-wait=1s",
		"--audit-webhook-batch-throttle-enable=false",
		"--v=1",
	}, more...))
	go func() { s.done <- command.Execute() }()
	return s, s.wait()
}

func (s *server) startEtcd() (string, error) {
	config := embed.NewConfig()
	config.Dir = filepath.Join(s.folder, "etcd")
	config.LogLevel = "error"
	config.UnsafeNoFsync = true
	config.MaxRequestBytes = 16 << 20
	local := func() (url.URL, error) {
		port, err := freePort()
		return url.URL{Scheme: "http", Host: fmt.Sprintf("127.0.0.1:%d", port)}, err
	}
	client, err := local()
	if err != nil {
		return "", err
	}
	peer, err := local()
	if err != nil {
		return "", err
	}
	config.ListenClientUrls, config.AdvertiseClientUrls = []url.URL{client}, []url.URL{client}
	config.ListenPeerUrls, config.AdvertisePeerUrls = []url.URL{peer}, []url.URL{peer}
	config.InitialCluster = config.InitialClusterFromName(config.Name)
	s.etcd, err = embed.StartEtcd(config)
	if err != nil {
		return "", err
	}
	select {
	case <-s.etcd.Server.ReadyNotify():
		return client.String(), nil
	case <-time.After(time.Minute):
		return "", fmt.Errorf("etcd is not ready after a minute")
	}
}

// config is how a client reaches the server, without any credential.
func (s *server) config() *rest.Config {
	return &rest.Config{
		Host:            "https://" + s.host,
		TLSClientConfig: rest.TLSClientConfig{CAData: s.ca},
		QPS:             -1,
		UserAgent:       "kubectl/v1.37.2 (linux/amd64) kubernetes/4d0b6a1",
	}
}

func (s *server) wait() error {
	config := s.config()
	config.CertData, config.KeyData = s.adminCert, s.adminKey
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return err
	}
	for deadline := time.Now().Add(3 * time.Minute); time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
		select {
		case err := <-s.done:
			return fmt.Errorf("the API server ended: %v", err)
		default:
		}
		answer, err := client.Get(config.Host + "/readyz")
		if err != nil {
			continue
		}
		answer.Body.Close()
		if answer.StatusCode == 200 {
			return nil
		}
	}
	return fmt.Errorf("the API server is not ready after three minutes")
}

func (s *server) stop() error {
	genericapiserver.RequestShutdown()
	select {
	case err := <-s.done:
		if err != nil {
			return err
		}
	case <-time.After(2 * time.Minute):
		return fmt.Errorf("the API server does not end")
	}
	s.etcd.Close()
	return os.RemoveAll(s.folder)
}

// certificate makes a key and a certificate, self-signed when no authority is given.
func certificate(name string, groups []string, ca, caKey []byte) (cert, key []byte) {
	check := func(err error) {
		if err != nil {
			panic(err)
		}
	}
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(err)
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(time.Now().UnixNano()),
		Subject:               pkix.Name{CommonName: name, Organization: groups},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(24 * time.Hour),
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
		IsCA:                  ca == nil,
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
		DNSNames:              []string{"localhost", "kubernetes.default.svc"},
	}
	parent, signer := template, private
	if ca != nil {
		block, _ := pem.Decode(ca)
		parent, err = x509.ParseCertificate(block.Bytes)
		check(err)
		block, _ = pem.Decode(caKey)
		signer, err = x509.ParseECPrivateKey(block.Bytes)
		check(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &private.PublicKey, signer)
	check(err)
	keyDER, err := x509.MarshalECPrivateKey(private)
	check(err)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: keyDER})
}

var background = context.Background()
