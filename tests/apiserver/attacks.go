package main

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/tools/remotecommand"
	"k8s.io/client-go/transport/spdy"
)

func query(text string) string { return url.QueryEscape(text) }

// doubled percent-encodes every byte twice.
func doubled(text string) string {
	var out strings.Builder
	for _, b := range []byte(text) {
		fmt.Fprintf(&out, "%%25%02X", b)
	}
	return out.String()
}

// subresources runs commands, forwards ports and goes through proxies. The kubelet is one that
// refuses everything, so all of it fails, after it was authorised and logged.
func (d *driver) subresources() {
	d.scene("subresources/pod")
	_, port, err := net.SplitHostPort(strings.TrimPrefix(d.hooks.url, "https://"))
	must(err)
	number, err := strconv.Atoi(port)
	must(err)
	d.ok(d.create(d.admin, "/api/v1/nodes", object("v1", "Node", "node-17.example.com", m{"status": m{
		"addresses": l{m{"type": "InternalIP", "address": "127.0.0.1"}}, "daemonEndpoints": m{"kubeletEndpoint": m{"Port": number}}}})))
	pod := object("v1", "Pod", "target-"+d.id(), m{"spec": m{"nodeName": "node-17.example.com", "containers": l{m{"name": "till", "image": "till:1"}}}})
	d.ok(d.create(d.jane, shop+"/pods", pod))
	path := shop + "/pods/" + nameOf(pod)
	arguments := func(words ...string) string {
		values := url.Values{"command": words, "container": {"till"}, "stdin": {"true"}, "stdout": {"true"}, "tty": {"true"}}
		return "?" + values.Encode()
	}
	d.scene("subresources/exec")
	commands := [][]string{
		{"mysql", "--password=" + d.word(), "-u", "root"},
		{"mysql", "--password", d.word()},
		{"sh", "-c", "PGPASSWORD=" + d.word() + " psql -h db"},
		{"curl", "-H", "Authorization: Bearer " + d.word() + d.word(), "http://vault/"},
		{"env", "API_TOKEN=" + d.word(), "run", "--verbose"},
		{"sh", "-c", "echo " + d.token() + " > /tmp/x"},
		{"cat", d.keep("/var/log/till/current.log")},
		{"git", "clone", "https://x:" + d.word() + "@git.example.com/r.git"},
	}
	for _, command := range commands {
		target, err := url.Parse(d.jane.config.Host + path + "/exec" + arguments(command...))
		must(err)
		for _, make := range []func() (remotecommand.Executor, error){
			func() (remotecommand.Executor, error) {
				return remotecommand.NewSPDYExecutor(d.jane.config, "POST", target)
			},
			func() (remotecommand.Executor, error) {
				return remotecommand.NewWebSocketExecutor(d.jane.config, "GET", target.String())
			},
		} {
			if run, err := make(); err == nil {
				run.StreamWithContext(background, remotecommand.StreamOptions{Stdout: os.Stderr, Stdin: strings.NewReader(""), Tty: true})
			}
		}
		d.get(d.jane, path+"/exec"+arguments(command...))
	}
	d.do(d.jane, "POST", path+"/exec?command=sh&command=-c&c%6fmmand="+doubled("x="+d.token())+"&stdin=1", "", "")
	d.scene("subresources/attach")
	d.do(d.jane, "POST", path+"/attach?container="+query(d.token())+"&stdin=true", "", "")
	d.get(d.mallory, path+"/attach?container=till")
	d.scene("subresources/portforward")
	transport, upgrader, err := spdy.RoundTripperFor(d.jane.config)
	must(err)
	target, err := url.Parse(d.jane.config.Host + path + "/portforward")
	must(err)
	dialer := spdy.NewDialer(upgrader, &http.Client{Transport: transport, Timeout: 10 * time.Second}, "POST", target)
	if forward, err := portforward.New(dialer, []string{"0:8080"}, make(chan struct{}), make(chan struct{}), nil, nil); err == nil {
		forward.ForwardPorts()
	}
	d.scene("subresources/proxy")
	for _, base := range []string{path + "/proxy", shop + "/services/https:token-service:443/proxy", "/api/v1/nodes/node-17.example.com/proxy", "/api/v1/nodes/https:node-17.example.com:10250/proxy"} {
		d.get(d.jane, base+"/login?user=jane&password="+query(d.value())+"&page="+d.keep("checkout-2"))
		d.do(d.jane, "POST", base+"/api?access_token="+d.word()+"&x="+query(d.token()), plainJSON, js(m{"password": d.word()}))
		d.get(d.jane, base+"/"+url.PathEscape(d.token())+"/x")
		d.get(d.jane, base+"/run?cmd="+query("curl -H 'Authorization: Bearer "+d.word()+d.word()+"'"))
		d.get(d.jane, base+"/cb#access_token=x", "X-Ignored", "x")
		d.get(d.jane, base+"/x?p%61ssword="+d.word()+"&api%5Fkey="+doubled(d.word()))
	}
	d.scene("subresources/log")
	d.get(d.jane, path+"/log?container=till&follow=true&tailLines=10")
	d.get(d.jane, path+"/log?container="+query(d.token()))
}

