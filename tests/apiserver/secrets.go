package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/fxamacker/cbor/v2"
	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	applyv1 "k8s.io/client-go/applyconfigurations/core/v1"
	"k8s.io/client-go/rest"
)

// helmRelease is what Helm 3 keeps in a Secret: JSON, gzipped, base64 twice (once by Helm).
func (d *driver) helmRelease(name string) m {
	release := m{
		"name": name, "version": 3, "namespace": "shop", "info": m{"status": "deployed"},
		"chart":    m{"metadata": m{"name": "till", "version": "1.2.3"}, "values": m{"db": m{"password": d.word()}}},
		"config":   m{"db": m{"password": d.word()}, "replicas": 3},
		"manifest": "apiVersion: v1\nkind: Secret\nmetadata:\n  name: till\nstringData:\n  k: " + d.word() + "\n",
	}
	return secret("sh.helm.release.v1."+name+".v3", m{
		"type":     "helm.sh/release.v1",
		"metadata": m{"labels": m{"owner": "helm", "status": "deployed", "version": "3", "name": d.keep(name)}},
		"data":     m{"release": b64(b64(string(gzipped([]byte(js(release))))))},
	})
}

// allSecrets are Secrets of every type the API knows, and of types others gave a meaning.
func (d *driver) allSecrets() []m {
	registry := func() string {
		return js(m{"auths": m{"registry.example.com": m{"username": "puller", "password": d.word(), "auth": b64("puller:" + d.word())}}})
	}
	legacy := js(m{"registry.example.com": m{"auth": b64("puller:" + d.word())}})
	certificate, key := certificate("till.shop.svc", nil, nil, nil)
	d.mu2(string(key))
	return []m{
		secret("opaque-"+d.id(), m{"data": m{"password": b64(d.value()), "user": b64(d.word()), ".hidden": b64(d.value())}}),
		secret("plain-"+d.id(), m{"stringData": m{"password": d.value(), "pin": d.number(), "config.yaml": "a: 1\nkey: " + d.word() + "\n"}}),
		secret("both-"+d.id(), m{"data": m{"k": b64(d.value())}, "stringData": m{"k": d.value(), "empty": ""}, "immutable": true}),
		secret("pull-"+d.id(), m{"type": "kubernetes.io/dockerconfigjson", "data": m{".dockerconfigjson": b64(registry())}}),
		secret("cfg-"+d.id(), m{"type": "kubernetes.io/dockercfg", "stringData": m{".dockercfg": legacy}}),
		secret("basic-"+d.id(), m{"type": "kubernetes.io/basic-auth", "stringData": m{"username": d.word(), "password": d.value()}}),
		secret("ssh-"+d.id(), m{"type": "kubernetes.io/ssh-auth", "stringData": m{"ssh-privatekey": d.key()}}),
		secret("tls-"+d.id(), m{"type": "kubernetes.io/tls", "stringData": m{"tls.crt": string(certificate), "tls.key": string(key)}}),
		secret("sa-"+d.id(), m{"type": "kubernetes.io/service-account-token",
			"metadata": m{"annotations": m{"kubernetes.io/service-account.name": "till"}},
			"data":     m{"token": b64(d.jwt()), "ca.crt": b64("ca"), "namespace": b64("shop")}}),
		secret("argo-"+d.id(), m{"metadata": m{"labels": m{"argocd.argoproj.io/secret-type": "cluster"}},
			"stringData": m{"name": "prod", "server": "https://10.1.2.3", "config": js(m{"bearerToken": d.word(), "tlsClientConfig": m{"keyData": b64(d.key())}})}}),
		secret("kubeconfig-"+d.id(), m{"stringData": m{"value": "apiVersion: v1\nkind: Config\nusers:\n- name: a\n  user:\n    token: " + d.word() + "\n"}}),
		d.helmRelease("till-" + d.id()),
	}
}

// mu2 remembers a private key made elsewhere by one of its lines.
func (d *driver) mu2(key string) {
	d.plant.mu.Lock()
	defer d.plant.mu.Unlock()
	d.remember("private-key", strings.Split(key, "\n")[1])
}

func nameOf(object m) string { return object["metadata"].(m)["name"].(string) }

