package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/remotecommand"
	"k8s.io/streaming/pkg/httpstream"
	"sigs.k8s.io/yaml"
)

// attack is one row of detections.yaml, where its members are explained.
type attack struct {
	Name      string   `json:"name"`
	Of        string   `json:"of"`
	Given     []step   `json:"given,omitempty"`
	Ask       []step   `json:"ask"`
	Raises    []string `json:"raises"`
	Also      []string `json:"also,omitempty"`
	NearMiss  []step   `json:"near-miss"`
	Refused   []step   `json:"refused,omitempty"`
	RefusedAs *who     `json:"refused-as,omitempty"`
	DryRun    string   `json:"dry-run,omitempty"`
	Needs     string   `json:"needs,omitempty"`
}

// step is one request.
type step struct {
	Get      string            `json:"get,omitempty"`
	Post     string            `json:"post,omitempty"`
	Put      string            `json:"put,omitempty"`
	Patch    string            `json:"patch,omitempty"`
	Delete   string            `json:"delete,omitempty"`
	Create   any               `json:"create,omitempty"`
	Manifest string            `json:"manifest,omitempty"`
	Exec     *exec             `json:"exec,omitempty"`
	Body     any               `json:"body,omitempty"`
	Type     string            `json:"type,omitempty"`
	Headers  map[string]string `json:"headers,omitempty"`
	As       *who              `json:"as,omitempty"`
	Keep     bool              `json:"keep-token,omitempty"`
}

type exec struct {
	Pod     string   `json:"pod"`
	Command []string `json:"command"`
	By      string   `json:"by"`
}

// who is a client: one of the users, somebody with a certificate, or the holder of the kept token.
type who struct {
	Name        string   `json:"name,omitempty"`
	Certificate string   `json:"certificate,omitempty"`
	Groups      []string `json:"groups,omitempty"`
	Token       bool     `json:"token,omitempty"`
	From        string   `json:"from,omitempty"`
}

// detections sends what a file says, each attack with its twins, and writes down which request was
// what. It is an error when the server answers otherwise than the label says: a twin that is to be
// refused and is not would prove nothing.
type detections struct {
	*driver
	ca, caKey []byte
	folder    string
	kinds     apimeta.RESTMapper
	token     string
	requests  []labelled
	wrong     []string
}

// labelled is a request and what it is of.
type labelled struct {
	Attack  string `json:"attack"`
	Twin    string `json:"twin"`
	AuditID string `json:"auditID"`
	Verb    string `json:"verb"`
	Code    int    `json:"code"`
}

func playAttacks(out, file, level string) error {
	if out == "" {
		return fmt.Errorf("--out is missing")
	}
	if err := os.MkdirAll(out, 0o700); err != nil {
		return err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	kubelet, err := startKubelet()
	if err != nil {
		return err
	}
	defer os.RemoveAll(kubelet.folder)
	var all struct {
		SetUp   []step   `json:"set-up"`
		Attacks []attack `json:"attacks"`
	}
	if err := yaml.UnmarshalStrict(text, &all); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	plant := newPlant(uint64(len(level)), false)
	// Nothing listens there: what the webhook sends is of no interest.
	server, err := startServer(out, "http://127.0.0.1:9/", level, plant, kubelet.flags...)
	if err != nil {
		return err
	}
	requests, err := os.Create(filepath.Join(out, "requests.ndjson"))
	if err != nil {
		return err
	}
	defer requests.Close()
	d := &detections{driver: newDriver(server, plant, nil, requests), ca: server.ca, caKey: server.caKey, folder: filepath.Dir(file)}
	if err := d.discover(); err != nil {
		return err
	}
	d.setUp(all.SetUp)
	for _, attack := range all.Attacks {
		d.twins(attack)
	}
	if err := server.stop(); err != nil {
		return err
	}
	written, err := json.MarshalIndent(m{"level": level, "attacks": all.Attacks, "requests": d.requests}, "", " ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(out, "labels.json"), append(written, '\n'), 0o600); err != nil {
		return err
	}
	fmt.Printf("level %s: %d attacks, %d requests of them and their twins\n", level, len(all.Attacks), len(d.requests))
	if len(d.wrong) > 0 {
		return fmt.Errorf("the server did not do as the labels say:\n%s", strings.Join(d.wrong, "\n"))
	}
	return nil
}

func (d *detections) discover() error {
	config := d.server.config()
	config.CertData, config.KeyData = d.server.adminCert, d.server.adminKey
	client, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return err
	}
	groups, err := restmapper.GetAPIGroupResources(client)
	d.kinds = restmapper.NewDiscoveryRESTMapper(groups)
	return err
}