// attacks are requests that try to get a secret past the filter by way of the envelope.
func (d *driver) attacks() {
	pods := shop + "/pods"
	d.scene("attacks/anonymous")
	for _, path := range []string{"/api/v1/secrets", "/", "/version", pods + "?token=" + d.word(), "/.env?api_key=" + d.word(), "/api/v1/../../etc/passwd", "/%2e%2e/secret"} {
		d.get(d.nobody, path)
	}
	d.scene("attacks/bad-token")
	for _, value := range []string{"Bearer " + d.word(), "Bearer " + d.jwt(), d.basic(), "Token " + d.word()} {
		d.get(d.nobody, pods, "Authorization", value)
	}
	d.scene("attacks/user-agent")
	for _, agent := range []string{
		"kubectl/v1.37.2 token=" + d.word(), d.token(), "x " + d.token() + " y", "curl/8 (" + query(d.token()) + ")",
		strings.Repeat("a", 1000) + d.jwt(), strings.Repeat("b", 900) + " " + d.token() + strings.Repeat("c", 400), b64(d.token()),
		"x\xff\xfe " + d.token(), "ü " + d.token(), `{"password":"` + d.word() + `"}`, `\u0022` + d.token(), "api_key=" + d.word() + ";x",
	} {
		d.get(d.jane, pods+"?limit=1", "User-Agent", agent)
	}
	d.scene("attacks/audit-id")
	for _, id := range []string{d.token(), d.jwt(), "x-" + d.token() + "-y", strings.Repeat("z", 3000) + d.token()} {
		d.get(d.jane, pods+"?limit=1", "Audit-ID", id)
	}
	d.scene("attacks/duplicate-audit-id")
	same := d.auditID()
	for range 3 {
		d.get(d.jane, pods+"?limit=1", "Audit-ID", same)
	}
	d.scene("attacks/source-ips")
	d.get(d.jane, pods+"?limit=1", "X-Forwarded-For", "203.0.113.9, "+d.token()+", 198.51.100.7")
	d.get(d.jane, pods+"?limit=1", "X-Real-Ip", d.token())
	d.get(d.jane, pods+"?limit=1", "X-Forwarded-For", d.keep("203.0.113.77"))
	d.scene("attacks/query")
	for _, tail := range []string{
		"?labelSelector=" + query("app="+d.nameToken()), "?labelSelector=" + query(d.token()), "?fieldSelector=" + query("metadata.name="+d.token()),
		"?resourceVersion=" + query(d.token()), "?continue=" + query(d.token()), "?continue=" + b64(d.token()), "?limit=" + query(d.token()), "?timeoutSeconds=" + query(d.token()),
		"?watch=" + query(d.token()) + "&timeoutSeconds=1", "?pretty=" + query(d.token()), "?x=" + doubled(d.token()), "?x=" + doubled(doubled(d.token())), "?" + query(d.token()), "?" + query(d.token()) + "=1",
		"?token=" + d.word(), "?access_token=" + d.word() + "&limit=1", "?client_secret=" + doubled(d.word()), "?p%61ssword=" + d.word(), "?pass%E2%80%8Bword=" + d.word(), "?x=1;password=" + d.word(), "?password=" + d.word() + "%00" + d.word(),
		"?sig=x&sv=2020&x=%FF%FE" + query(d.token()), "?allowWatchBookmarks=" + query(d.token()), "?sendInitialEvents=" + query(d.token()), "?shardSelector=" + query(d.token()),
	} {
		d.get(d.jane, pods+tail)
	}
	d.scene("attacks/torn-names")
	// The server splits the decoded path at slashes: a URL becomes several names.
	for range 3 {
		torn := func() string { return url.PathEscape("https://deploy:" + d.word() + "@git.example.com/shop.git") }
		for _, path := range []string{
			"/api/v1/namespaces/" + torn() + "/secrets", pods + "/" + torn(), shopSecrets + "/" + torn(), "/apis/" + torn() + "/v1/x", "/apis/example.com/v1/" + torn(), "/api/v1/nodes/" + torn() + "/proxy",
			"/api/v1/namespaces/https:%2F%2Fdeploy%253A" + d.word() + "%2540git.example.com/pods", pods + "/https://deploy:" + d.word() + "@git.example.com/x",
			pods + "?fieldSelector=" + query("metadata.name=https://deploy:"+d.word()+"@git.example.com"),
			shopMaps + "/" + url.PathEscape(d.token()), "/api/v1/namespaces/" + query(d.token()) + "/pods/" + doubled(d.token()),
		} {
			d.get(d.jane, path)
			d.do(d.mallory, "DELETE", path, "", "")
			d.get(d.nobody, path)
		}
	}
	d.scene("attacks/names")
	for _, name := range []string{d.nameToken(), "x." + d.nameToken(), query(d.pathToken()), doubled(d.pathToken()), url.PathEscape(d.jwt()), "%FF" + d.nameToken(), d.token()[:0] + "Invalid_Name"} {
		d.get(d.jane, pods+"/"+name)
		d.get(d.jane, shopSecrets+"/"+name)
		d.do(d.jane, "DELETE", shopMaps+"/"+name, "", "")
		d.get(d.mallory, "/api/v1/namespaces/"+name+"/secrets")
		d.get(d.mallory, "/apis/example.com/v1/"+name)
	}
	d.create(d.jane, shopSecrets, secret(d.nameToken(), m{"stringData": m{"k": d.word()}}))
	d.create(d.jane, shopMaps, configMap("map-"+d.id(), m{"metadata": m{"labels": m{d.nameToken(): "x", "x": d.nameToken()}, "annotations": m{"example.com/x": d.token(), d.nameToken(): "y"}, "finalizers": l{"example.com/" + d.nameToken()}}, "data": m{d.nameToken(): "x"}}))
	d.create(d.jane, shop+"/pods", object("v1", "Pod", "gen", m{"metadata": m{"generateName": d.nameToken() + "-", "name": ""}, "spec": m{"containers": l{m{"name": "x", "image": "x"}}}}))
	d.scene("attacks/paths")
	for _, path := range []string{"/apis/" + d.nameToken() + "/v1/x", "/api/v1/" + query(d.token()), "/" + query(d.token()), "/oauth/token/implicit?code=" + d.word() + "&client_secret=" + d.word(), "//api//v1//secrets?token=" + d.word(), "/api/v1/namespaces/shop/secrets/../configmaps/x?token=" + d.word()} {
		d.get(d.jane, path)
		d.do(d.mallory, "POST", path, plainJSON, js(m{"kind": "Secret", "stringData": m{"k": d.word()}}))
	}
	d.scene("attacks/headers")
	d.get(d.jane, pods, "Accept", "application/"+d.token())
	d.do(d.jane, "POST", pods, "application/"+d.token(), "{}")
	d.do(d.jane, "POST", pods+"?fieldManager="+query(d.token()), plainJSON, js(object("v1", "Pod", "managed-"+d.id(), m{"spec": m{"containers": l{m{"name": "x", "image": "x"}}}})))
	d.do(d.jane, "POST", pods+"?dryRun="+query(d.token()), plainJSON, "{}")
	d.do(d.jane, "DELETE", pods+"/none?propagationPolicy="+query(d.token())+"&gracePeriodSeconds="+query(d.token()), "", "")
	d.do(d.jane, "DELETE", pods+"/none", plainJSON, js(m{"kind": "DeleteOptions", "apiVersion": "v1", "preconditions": m{"uid": d.token(), "resourceVersion": d.token()}, "token": d.word()}))
	d.get(d.jane, pods+"?watch=1&timeoutSeconds=1", "Connection", "Upgrade", "Upgrade", "websocket", "Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==",
		"Sec-WebSocket-Protocol", "base64url.bearer.authorization.k8s.io."+base64.RawURLEncoding.EncodeToString([]byte(d.jwt())))
	d.scene("attacks/verbs")
	for _, verb := range []string{"OPTIONS", "HEAD", "TRACE", "PROPFIND", "SECRET"} {
		d.do(d.jane, verb, shopSecrets+"?token="+d.word(), "", "")
	}
	d.scene("attacks/raw")
	bearer := "\r\nAuthorization: Bearer " + d.server.tokens["jane@example.com"] + "\r\n\r\n"
	d.raw("GET " + pods + "?x=\xff\xfe" + d.token() + "&password=" + d.word() + " HTTP/1.1" + bearer)
	d.raw("GET " + pods + "?x=<b>\"" + d.token() + "\"&token=<" + d.word() + "> HTTP/1.1" + bearer)
	// Words would be no secret here: `\u0070assword` with a backslash is the name of nothing.
	d.raw("GET " + pods + "?\\u0070assword=" + d.token() + "&pass\\u0077ord=" + d.token() + " HTTP/1.1" + bearer)
	d.raw("GET https://jane:" + d.word() + "@kubernetes.default.svc" + pods + " HTTP/1.1" + bearer)
	d.raw("GET " + pods + "?token=" + d.word() + "?password=" + d.word() + " HTTP/1.0" + bearer)
	d.raw("GET " + pods + " HTTP/1.1\r\nUser-Agent: \x80\xff" + d.token() + "\u2028" + bearer)
	d.scene("attacks/secret-in-plain-sight")
	// A value of a Secret, said again where any text may stand, in the same request.
	for range 6 {
		value := d.word()
		d.create(d.jane, shopSecrets, secret("plain-sight-"+d.id(), m{"stringData": m{"k": value}, "metadata": m{"annotations": m{"note": "it was " + value, "b64": b64(value)}, "labels": m{"l": value}}}))
	}
	_ = rand.IntN
}