func (d *driver) secrets() {
	d.scene("secrets/create")
	all := d.allSecrets()
	for i, object := range all {
		actor := []*actor{d.jane, d.till, d.admin}[i%3]
		d.ok(d.create(actor, shopSecrets, object))
	}
	d.scene("secrets/create-applied")
	for _, object := range d.allSecrets()[:5] {
		d.ok(d.create(d.jane, shopSecrets+"?fieldManager=kubectl-client-side-apply&fieldValidation=Strict", applied(object)))
	}
	d.scene("secrets/create-yaml")
	d.ok(d.do(d.jane, "POST", shopSecrets, "application/yaml",
		"apiVersion: v1\nkind: Secret\nmetadata:\n  name: yaml-"+d.id()+"\nstringData:\n  password: "+d.word()+"\n  block: |\n    "+d.word()+"\n"))
	d.scene("secrets/create-cbor")
	text, err := cbor.Marshal(secret("cbor-"+d.id(), m{"stringData": m{"k": d.word()}}))
	must(err)
	d.do(d.jane, "POST", shopSecrets, "application/cbor", string(text))
	d.scene("secrets/create-protobuf")
	proto := d.actor("jane-protobuf", func(c *rest.Config) {
		c.BearerToken = d.server.tokens["jane@example.com"]
		c.ContentType = "application/vnd.kubernetes.protobuf"
	})
	made, err := proto.core.CoreV1().Secrets("shop").Create(background, &v1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: "proto-" + d.id()}, StringData: map[string]string{"k": d.value()}, Data: map[string][]byte{"b": []byte(d.value())},
	}, metav1.CreateOptions{})
	must(err)
	_, err = proto.core.CoreV1().Secrets("shop").List(background, metav1.ListOptions{})
	must(err)

	d.scene("secrets/client-go")
	client := d.till.core.CoreV1().Secrets("shop")
	made.Data["b"] = []byte(d.value())
	made, err = client.Update(background, made, metav1.UpdateOptions{FieldManager: "till"})
	must(err)
	_, err = client.Apply(background, applyv1.Secret(made.Name, "shop").WithStringData(map[string]string{"k": d.value()}), metav1.ApplyOptions{FieldManager: "till", Force: true})
	must(err)
	_, err = client.Get(background, made.Name, metav1.GetOptions{})
	must(err)
	must(client.Delete(background, made.Name, metav1.DeleteOptions{}))

	d.scene("secrets/update")
	for _, object := range all[:2] {
		object["stringData"] = m{"password": d.value(), "new": d.value()}
		d.ok(d.do(d.jane, "PUT", shopSecrets+"/"+nameOf(object), plainJSON, js(object)))
		d.ok(d.do(d.jane, "PUT", shopSecrets+"/"+nameOf(object)+"?dryRun=All", plainJSON, js(applied(object))))
	}
	d.scene("secrets/get")
	d.ok(d.get(d.jane, shopSecrets+"/"+nameOf(all[0])))
	d.ok(d.get(d.till, shopSecrets+"/"+nameOf(all[3])+"?pretty=true"))
	d.scene("secrets/list")
	d.ok(d.get(d.jane, shopSecrets+"?limit=5"))
	d.ok(d.get(d.admin, "/api/v1/secrets?limit=500"))
	d.ok(d.get(d.jane, shopSecrets, "Accept", "application/yaml"))
	d.scene("secrets/table")
	for _, include := range []string{"Object", "Metadata", "None"} {
		d.ok(d.get(d.jane, shopSecrets+"?limit=3&includeObject="+include, "Accept", "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"))
	}
	d.scene("secrets/metadata-only")
	d.ok(d.get(d.jane, shopSecrets+"?limit=3", "Accept", "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"))
	d.scene("secrets/watch")
	d.watch(d.till, shopSecrets+"?watch=true&timeoutSeconds=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true")
	d.watch(d.till, "/api/v1/watch/namespaces/shop/secrets?timeoutSeconds=1")
	d.scene("secrets/delete")
	d.ok(d.do(d.jane, "DELETE", shopSecrets+"/"+nameOf(all[4]), plainJSON, js(m{"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Background"})))
	d.scene("secrets/delete-collection")
	for range 2 {
		d.ok(d.create(d.jane, shopSecrets, secret("bulk-"+d.id(), m{"metadata": m{"labels": m{"bulk": "yes"}}, "stringData": m{"k": d.value()}})))
	}
	d.ok(d.do(d.jane, "DELETE", shopSecrets+"?labelSelector=bulk%3Dyes", "", ""))

	d.scene("secrets/bootstrap-token")
	d.plant.mu.Lock()
	id, code := d.letters(lower+digits, 6), d.letters(lower+digits, 16)
	d.remember("bootstrap-token", code)
	d.plant.mu.Unlock()
	d.ok(d.create(d.admin, "/api/v1/namespaces/kube-system/secrets", secret("bootstrap-token-"+id, m{
		"type": "bootstrap.kubernetes.io/token",
		"stringData": m{"token-id": id, "token-secret": code, "usage-bootstrap-authentication": "true", "usage-bootstrap-signing": "true",
			"expiration":        time.Now().Add(time.Hour).UTC().Format(time.RFC3339),
			"auth-extra-groups": "system:bootstrappers:kubeadm:default-node-token"},
	})))
	time.Sleep(2 * time.Second) // the authenticator reads through an informer
	d.joiner = d.actor("joiner", func(c *rest.Config) {
		c.BearerToken = id + "." + code
		c.UserAgent = "kubeadm/v1.37.2 (linux/amd64) kubernetes/4d0b6a1"
	})
	d.get(d.joiner, "/api/v1/namespaces/kube-public/configmaps/cluster-info")
	d.get(d.joiner, "/api/v1/namespaces/kube-system/secrets")
}