// setUp does what attacks need, and waits until jane may do it all.
func (d *detections) setUp(steps []step) {
	for _, step := range steps {
		d.given(named(step, ""), "set-up", "set-up")
	}
	for range 100 {
		if code, _ := d.do(d.client(nil), "GET", "/api/v1/secrets?limit=1", "", ""); code == 200 {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	d.wrong = append(d.wrong, "jane may do nothing")
}

// twins plays an attack and what only looks like it. What changes nothing comes first.
func (d *detections) twins(a attack) {
	done := func(code int) bool { return code/100 == 2 || code == 101 }
	forbidden := func(code int) bool { return code == 401 || code == 403 }
	play := func(twin, id string, steps []step, as *who, fits func(int) bool) {
		d.token = ""
		if twin != "again" {
			for _, step := range a.Given {
				d.given(named(step, id), a.Name, twin)
			}
		}
		last := 0
		for _, step := range steps {
			step = named(step, id)
			if as != nil {
				step.As = as
			}
			if step.As != nil && step.As.Token && d.token == "" {
				break // Nobody was given one.
			}
			if strings.HasSuffix(twin, "dry-run") {
				step = dry(step)
			}
			last = d.send(step, a.Name, twin, false)
			if twin != "refused" && !fits(last) {
				d.wrong = append(d.wrong, fmt.Sprintf("%s, %s: %d", a.Name, twin, last))
			}
		}
		if twin == "refused" && !fits(last) {
			d.wrong = append(d.wrong, fmt.Sprintf("%s, refused: %d", a.Name, last))
		}
	}
	switch {
	case a.DryRun == "ignored":
		play("ignored-dry-run", d.id(), a.Ask, nil, done)
	case a.DryRun == "fails":
		play("failed-dry-run", d.id(), a.Ask, nil, func(code int) bool { return code == 400 })
	case writes(a.Ask):
		play("dry-run", d.id(), a.Ask, nil, done)
	}
	if a.Refused != nil {
		play("refused", d.id(), a.Refused, nil, forbidden)
	} else {
		as := a.RefusedAs
		if as == nil {
			as = &who{Name: "mallory"}
		}
		play("refused", d.id(), a.Ask, as, forbidden)
	}
	play("near-miss", d.id(), a.NearMiss, nil, done)
	id := d.id()
	play("attack", id, a.Ask, nil, done)
	if onlyCreates(a.Ask) {
		play("again", id, a.Ask, nil, func(code int) bool { return code == 409 })
	}
}

func writes(steps []step) bool {
	for _, step := range steps {
		if step.Get == "" && step.Exec == nil {
			return true
		}
	}
	return false
}

func onlyCreates(steps []step) bool {
	for _, step := range steps {
		if step.Create == nil && step.Manifest == "" {
			return false
		}
	}
	return true
}

// dry asks only what would happen, or claims to.
func dry(s step) step {
	for _, path := range []*string{&s.Get, &s.Post, &s.Put, &s.Patch, &s.Delete} {
		if *path != "" && strings.Contains(*path, "?") {
			*path += "&dryRun=All"
		} else if *path != "" {
			*path += "?dryRun=All"
		}
	}
	if s.Create != nil || s.Manifest != "" || s.Exec != nil {
		s.Type = "dry"
	}
	return s
}

var requestOf = regexp.MustCompile(`\$CSR\(([^)]*)\)`)

// named puts names into a step that no other step has, and certificate requests where some are asked for.
func named(s step, id string) step {
	text, err := json.Marshal(s)
	must(err)
	text = []byte(strings.ReplaceAll(string(text), "$ID", id))
	text = requestOf.ReplaceAllFunc(text, func(found []byte) []byte {
		private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		must(err)
		name := requestOf.FindSubmatch(found)[1]
		der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: string(name)}}, private)
		must(err)
		return []byte(b64(string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}))))
	})
	s = step{}
	must(json.Unmarshal(text, &s))
	return s
}

// given is what has to be before an attack; it is done by the owner of the cluster and not judged.
func (d *detections) given(s step, attack, twin string) {
	if s.As == nil {
		s.As = &who{Name: "root"}
	}
	if code := d.send(s, attack, twin, true); code/100 != 2 {
		d.wrong = append(d.wrong, fmt.Sprintf("%s, %s, given: %d", attack, twin, code))
	}
}

// client is who sends a request; each is a new one, so that addresses are those asked for.
func (d *detections) client(w *who) *actor {
	if w == nil {
		w = &who{Name: "jane"}
	}
	return d.actor(w.Name, func(c *rest.Config) {
		switch {
		case w.Token:
			c.BearerToken = d.token
		case w.Certificate != "":
			c.CertData, c.KeyData = certificate(w.Certificate, w.Groups, d.ca, d.caKey)
		case w.Name == "root":
			c.CertData, c.KeyData = d.server.adminCert, d.server.adminKey
		default:
			c.BearerToken = d.server.tokens[map[string]string{"jane": "jane@example.com"}[w.Name]]
			if c.BearerToken == "" {
				c.BearerToken = d.server.tokens[w.Name]
			}
		}
		if w.From != "" {
			c.Dial = (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(w.From)}}).DialContext
		}
	})
}