// nested hides documents in strings, and those in encodings.
func (d *driver) nested() {
	document := func() string {
		return js(secret("inner", m{"stringData": m{"k": d.word()}}))
	}
	wraps := []func(string) string{
		func(s string) string { return s }, b64, func(s string) string { return b64(b64(s)) },
		func(s string) string { return b64(string(gzipped([]byte(s)))) },
		func(s string) string { return b64(b64(string(gzipped([]byte(s))))) },
		func(s string) string { return js(m{"doc": s}) }, func(s string) string { return js(l{js(m{"doc": b64(s)})}) },
		func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) },
		func(s string) string { return "prefix " + s + " suffix" },
		func(s string) string { return s + "\n---\n" + s },
	}
	for scene, names := range map[string][]string{"nested/annotations": {"kubectl.kubernetes.io/last-applied-configuration", "example.com/backup", "kapp.k14s.io/original"}} {
		d.scene(scene)
		for _, name := range names {
			for _, wrap := range wraps {
				d.create(d.jane, shop+"/serviceaccounts", object("v1", "ServiceAccount", "nest-"+d.id(), m{"metadata": m{"annotations": m{name: wrap(document())}}}))
			}
		}
	}
	d.scene("nested/token")
	for _, wrap := range append(wraps, hexed, query, doubled) {
		d.create(d.jane, shop+"/serviceaccounts", object("v1", "ServiceAccount", "nest-"+d.id(), m{"metadata": m{"annotations": m{"example.com/x": wrap(d.token())}}}))
	}
	d.scene("nested/python")
	for _, text := range []string{
		"{'user': 'till', 'password': '" + d.word() + "', 'zone': '" + d.keep("eu-python-1a") + "'}", `{'password': "it's ` + d.word() + `"}`, "run(**{u'api_token': u'" + d.word() + "'})",
		"{\n  'db-password' : '" + d.word() + "\\'\"" + d.word() + "',\n  'pin': 4\n}", "[{'token': " + d.number() + "}]", "prefix\t{b'secret': b'" + d.word() + "'}",
	} {
		d.create(d.jane, shop+"/serviceaccounts", object("v1", "ServiceAccount", "nest-"+d.id(), m{"metadata": m{"annotations": m{"example.com/x": text}}}))
		d.create(d.jane, "/apis/example.com/v1/namespaces/shop/widgets", object("example.com/v1", "Widget", "nest-"+d.id(), m{"spec": m{"note": text, "doc": js(m{"log": text})}}))
		d.get(d.jane, shop+"/pods"+"?note="+query(text))
	}
	d.scene("nested/keys")
	// No ordinary text below: a name that says `password` hints, whatever else stands in it.
	for _, key := range []string{document(), js(m{"password": d.word()}), js(l{m{"x": js(m{"apiKey": d.word()})}}), " " + document()} {
		d.create(d.jane, "/apis/example.com/v1/namespaces/shop/widgets", object("example.com/v1", "Widget", "nest-"+d.id(), m{"spec": m{key: 1, js(m{"free": d.keep("in-a-key-document")}): 1}}))
	}
	d.scene("nested/bomb")
	bomb := b64(string(gzipped([]byte(strings.Repeat("0", 20<<20)))))
	d.create(d.jane, shop+"/serviceaccounts", object("v1", "ServiceAccount", "bomb-"+d.id(), m{"metadata": m{"annotations": m{"example.com/x": bomb, "example.com/y": d.token()}}}))
	d.scene("nested/deep")
	text := document()
	for range 7 {
		text = js(m{"d": text})
	}
	d.create(d.jane, shop+"/serviceaccounts", object("v1", "ServiceAccount", "nest-"+d.id(), m{"metadata": m{"annotations": m{"example.com/x": text}}}))
}