func (d *driver) secretPatches() {
	make := func() (string, string) {
		value, name := d.value(), "patched-"+d.id()
		d.ok(d.create(d.jane, shopSecrets, secret(name, m{"data": m{"k": b64(value), "tls.key": b64(d.value())}, "metadata": m{"annotations": m{"note": "rotated by ops"}}})))
		return shopSecrets + "/" + name, value
	}
	send := func(scene, kind string, bodies func(old string) []string) {
		d.scene("secret-patches/" + scene)
		path, old := make()
		for _, body := range bodies(old) {
			if body != "" {
				d.patch(d.jane, path, kind, body)
			}
		}
	}
	send("merge", mergePatch, func(string) []string {
		return []string{
			js(m{"data": m{"k": b64(d.value())}}),
			js(m{"stringData": m{"k": d.value(), "pin": d.word()}}),
			js(m{"kind": "Secret", "apiVersion": "v1", "data": m{"k": nil, "n": b64(d.value())}}),
			js(m{"metadata": m{"annotations": m{"kubectl.kubernetes.io/last-applied-configuration": js(secret("x", m{"stringData": m{"k": d.value()}}))}}}),
			js(m{"metadata": m{"labels": m{"tier": d.keep("backend-blue")}}}),
		}
	})
	send("merge-misspelt", mergePatch, func(string) []string {
		return []string{
			js(m{"Data": m{"k": b64(d.value())}, "stringdata": m{"k": d.value()}}),
			js(m{"StringData": m{"k": d.word()}, "dаta": m{"k": d.word()}, "data ": m{"k": d.word()}, "d\u200bata": d.word()}),
			js(m{"spec": m{"password": d.word(), "x": l{d.word(), m{"y": d.word()}}}, "status": d.word(), "value": d.word()}),
			js(m{"$patch": d.word(), "$retainKeys": l{d.word()}, "": d.word()}),
		}
	})
	send("merge-duplicate-keys", mergePatch, func(string) []string {
		return []string{
			`{"data":{"k":"` + b64(d.word()) + `"},"data":{"k":"` + b64(d.word()) + `"}}`,
			`{"data":{"k":"` + b64(d.word()) + `","k":"` + b64(d.word()) + `","k":null}}`,
			`{"data":1,"stringData":{"k":"` + d.word() + `"},"stringData":{"j":"` + d.word() + `"},"data":{"k":"` + b64(d.word()) + `"}}`,
			`{"kind":"ConfigMap","kind":"Secret","data":{"k":"` + b64(d.word()) + `"},"metadata":{"name":"a"},"metadata":{"annotations":{"a":"` + d.token() + `"}}}`,
		}
	})
	send("merge-escaped", mergePatch, func(string) []string {
		return []string{
			`{"\u0064ata":{"\u006b":` + escaped(b64(d.word())) + `}}`,
			`{"d\u0061t\u0061":{"k":"` + b64(d.word()) + `"},"` + `\u0073tringData":{"k":` + escaped(d.word()) + `}}`,
			`{"stringData":{"\u0000":` + escaped(d.word()) + `,"\/k":"` + d.word() + `\u2028\u0000"}}`,
			`{"metadata":{"\u0061nnotations":{"n":` + escaped(d.token()) + `}}}`,
		}
	})
	send("merge-broken-text", mergePatch, func(string) []string {
		return []string{
			"{\"stringData\":{\"k\":\"\xff\xfe" + d.word() + "\xc0\xaf\"}}",
			`{"stringData":{"k":"\ud800` + d.word() + `\udfff","\ud83d":"` + d.word() + `"}}`,
			"{\"stringData\":{\"\xc3\x28\":\"" + d.word() + "\"},\"metadata\":{\"annotations\":{\"a\":\"\xed\xa0\x80" + d.token() + "\"}}}",
			"{\"x\xc0\xa2\":{\"k\":\"" + d.word() + "\"}}",
		}
	})
	send("merge-numbers", mergePatch, func(string) []string {
		return []string{
			`{"data":{"k":` + d.number() + `}}`,
			`{"stringData":{"k":` + d.number() + `.5e1,"l":-` + d.number() + `E400}}`,
			`{"stringData":` + d.number() + `}`,
			`{"data":["` + b64(d.word()) + `",{"k":"` + d.word() + `"}]}`,
			`{"data":"` + b64(d.word()) + `"}`,
		}
	})
	send("merge-deep", mergePatch, func(string) []string {
		return []string{
			`{"data":` + strings.Repeat(`{"a":`, 300) + `"` + d.word() + `"` + strings.Repeat("}", 300) + "}",
			`{"x":` + strings.Repeat(`[`, 5000) + `"` + d.word() + `"` + strings.Repeat("]", 5000) + "}",
			`{"x":` + strings.Repeat(`[`, 10500) + `"` + d.word() + `"` + strings.Repeat("]", 10500) + "}",
		}
	})
	send("merge-not-an-object", mergePatch, func(string) []string {
		return []string{`"` + d.word() + `"`, `["` + d.word() + `"]`, d.number(), `{"data":{"k":"` + d.word() + `"}`, `{"data":{"k":'` + d.word() + `'}}`, d.word(), `{"data":{"k":"` + d.word() + "\n\"}}"}
	})
	send("strategic", strategicPatch, func(string) []string {
		return []string{
			js(m{"data": m{"k": b64(d.value())}, "stringData": m{"s": d.value()}}),
			js(m{"data": m{"$patch": "replace", "k": b64(d.word())}}),
			js(m{"$retainKeys": l{"data"}, "data": m{"n": b64(d.word()), "k": nil}}),
			js(m{"data": m{"$patch": "delete", "k": b64(d.word())}}),
			js(m{"metadata": m{"$deleteFromPrimitiveList/finalizers": l{"x"}, "annotations": m{"x": d.token()}}}),
			`{"data":{"k":"` + b64(d.word()) + `"},"data":{"k":"` + b64(d.word()) + `"},"\u0064ata":{"k":"` + b64(d.word()) + `"}}`,
			js(m{"data": m{"k": d.word() + "!"}}),
			js(m{"data": m{"k": l{d.word()}}}),
			js(m{"dota": m{"k": d.word()}, "$setElementOrder/data": l{d.word()}}),
		}
	})
	send("json", jsonPatch, func(old string) []string {
		return []string{
			js(l{m{"op": "add", "path": "/data/n", "value": b64(d.value())}}),
			js(l{m{"op": "replace", "path": "/data/k", "value": b64(d.value())}, m{"op": "add", "path": "/stringData", "value": m{"s": d.value()}}}),
			js(l{m{"op": "test", "path": "/data/n", "value": b64(d.word())}}),
			js(l{m{"op": "add", "path": "/data/tls.key", "value": b64(d.value())}, m{"op": "remove", "path": "/data/k"}}),
			js(l{m{"op": "add", "path": "/data", "value": m{"k": b64(d.value()), "j": b64(d.value())}}}),
			js(l{m{"op": "add", "path": "/metadata/annotations", "value": m{"a~b/c": "x"}}, m{"op": "add", "path": "/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration", "value": js(secret("x", m{"stringData": m{"k": d.value()}}))}}),
			js(l{m{"op": "replace", "path": "", "value": secret("whole", m{"stringData": m{"k": d.value()}})}}),
			js(l{m{"op": "add", "path": "/~1data~0/k", "value": d.word()}, m{"op": "add", "path": "/stringData~1k", "value": d.word()}}),
			js(l{m{"op": "add", "path": "/spec/x", "value": d.word()}}),
			js(l{m{"op": "add", "path": "/metadata/labels", "value": m{"tier": d.keep("backend-green")}}}),
		}
	})
	send("json-copy", jsonPatch, func(old string) []string {
		return []string{
			js(l{m{"op": "copy", "from": "/data/k", "path": "/metadata/annotations/copied"}}),
			js(l{m{"op": "copy", "from": "/data/k", "path": "/data/other"}, m{"op": "move", "from": "/data/tls.key", "path": "/metadata/annotations/moved"}}),
			js(l{m{"op": "copy", "from": "/data/k", "path": "/metadata/labels/stolen"}}),
			js(l{m{"op": "copy", "from": "/data/k", "path": "/metadata/name"}}),
			js(l{m{"op": "copy", "from": "/data/k", "path": "/metadata/annotations/bad key!"}}),
			js(l{m{"op": "copy", "from": "/data/k", "path": "/type"}}),
			js(l{m{"op": "copy", "from": "/data/k", "path": "/immutable"}}),
			js(l{m{"op": "copy", "from": "/data/k", "path": "/metadata/creationTimestamp"}}),
			js(l{m{"op": "copy", "from": "/data/k", "path": "/metadata/resourceVersion"}}),
			js(l{m{"op": "copy", "from": "/data/k", "path": "/metadata/uid"}}),
			js(l{m{"op": "copy", "from": "/data/k", "path": "/metadata/finalizers"}}),
			js(l{m{"op": "copy", "from": "/data/k", "path": "/metadata/finalizers/0"}}),
			js(l{m{"op": "copy", "from": "/data/k", "path": "/kind"}}),
			js(l{m{"op": "copy", "from": "/data/k", "path": "/apiVersion"}}),
			js(l{m{"op": "copy", "from": "/data/k", "path": "/metadata/namespace"}}),
			js(l{m{"op": "copy", "from": "/data/k", "path": "/metadata/generation"}}),
			js(l{m{"op": "copy", "from": "/data", "path": "/metadata/annotations"}}),
		}
	})
	send("json-escaped", jsonPatch, func(old string) []string {
		return []string{
			`[{"\u006fp":"\u0061dd","p\u0061th":"\u002fdata\u002fk","v\u0061lue":` + escaped(b64(d.word())) + `}]`,
			`[{"op":"add","path":"/x","path":"/data/k","value":"` + b64(d.word()) + `"}]`,
			`[{"op":"add","path":"/data/k","path":"/metadata/labels/x","value":"` + d.word() + `","value":"` + b64(d.word()) + `"}]`,
			`[{"op":"add","path":"/data/k","value":"` + b64(d.word()) + `","Value":"` + b64(d.word()) + `","VALUE":"` + d.word() + `"}]`,
			`[{"Op":"add","Path":"/data/k","value":"` + b64(d.word()) + `"}]`,
			`[{"value":"` + b64(d.word()) + `","op":"add","path":"/data/k"},"` + d.word() + `",["` + d.word() + `"]]`,
			"[{\"op\":\"add\",\"path\":\"/data/k\xff\",\"value\":\"" + b64(d.word()) + "\"}]",
			`{"op":"add","path":"/data/k","value":"` + b64(d.word()) + `"}`,
		}
	})
	send("json-failing", jsonPatch, func(old string) []string {
		return []string{
			js(l{m{"op": "test", "path": "/data/k", "value": b64(d.word())}}),
			js(l{m{"op": "add", "path": "/data/a/b/c", "value": b64(d.word())}}),
			js(l{m{"op": "add", "path": "/data/k", "value": d.word() + "***"}}),
			js(l{m{"op": "add", "path": "/data/k", "value": m{"x": d.word()}}}),
			js(l{m{"op": "add", "path": "/stringData", "value": d.word()}}),
			js(l{m{"op": "frobnicate", "path": "/data/k", "value": d.word()}}),
			js(l{m{"op": "remove", "path": "/data/" + d.token()}}),
			js(l{m{"op": "add", "path": "/type", "value": d.token()}}),
		}
	})
	d.scene("secret-patches/apply")
	path, _ := make()
	for _, body := range []string{
		"apiVersion: v1\nkind: Secret\nstringData:\n  k: " + d.word() + "\n  text: |\n    line\n    " + d.word() + "\n",
		js(secret(path[strings.LastIndexByte(path, '/')+1:], m{"data": m{"k": b64(d.value())}})),
		"{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"data\":{\"k\":\"" + b64(d.word()) + "\",\"k\":\"" + b64(d.word()) + "\"}}",
		"apiVersion: v1\nkind: Secret\nstringData: {k: " + d.number() + "}\n",
		"apiVersion: v1\nkind: Secret\nstringData: {k: " + d.number() + ".25}\n",
		"apiVersion: v1\nkind: Secret\nstringData: " + d.word() + "\n",
		"apiVersion: v1\nkind: Secret\nstringData: [" + d.word() + "]\n",
		"apiVersion: v1\nkind: Secret\ndata: {k: {x: " + d.word() + "}}\n",
		"apiVersion: v1\nkind: Secret\ndata: {k: [" + d.word() + "," + d.number() + "]}\n",
		"apiVersion: v1\nkind: Secret\nimmutable: " + js(d.token()) + "\n",
		"apiVersion: v1\nkind: Secret\ntype: [" + js(d.token()) + "]\n",
		"apiVersion: v1\nkind: Secret\nstringdata: {k: " + d.word() + "}\n",
		"apiVersion: v1\nkind: Secret\n? {a: " + d.word() + "}\n: " + d.word() + "\n",
		"apiVersion: v1\nkind: Secret\nstringData: {k: \"" + d.word() + "\n",
		"apiVersion: v1\nkind: Secret\nstringData:\n\tk: " + d.word() + "\n",
		"apiVersion: v1\nkind: Secret\nstringData: {k: !!int " + d.word() + "}\n",
		"apiVersion: v1\nkind: Secret\nstringData: {k: &a " + d.word() + ", l: *b}\n",
		"apiVersion: v1\nkind: Secret\nstringData: {k: " + d.word() + ", k: " + d.word() + "}\n",
		d.word(),
	} {
		d.patch(d.jane, path, applyPatch, body)
	}
	d.scene("secret-patches/apply-cbor")
	text, err := cbor.Marshal(secret(path[strings.LastIndexByte(path, '/')+1:], m{"stringData": m{"k": d.word()}}))
	must(err)
	d.patch(d.jane, path, applyCBOR, string(text))
	d.patch(d.jane, path, applyCBOR, string(text[:len(text)-3]))
	d.scene("secret-patches/apply-conflict")
	d.patch(d.bot, path+"?fieldManager=other", applyPatch, "apiVersion: v1\nkind: Secret\nstringData:\n  k: "+d.word()+"\n")
	d.scene("secret-patches/apply-create")
	d.patch(d.bot, shopSecrets+"/applied-new", applyPatch, "apiVersion: v1\nkind: Secret\nmetadata:\n  name: applied-new\nstringData:\n  k: "+d.word()+"\n")
	d.scene("secret-patches/wrong-content-type")
	for _, kind := range []string{"application/json", "text/plain", "application/x-www-form-urlencoded", d.token()} {
		d.patch(d.jane, path, kind, js(m{"data": m{"k": b64(d.word())}}))
	}
	d.scene("secret-patches/subresource")
	d.patch(d.jane, path+"/status", mergePatch, js(m{"data": m{"k": b64(d.word())}}))
	d.patch(d.jane, path+"/data/k", mergePatch, js(m{"data": m{"k": b64(d.word())}}))
	d.scene("secret-patches/denied")
	d.patch(d.mallory, path, mergePatch, js(m{"data": m{"k": b64(d.word())}}))
	d.patch(d.nobody, path, jsonPatch, js(l{m{"op": "add", "path": "/data/k", "value": b64(d.word())}}))
	d.scene("secret-patches/missing")
	d.patch(d.jane, shopSecrets+"/no-such-secret", mergePatch, js(m{"data": m{"k": b64(d.word())}}))
}

