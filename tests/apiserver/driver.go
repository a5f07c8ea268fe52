package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/client/clientset/clientset"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// driver plays all the clients.
type driver struct {
	*plant
	server    *server
	hooks     *hooks
	scenarios []string
	sent      int
	unsent    int
	// From whom requests come; filled by newDriver and set-up.
	admin, jane, mallory, bot, nobody, till, joiner *actor

	log *json.Encoder
	ids *rand.Rand
	mu  sync.Mutex
}

// actor is one client with one identity.
type actor struct {
	name    string
	config  *rest.Config
	http    *http.Client
	core    *kubernetes.Clientset
	dynamic *dynamic.DynamicClient
	crds    *apiextensions.Clientset
}

const (
	jsonPatch      = "application/json-patch+json"
	mergePatch     = "application/merge-patch+json"
	strategicPatch = "application/strategic-merge-patch+json"
	applyPatch     = "application/apply-patch+yaml"
	applyCBOR      = "application/apply-patch+cbor"
	plainJSON      = "application/json"
)

func newDriver(s *server, plant *plant, hooks *hooks, requests *os.File) *driver {
	d := &driver{plant: plant, server: s, hooks: hooks, log: json.NewEncoder(requests)}
	d.ids = rand.New(rand.NewPCG(plant.dice.Uint64(), 1))
	with := func(name string, change func(*rest.Config)) *actor { return d.actor(name, change) }
	d.admin = with("admin", func(c *rest.Config) { c.CertData, c.KeyData = s.adminCert, s.adminKey })
	d.jane = with("jane", func(c *rest.Config) { c.BearerToken = s.tokens["jane@example.com"] })
	d.mallory = with("mallory", func(c *rest.Config) { c.BearerToken = s.tokens["mallory"]; c.UserAgent = "curl/8.14.1" })
	d.bot = with("ci-bot", func(c *rest.Config) {
		c.BearerToken = s.tokens["ci-bot"]
		c.UserAgent = "deploy-bot/3.1 (linux/amd64) client-go/v0.37.2"
	})
	d.nobody = with("anonymous", func(c *rest.Config) { c.UserAgent = "python-requests/2.32.4" })
	return d
}

func (d *driver) actor(name string, change func(*rest.Config)) *actor {
	config := d.server.config()
	change(config)
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { return &tagged{next, d, name} })
	client, err := rest.HTTPClientFor(config)
	must(err)
	a := &actor{name: name, config: config, http: client}
	a.core, err = kubernetes.NewForConfig(config)
	must(err)
	a.dynamic, err = dynamic.NewForConfig(config)
	must(err)
	a.crds, err = apiextensions.NewForConfig(config)
	must(err)
	return a
}

// tagged gives requests an audit ID, as any client may, and writes down which scenario it is of.
type tagged struct {
	next http.RoundTripper
	d    *driver
	name string
}

func (t *tagged) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Header.Get("Audit-ID") == "" {
		request = request.Clone(request.Context())
		request.Header.Set("Audit-ID", t.d.auditID())
	}
	answer, err := t.next.RoundTrip(request)
	code := 0
	if answer != nil {
		code = answer.StatusCode
	}
	t.d.wrote(request.Header.Get("Audit-ID"), t.name, request.Method, request.URL.String(), code, err)
	return answer, err
}

func (d *driver) auditID() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	a, b := d.ids.Uint64(), d.ids.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", a>>32, a>>16&0xffff, a&0xfff, 0x8000|b>>48&0x3fff, b&0xffffffffffff)
}

func (d *driver) wrote(id, user, method, url string, code int, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sent++
	if err != nil && code == 0 {
		d.unsent++
	}
	d.log.Encode(map[string]any{"scenario": d.scenario, "auditID": id, "user": user, "method": method, "url": url, "code": code})
}

// scene starts a scenario: everything planted and sent from here on belongs to it.
func (d *driver) scene(name string) {
	d.plant.mu.Lock()
	defer d.plant.mu.Unlock()
	d.scenario = name
	d.scenarios = append(d.scenarios, name)
}

// do sends one request as it stands; headers are pairs of name and value.
func (d *driver) do(a *actor, method, path, contentType, body string, headers ...string) (int, []byte) {
	ctx, cancel := context.WithTimeout(background, 60*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, a.config.Host+path, strings.NewReader(body))
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", d.scenario, err)
		d.unsent++
		return 0, nil
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	request.Header.Set("Accept", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	answer, err := a.http.Do(request)
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", d.scenario, err)
		return 0, nil
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(answer.Body, 16<<20))
	return answer.StatusCode, text
}

func (d *driver) get(a *actor, path string, headers ...string) (int, []byte) {
	return d.do(a, "GET", path, "", "", headers...)
}

func (d *driver) create(a *actor, path string, object any, headers ...string) (int, []byte) {
	code, text := d.do(a, "POST", path, plainJSON, js(object), headers...)
	return code, text
}

// ok is create for what the later requests need.
func (d *driver) ok(code int, text []byte) {
	if code/100 != 2 {
		fmt.Fprintf(os.Stderr, "%s: %d %.300s\n", d.scenario, code, text)
	}
}

func (d *driver) patch(a *actor, path, kind, body string, headers ...string) (int, []byte) {
	if strings.HasPrefix(kind, "application/apply") && !strings.Contains(path, "fieldManager=") {
		sign := "?"
		if strings.Contains(path, "?") {
			sign = "&"
		}
		path += sign + "fieldManager=kubectl&force=true"
	}
	return d.do(a, "PATCH", path, kind, body, headers...)
}