// large sends bodies up to and beyond what the server takes.
func (d *driver) large() {
	d.scene("large/secret")
	filler := strings.Repeat("lorem ipsum dolor ", 60000)[:1<<20-100]
	d.ok(d.create(d.jane, shopSecrets, secret("large-"+d.id(), m{"stringData": m{"k": filler[:len(filler)-20] + d.word()}})))
	d.scene("large/config-map")
	d.ok(d.create(d.jane, shopMaps, configMap("large-"+d.id(), m{"data": m{"k": d.word() + filler[:1000000]}})))
	d.scene("large/custom")
	values := m{"password": d.word(), "text": filler[:1000000], "after": d.token()}
	for i := range 2000 {
		values[fmt.Sprintf("member%d", i)] = l{i, "x", m{"apiKey": "same-" + values["password"].(string)}}
	}
	d.ok(d.create(d.jane, "/apis/example.com/v1/namespaces/shop/widgets", object("example.com/v1", "Widget", "large-"+d.id(), m{"spec": values})))
	d.scene("large/too-large")
	d.create(d.jane, shopMaps, configMap("huge", m{"data": m{"k": d.word() + strings.Repeat("x", 3<<20)}}))
	d.scene("large/many-keys")
	data := m{}
	for i := range 5000 {
		data[fmt.Sprintf("key-%d", i)] = b64("v" + fmt.Sprint(i))
	}
	data["last"] = b64(d.word())
	d.ok(d.create(d.jane, shopSecrets, secret("many-"+d.id(), m{"data": data})))
	d.scene("large/patch")
	d.patch(d.jane, shopMaps+"/none", mergePatch, `{"data":{"k":"`+d.word()+filler[:500000]+`"}}`)
}