func (d *driver) secretFailures() {
	try := func(scene string, bodies ...string) {
		d.scene("secret-failures/" + scene)
		for _, body := range bodies {
			d.do(d.jane, "POST", shopSecrets, plainJSON, body)
		}
	}
	open := func(members string) string {
		return `{"apiVersion":"v1","kind":"Secret","metadata":{"name":"fails"},` + members + "}"
	}
	d.scene("secret-failures/bad-base64")
	try("bad-base64",
		open(`"data":{"k":"`+d.word()+`!not base64"}`),
		open(`"data":{"k":`+d.number()+`}`),
		open(`"data":{"k":["`+d.word()+`"]}`),
		open(`"data":"`+d.word()+`"`),
		open(`"stringData":{"k":`+d.number()+`}`),
		open(`"stringData":{"k":{"x":"`+d.word()+`"}}`),
		open(`"stringData":"`+d.word()+`"`),
		open(`"immutable":`+js(d.token())))
	d.scene("secret-failures/bad-text")
	try("bad-text",
		open(`"stringData":{"k":"`+d.word()+`"`),
		open(`"stringData":{"k":"`+d.word()+`",}`),
		open(`"stringData":{"k":'`+d.word()+`'}`),
		`{"kind":"Secret",`+d.word(),
		d.word(), `"`+d.word()+`"`, `[{"kind":"Secret","stringData":{"k":"`+d.word()+`"}}]`,
		"kind: Secret\nstringData:\n  k: "+d.word())
	d.scene("secret-failures/invalid")
	try("invalid",
		open(`"stringData":{"bad key!":"`+d.word()+`"}`),
		open(`"stringData":{"`+d.token()+`":"`+d.word()+`"}`),
		open(`"type":"kubernetes.io/dockerconfigjson","stringData":{".dockerconfigjson":"`+d.word()+`"}`),
		open(`"type":"kubernetes.io/dockerconfigjson","stringData":{".dockerconfigjson":"{\"auths\":{\"a\":{\"auth\":\"`+d.word()+`\"}"}`),
		open(`"type":"kubernetes.io/dockercfg","stringData":{"x":"`+d.word()+`"}`),
		open(`"type":"kubernetes.io/tls","stringData":{"tls.crt":"`+d.word()+`"}`),
		open(`"type":"kubernetes.io/basic-auth","stringData":{"x":"`+d.word()+`"}`),
		open(`"type":"kubernetes.io/ssh-auth","stringData":{"ssh-privatekey":"","x":"`+d.word()+`"}`),
		open(`"type":"kubernetes.io/service-account-token","stringData":{"token":"`+d.word()+`"}`))
	d.scene("secret-failures/strict")
	for _, validation := range []string{"Strict", "Warn", "Ignore", d.token()} {
		d.do(d.jane, "POST", shopSecrets+"?dryRun=All&fieldValidation="+strings.NewReplacer(" ", "%20", "+", "%2B", "#", "%23").Replace(validation), plainJSON,
			open(`"stringdata":{"k":"`+d.word()+`"},"Data":{"k":"`+d.word()+`"},"stringData":{"k":"`+d.word()+`","k":"`+d.word()+`"},"spec":{"`+d.token()+`":1}`))
	}
	d.scene("secret-failures/wrong-kind")
	try("wrong-kind",
		`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"fails"},"data":{"k":"`+d.word()+`"}}`,
		`{"apiVersion":"v2","kind":"Secret","metadata":{"name":"fails"},"stringData":{"k":"`+d.word()+`"}}`,
		`{"apiVersion":"v1","kind":"`+d.token()+`","metadata":{"name":"fails"},"stringData":{"k":"`+d.word()+`"}}`,
		`{"metadata":{"name":"kindless-`+d.id()+`"},"stringData":{"k":"`+d.word()+`"}}`,
		`{"kind":"List","apiVersion":"v1","items":[{"apiVersion":"v1","kind":"Secret","stringData":{"k":"`+d.word()+`"}}]}`,
		`{"kind":"SecretList","apiVersion":"v1","items":[{"stringData":{"k":"`+d.word()+`"}}]}`)
	d.scene("secret-failures/bad-metadata")
	d.do(d.jane, "POST", shopSecrets, plainJSON, `{"apiVersion":"v1","kind":"Secret","metadata":{"name":"Bad_`+d.token()+`"},"stringData":{"k":"`+d.word()+`"}}`)
	d.do(d.jane, "POST", shopSecrets, plainJSON, `{"apiVersion":"v1","kind":"Secret","metadata":{"name":"fails","labels":{"a":`+js(d.token()+" !")+`}},"stringData":{"k":"`+d.word()+`"}}`)
	d.do(d.jane, "POST", shopSecrets, plainJSON, `{"apiVersion":"v1","kind":"Secret","metadata":{"name":"fails","creationTimestamp":`+js(d.token())+`},"stringData":{"k":"`+d.word()+`"}}`)
	d.do(d.jane, "POST", shopSecrets, plainJSON, `{"apiVersion":"v1","kind":"Secret","metadata":{"name":"fails","namespace":"till"},"stringData":{"k":"`+d.word()+`"}}`)
	d.scene("secret-failures/immutable")
	name := "fixed-" + d.id()
	d.ok(d.create(d.jane, shopSecrets, secret(name, m{"immutable": true, "stringData": m{"k": d.value()}})))
	d.do(d.jane, "PUT", shopSecrets+"/"+name, plainJSON, js(secret(name, m{"stringData": m{"k": d.value()}})))
	d.patch(d.jane, shopSecrets+"/"+name, mergePatch, js(m{"stringData": m{"k": d.value()}}))
	d.patch(d.jane, shopSecrets+"/"+name, mergePatch, js(m{"type": d.token(), "immutable": false}))
	d.scene("secret-failures/exists")
	d.create(d.jane, shopSecrets, secret(name, m{"stringData": m{"k": d.value()}}))
	d.scene("secret-failures/denied")
	d.create(d.mallory, shopSecrets, secret("denied-"+d.id(), m{"stringData": m{"k": d.value()}}))
	d.create(d.nobody, shopSecrets, secret("denied-"+d.id(), m{"stringData": m{"k": d.value()}}))
	d.get(d.mallory, shopSecrets+"/"+name)
	d.get(d.mallory, "/api/v1/secrets")
	d.scene("secret-failures/no-namespace")
	d.create(d.admin, "/api/v1/namespaces/nowhere/secrets", secret("lost", m{"stringData": m{"k": d.value()}}))
	d.scene("secret-failures/too-large")
	d.create(d.jane, shopSecrets, secret("big", m{"stringData": m{"k": d.word() + strings.Repeat("x", 1<<20)}}))
}