// raw writes a request byte for byte, for what Go's client refuses to send.
func (d *driver) raw(head string) {
	connection, err := tls.Dial("tcp", d.server.host, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"http/1.1"}})
	if err != nil {
		d.unsent++
		return
	}
	defer connection.Close()
	connection.SetDeadline(time.Now().Add(10 * time.Second))
	id := d.auditID()
	head = strings.Replace(head, "\r\n", "\r\nHost: "+d.server.host+"\r\nAudit-ID: "+id+"\r\nConnection: close\r\n", 1)
	io.WriteString(connection, head)
	answer, _ := io.ReadAll(io.LimitReader(connection, 1<<20))
	code := 0
	fmt.Sscanf(string(bytes.TrimPrefix(answer, []byte("HTTP/1.1 "))), "%d", &code)
	line, _, _ := strings.Cut(head, "\r\n")
	d.wrote(id, "raw", "raw", line, code, nil)
}

// watch reads a watch for a moment.
func (d *driver) watch(a *actor, path string) {
	ctx, cancel := context.WithTimeout(background, 1500*time.Millisecond)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, "GET", a.config.Host+path, nil)
	must(err)
	answer, err := a.http.Do(request)
	if err != nil {
		return
	}
	io.Copy(io.Discard, answer.Body)
	answer.Body.Close()
}

type m = map[string]any
type l = []any

func meta(name string, more ...m) m {
	out := m{"name": name}
	for _, members := range more {
		for key, value := range members {
			out[key] = value
		}
	}
	return out
}

func object(version, kind, name string, more m) m {
	out := m{"apiVersion": version, "kind": kind, "metadata": m{"name": name}}
	for key, value := range more {
		if key == "metadata" {
			for key, value := range value.(m) {
				out["metadata"].(m)[key] = value
			}
			continue
		}
		out[key] = value
	}
	return out
}

func secret(name string, more m) m    { return object("v1", "Secret", name, more) }
func configMap(name string, more m) m { return object("v1", "ConfigMap", name, more) }

// applied adds what `kubectl apply` writes: the object itself as an annotation.
func applied(object m) m {
	text := js(object)
	metadata := object["metadata"].(m)
	annotations, _ := metadata["annotations"].(m)
	if annotations == nil {
		annotations = m{}
	}
	annotations["kubectl.kubernetes.io/last-applied-configuration"] = text + "\n"
	metadata["annotations"] = annotations
	return object
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

var _ = net.IPv4len

func (d *driver) all() {
	d.setUp()
	d.secrets()
	d.secretPatches()
	d.secretFailures()
	d.configMaps()
	d.tokens()
	d.certificates()
	d.impersonation()
	d.access()
	d.admission()
	d.customResources()
	d.workloads()
	d.subresources()
	d.attacks()
	d.nested()
	d.large()
	d.everyday()
}

const (
	shop        = "/api/v1/namespaces/shop"
	shopSecrets = shop + "/secrets"
	shopMaps    = shop + "/configmaps"
)

// setUp makes the namespaces and rights the other scenarios need.
func (d *driver) setUp() {
	d.scene("set-up")
	for _, namespace := range []string{"shop", "till", "locked"} {
		labels := m{"team": d.keep("payments-emea")}
		if namespace == "locked" {
			labels["pod-security.kubernetes.io/enforce"] = "restricted"
			labels["pod-security.kubernetes.io/warn"] = "restricted"
		}
		d.ok(d.create(d.admin, "/api/v1/namespaces", object("v1", "Namespace", namespace, m{"metadata": m{"labels": labels}})))
		for _, account := range []string{"default", "till"} {
			d.ok(d.create(d.admin, "/api/v1/namespaces/"+namespace+"/serviceaccounts", object("v1", "ServiceAccount", account, nil)))
		}
	}
	d.ok(d.create(d.admin, "/apis/rbac.authorization.k8s.io/v1/clusterroles", object("rbac.authorization.k8s.io/v1", "ClusterRole", "shopkeeper", m{"rules": l{
		m{"apiGroups": l{"*"}, "resources": l{"*"}, "verbs": l{"*"}},
	}})))
	for _, subject := range []m{
		{"kind": "User", "name": "jane@example.com", "apiGroup": "rbac.authorization.k8s.io"},
		{"kind": "User", "name": "ci-bot", "apiGroup": "rbac.authorization.k8s.io"},
		{"kind": "ServiceAccount", "name": "till", "namespace": "shop"},
	} {
		d.ok(d.create(d.admin, "/apis/rbac.authorization.k8s.io/v1/namespaces/shop/rolebindings", object("rbac.authorization.k8s.io/v1", "RoleBinding", "keeps-"+d.id(), m{
			"roleRef":  m{"kind": "ClusterRole", "name": "shopkeeper", "apiGroup": "rbac.authorization.k8s.io"},
			"subjects": l{subject},
		})))
	}
	code, text := d.create(d.admin, shop+"/serviceaccounts/till/token", m{"kind": "TokenRequest", "apiVersion": "authentication.k8s.io/v1", "spec": m{"expirationSeconds": 3600}})
	d.ok(code, text)
	token := tokenIn(text)
	d.issued(token)
	d.till = d.actor("till", func(c *rest.Config) {
		c.BearerToken = token
		c.UserAgent = "till/2.7.1 (linux/amd64) kubernetes/$Format"
	})
	d.ok(d.get(d.till, shop+"/pods"))
}

func tokenIn(text []byte) string {
	var answer struct {
		Status struct{ Token string } `json:"status"`
	}
	json.Unmarshal(text, &answer)
	return answer.Status.Token
}