// send sends a step and says how it was answered. Of several objects the worst answer counts.
func (d *detections) send(s step, attack, twin string, given bool) int {
	d.scene(attack + " " + twin)
	a := d.client(s.As)
	one := func(verb, path string, body any, contentType string) int {
		text := ""
		if body != nil {
			text = js(body)
			if contentType == "" {
				contentType = plainJSON
			}
		}
		id := d.auditID()
		headers := []string{"Audit-ID", id}
		for name, value := range s.Headers {
			headers = append(headers, name, value)
		}
		code, answer := d.do(a, verb, path, contentType, text, headers...)
		if s.Keep {
			d.token = tokenIn(answer)
		}
		if !given {
			d.requests = append(d.requests, labelled{attack, twin, id, verb, code})
		}
		if code >= 400 && (given || twin == "attack" || twin == "near-miss") {
			fmt.Fprintf(os.Stderr, "%s, %s: %s %s: %d %.300s\n", attack, twin, verb, path, code, answer)
		}
		return code
	}
	objects := func(objects []*unstructured.Unstructured) int {
		worst := 0
		for _, object := range objects {
			path, err := d.path(object)
			must(err)
			if s.Type == "dry" {
				path += "?dryRun=All"
			}
			worst = max(worst, one("POST", path, object.Object, ""))
		}
		return worst
	}
	switch {
	case s.Manifest != "":
		found, err := objectsOf(filepath.Join(d.folder, s.Manifest))
		must(err)
		return objects(found)
	case s.Create != nil:
		return objects([]*unstructured.Unstructured{{Object: s.Create.(m)}})
	case s.Exec != nil:
		return d.exec(a, *s.Exec, s.Type == "dry", attack, twin)
	case s.Get != "":
		return one("GET", s.Get, nil, "")
	case s.Post != "":
		return one("POST", s.Post, s.Body, s.Type)
	case s.Put != "":
		return one("PUT", s.Put, s.Body, s.Type)
	case s.Patch != "":
		return one("PATCH", s.Patch, s.Body, s.Type)
	default:
		return one("DELETE", s.Delete, s.Body, s.Type)
	}
}

// path is where an object of this kind is created; without a namespace it is in `shop`.
func (d *detections) path(object *unstructured.Unstructured) (string, error) {
	kind := object.GroupVersionKind()
	mapping, err := d.kinds.RESTMapping(schema.GroupKind{Group: kind.Group, Kind: kind.Kind}, kind.Version)
	if err != nil {
		return "", err
	}
	path := "/apis/" + kind.Group + "/" + kind.Version
	if kind.Group == "" {
		path = "/api/" + kind.Version
	}
	if mapping.Scope.Name() == apimeta.RESTScopeNameNamespace {
		namespace := object.GetNamespace()
		if namespace == "" {
			namespace = "shop"
		}
		path += "/namespaces/" + namespace
	}
	return path + "/" + mapping.Resource.Resource, nil
}

// exec runs a command as kubectl does: by a WebSocket since 1.30, or by SPDY before.
func (d *detections) exec(a *actor, e exec, claimsDry bool, attack, twin string) int {
	values := url.Values{"command": e.Command, "container": {"till"}, "stdout": {"true"}}
	if claimsDry {
		values.Set("dryRun", "All")
	}
	target, err := url.Parse(a.config.Host + shop + "/pods/" + e.Pod + "/exec?" + values.Encode())
	must(err)
	id, code, verb := d.auditID(), 0, "POST"
	config := rest.CopyConfig(a.config)
	config.Wrap(func(next http.RoundTripper) http.RoundTripper {
		return roundTrip(func(request *http.Request) (*http.Response, error) {
			request.Header.Set("Audit-ID", id)
			answer, err := next.RoundTrip(request)
			if answer != nil {
				code = answer.StatusCode
			}
			return answer, err
		})
	})
	var run remotecommand.Executor
	if e.By == "websocket" {
		verb = "GET"
		run, err = remotecommand.NewWebSocketExecutor(config, verb, target.String())
	} else {
		run, err = remotecommand.NewSPDYExecutor(config, verb, target)
	}
	must(err)
	err = run.StreamWithContext(background, remotecommand.StreamOptions{Stdout: os.Stderr})
	var refused *httpstream.UpgradeFailureError
	var status apierrors.APIStatus
	if errors.As(err, &refused) && errors.As(refused.Cause, &status) {
		code = int(status.Status().Code)
	} else if err != nil {
		fmt.Fprintf(os.Stderr, "%s, %s: %v\n", attack, twin, err)
	}
	d.requests = append(d.requests, labelled{attack, twin, id, verb, code})
	return code
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(request *http.Request) (*http.Response, error) { return f(request) }