func (d *driver) configMaps() {
	d.scene("config-maps/all")
	name := "settings-" + d.id()
	path := shopMaps + "/" + name
	d.ok(d.create(d.jane, shopMaps, applied(configMap(name, m{
		"metadata":   m{"labels": m{"app": "till"}},
		"data":       m{"app.properties": "db.password=" + d.word() + "\nlevel=info\n", "k": d.value(), "key.pem": d.key()},
		"binaryData": m{"blob": b64(string(gzipped([]byte(d.word()))))},
	}))))
	for _, body := range []string{js(m{"data": m{"k": d.value()}}), js(m{"data": m{"k": d.number(), "l": d.word()}, "binaryData": m{"b": b64(d.word())}}), `{"data":{"k":` + d.number() + `}}`,
		`{"d\u0061ta":{"k":"` + d.word() + `"},"data":{"k":"` + d.word() + `"}}`} {
		d.patch(d.jane, path, mergePatch, body)
		d.patch(d.jane, path, strategicPatch, body)
	}
	d.patch(d.jane, path, jsonPatch, js(l{m{"op": "add", "path": "/data/n", "value": d.value()}}))
	d.patch(d.jane, path, applyPatch, "apiVersion: v1\nkind: ConfigMap\ndata:\n  k: "+d.word()+"\n")
	d.patch(d.jane, path, applyPatch, "apiVersion: v1\nkind: ConfigMap\ndata:\n  k: "+d.number()+"\n")
	d.get(d.jane, path)
	d.get(d.jane, shopMaps)
	d.get(d.jane, shopMaps+"?includeObject=Object", "Accept", "application/json;as=Table;v=v1;g=meta.k8s.io")
	d.watch(d.till, shopMaps+"?watch=true&timeoutSeconds=1")
	d.do(d.jane, "POST", shopMaps, plainJSON, `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"fails"},"data":{"bad key!":"`+d.word()+`"},"binaryData":{"k":"`+d.word()+`"}}`)
	d.do(d.jane, "POST", shopMaps, plainJSON, `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"fails"},"data":{"k":`+d.number()+`}}`)
	d.do(d.jane, "DELETE", path, "", "")
	d.scene("config-maps/copied")
	// In later events a copy in an annotation is a text like any other: nothing reads this one again.
	name = "copied-" + d.id()
	d.ok(d.create(d.jane, shopMaps, configMap(name, m{"metadata": m{"annotations": m{"team": "till"}}, "data": m{"k": d.value()}})))
	d.patch(d.jane, shopMaps+"/"+name, jsonPatch, js(l{m{"op": "copy", "from": "/data/k", "path": "/metadata/annotations/copied"}}))
	d.do(d.jane, "DELETE", shopMaps+"/"+name, "", "")
	d.scene("config-maps/labels")
	d.ok(d.create(d.jane, shopMaps, applied(configMap("labelled-"+d.id(), m{"metadata": m{"labels": m{"app": d.keep("till-frontend")}}, "data": m{"k": d.value()}}))))
	d.scene("config-maps/rancher-style")
	d.create(d.jane, shopMaps, configMap("objectset-"+d.id(), m{"metadata": m{"annotations": m{
		"objectset.rio.cattle.io/applied": b64(string(gzipped([]byte(js(secret("x", m{"stringData": m{"k": d.word()}})))))),
		"kapp.k14s.io/original":           js(secret("x", m{"data": m{"k": b64(d.word())}})),
	}}}))
	_ = fmt.Sprint
}
