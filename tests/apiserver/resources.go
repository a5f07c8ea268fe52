package main

import (
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// customResources defines kinds and makes objects of them that hold secrets in all sorts of places.
func (d *driver) customResources() {
	const crds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
	define := func(group, kind, plural string, spec m) {
		d.ok(d.create(d.admin, crds, object("apiextensions.k8s.io/v1", "CustomResourceDefinition", plural+"."+group, m{"spec": m{
			"group": group, "scope": "Namespaced", "names": m{"kind": kind, "plural": plural, "singular": strings.ToLower(kind)},
			"versions": l{m{"name": "v1", "served": true, "storage": true,
				"subresources": m{"status": m{}, "scale": m{"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"}},
				"schema":       m{"openAPIV3Schema": m{"type": "object", "properties": m{"spec": spec, "status": m{"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}}}}}})))
	}
	d.scene("custom/definitions")
	open := m{"type": "object", "x-kubernetes-preserve-unknown-fields": true}
	define("example.com", "Widget", "widgets", open)
	define("example.org", "Secret", "secrets", m{"type": "object", "x-kubernetes-preserve-unknown-fields": true, "description": d.keep("credentials of the till, see handbook")})
	define("strict.example.com", "Account", "accounts", m{"type": "object", "properties": m{
		"password": m{"type": "string", "maxLength": 8, "pattern": "^[A-Z]+$", "default": "NONE"},
		"apiKey":   m{"type": "string", "enum": l{"none"}},
		"pin":      m{"type": "integer"},
		"token":    m{"type": "string", "x-kubernetes-validations": l{m{"rule": "size(self) < 4", "messageExpression": "'token ' + self + ' is too long'"}}},
	}})
	d.create(d.admin, "/apis/apiregistration.k8s.io/v1/apiservices", object("apiregistration.k8s.io/v1", "APIService", "v1.metrics.example.com", m{"spec": m{
		"group": "metrics.example.com", "version": "v1", "groupPriorityMinimum": 100, "versionPriority": 100, "insecureSkipTLSVerify": true, "service": m{"name": "metrics", "namespace": "shop"}}}))
	d.get(d.jane, "/apis/metrics.example.com/v1/pods?token="+d.word())
	const widgets = "/apis/example.com/v1/namespaces/shop/widgets"
	for range 50 {
		if code, _ := d.get(d.admin, widgets); code == 200 {
			break
		}
		time.Sleep(200 * time.Millisecond)
	}
	time.Sleep(time.Second)
	widget := func(spec m) m { return object("example.com/v1", "Widget", "widget-"+d.id(), m{"spec": spec}) }

	d.scene("custom/hinted")
	first := widget(m{"password": d.value(), "auth": m{"clientSecret": d.value(), "apiKey": d.word()}, "replicas": 3, "image": d.keep("registry.example.com/shop/widget:2.0"),
		"env":               l{m{"name": "DB_PASSWORD", "value": d.value()}, m{"name": "LOG_LEVEL", "value": d.keep("debug-verbose")}},
		"passwordSecretRef": m{"name": d.keep("db-credentials-ref"), "key": "password"}, "tokenExpirationSeconds": 3607})
	d.ok(d.create(d.jane, widgets, first))
	for range 6 {
		d.ok(d.create(d.jane, widgets, applied(widget(m{"credentials": d.value(), "connectionString": d.value(), "tokens": l{d.word(), d.word()}}))))
	}
	path := widgets + "/" + nameOf(first)
	d.scene("custom/patches")
	for _, body := range []string{
		js(m{"spec": m{"password": d.value(), "token": d.number()}}),
		`{"spec":{"p\u0061ssword":"` + d.word() + `","password":` + escaped(d.word()) + `,"PassWord":"` + d.word() + `","pass_word":"` + d.word() + `"}}`,
		`{"spec":{"password":"` + d.word() + `"},"spec":{"password":"` + d.word() + `"}}`,
		`{"spec":{"ｐａｓｓｗｏｒｄ":"` + d.word() + `","pass\u200bword":"` + d.word() + `"}}`,
		"{\"spec\":{\"password\":\"\xff" + d.word() + "\"}}",
		`{"spec":` + strings.Repeat(`{"a":`, 150) + `{"password":"` + d.word() + `"}` + strings.Repeat("}", 150) + "}",
		js(m{"spec": m{"free": d.token(), "list": l{d.token(), m{"x": d.token()}}, d.token(): 1}}),
		`{"spec":{"free":` + escaped(d.token()) + `}}`,
	} {
		d.patch(d.jane, path, mergePatch, body)
	}
	for _, operations := range []l{
		{m{"op": "add", "path": "/spec/password", "value": d.value()}},
		{m{"op": "add", "path": "/spec/env/0/value", "value": d.value()}, m{"op": "replace", "path": "/spec/replicas", "value": 5}},
		{m{"op": "copy", "from": "/spec/password", "path": "/metadata/annotations/x"}},
		{m{"op": "test", "path": "/spec/password", "value": d.word()}},
		{m{"op": "add", "path": "/spec", "value": m{"clientSecret": d.value()}}},
	} {
		d.patch(d.jane, path, jsonPatch, js(operations))
	}
	d.patch(d.jane, path, strategicPatch, js(m{"spec": m{"password": d.word()}}))
	d.patch(d.jane, path, applyPatch, "apiVersion: example.com/v1\nkind: Widget\nspec:\n  password: "+d.word()+"\n  apiToken: "+d.number()+"\n")
	d.patch(d.jane, path+"/status", mergePatch, js(m{"status": m{"message": "connected with " + d.token(), "sessionToken": d.word(), "phase": d.keep("Reconciled-ok")}}))
	d.do(d.jane, "PUT", path+"/scale", plainJSON, js(m{"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": m{"name": nameOf(first), "namespace": "shop"}, "spec": m{"replicas": 4}}))
	d.get(d.jane, path)
	d.get(d.jane, widgets)
	d.get(d.jane, widgets+"?includeObject=Object", "Accept", "application/json;as=Table;v=v1;g=meta.k8s.io")
	d.watch(d.till, widgets+"?watch=true&timeoutSeconds=1")

	d.scene("custom/embedded")
	kubeconfig := "apiVersion: v1\nkind: Config\nusers:\n- name: a\n  user:\n    client-key-data: " + b64(d.key()) + "\n    token: " + d.word() + "\n"
	for _, spec := range []m{
		{"manifest": secret("inner", m{"data": m{"k": b64(d.value())}, "stringData": m{"k": d.value()}})},
		{"manifests": l{configMap("inner", m{"data": m{"k": d.value()}}), secret("inner", m{"stringData": m{"k": d.value()}})}},
		{"workload": m{"manifests": l{m{"apiVersion": "v1", "kind": "List", "items": l{secret("inner", m{"stringData": m{"k": d.word()}})}}}}},
		{"raw": js(secret("inner", m{"stringData": m{"k": d.value()}}))},
		{"raw": "apiVersion: v1\nkind: Secret\nmetadata:\n  name: inner\nstringData:\n  k: " + d.word() + "\n"},
		{"raw": b64(js(secret("inner", m{"stringData": m{"k": d.value()}})))},
		{"raw": b64(string(gzipped([]byte(js(secret("inner", m{"stringData": m{"k": d.word()}}))))))},
		{"raw": js(m{"x": js(m{"y": js(secret("inner", m{"stringData": m{"k": d.word()}}))})})},
		{"helm": m{"values": m{"db": m{"password": d.word(), "host": d.keep("db.till.internal")}}}},
		{"values": "db:\n  password: " + d.word() + "\n  host: db\n"},
		{"parameters": l{m{"name": "db.password", "value": d.value()}, m{"name": "image.tag", "value": d.keep("v9.8.7-rc3")}}},
		{"provider": m{"barbican": m{"auth": m{"password": m{"value": d.word()}, "username": m{"value": "till"}}}}},
		{"provider": m{"fake": m{"data": l{m{"key": "/db/password", "value": d.word()}}}}},
		{"kubeconfig": kubeconfig}, {"userData": "#cloud-config\nchpasswd:\n  list: root:x\npassword: " + d.word() + "\n"},
		{"template": m{"type": "Opaque", "data": m{"password": d.word()}}, "encryptedData": m{"k": d.keep("AgBy3i4OJSWK+PiTySYZZA9rO43cGDEq")}},
	} {
		d.ok(d.create(d.jane, widgets, widget(spec)))
	}
	d.scene("custom/named-secret")
	d.create(d.jane, "/apis/example.org/v1/namespaces/shop/secrets", object("example.org/v1", "Secret", "odd-"+d.id(), m{"spec": m{"stringData": m{"password": d.word()}}}))
	d.scene("custom/client-go")
	_, err := d.till.dynamic.Resource(schema.GroupVersionResource{Group: "example.com", Version: "v1", Resource: "widgets"}).Namespace("shop").
		Create(background, &unstructured.Unstructured{Object: widget(m{"apiKey": d.word()})}, v1.CreateOptions{})
	must(err)
	d.scene("custom/invalid")
	const accounts = "/apis/strict.example.com/v1/namespaces/shop/accounts"
	// A token in the object, not a word: an object below a hinting name mostly refers to a secret
	// (`password: {secretKeyRef: …}`), and its members are judged by their own names.
	for _, spec := range []m{
		{"password": d.word()}, {"password": d.number()}, {"apiKey": d.word()}, {"pin": d.token()}, {"token": d.word()}, {"password": m{"x": d.token()}},
		{"password": "pa\"ss\\" + d.word() + "<&>"}, {"token": "tab\t\"" + d.word() + "\" \\ end ✓"}, {"password": l{d.word()}}, {"unknownPassword": d.word()},
	} {
		d.create(d.jane, accounts+"?fieldValidation=Strict", object("strict.example.com/v1", "Account", "account-"+d.id(), m{"spec": spec}))
	}
	d.do(d.jane, "POST", accounts, plainJSON, `{"apiVersion":"strict.example.com/v1","kind":"Account","metadata":{"name":"x"},"spec":{"pin":4711,"apiKey":`+d.number()+`}}`)
	d.patch(d.jane, accounts+"/new-"+d.id(), applyPatch, "apiVersion: strict.example.com/v1\nkind: Account\nspec:\n  password: "+d.number()+"\n")
	d.patch(d.jane, accounts+"/new-"+d.id(), applyPatch, "apiVersion: strict.example.com/v1\nkind: Account\nspec:\n  password: {a: "+js(d.token())+"}\n")
	d.patch(d.jane, accounts+"/new-"+d.id(), applyPatch, "apiVersion: strict.example.com/v1\nkind: Account\nspec:\n  pin: "+js(d.token())+"\n")
	d.scene("custom/delete-collection")
	d.do(d.jane, "DELETE", widgets+"?fieldSelector="+"metadata.name%3D"+nameOf(first), "", "")
}

// container is one with secrets wherever a container may have them, and with ordinary settings.
func (d *driver) container() m {
	return m{"name": "till", "image": d.keep("registry.example.com/shop/backend@sha256:9b2c3d4e5f60718293a4b5c6d7e8f9000112233445566778899aabbccddeeff0"),
		"env": l{m{"name": "DB_PASSWORD", "value": d.value()}, m{"name": "API_KEY", "value": d.word()}, m{"name": "LOG_FORMAT", "value": d.keep("json-lines")},
			m{"name": "DATABASE_URL", "value": "postgres://till:" + d.word() + "@db/till"}, m{"name": "NOTE", "value": d.token()},
			m{"name": "SESSION_TOKEN", "valueFrom": m{"secretKeyRef": m{"name": d.keep("session-store-keys"), "key": "token"}}}},
		"args":           l{"--listen=:8080", "--db-password=" + d.word(), "--api-token", d.word(), "--zone", d.keep("eu-west-9a"), d.token()},
		"command":        l{"/bin/sh", "-c", "exec till --password " + d.word() + " --verbose"},
		"livenessProbe":  m{"httpGet": m{"path": d.keep("/healthz/till"), "port": 8080, "httpHeaders": l{m{"name": "Authorization", "value": "Bearer " + d.value()}, m{"name": "X-Api-Key", "value": d.word()}, m{"name": "Accept", "value": d.keep("application/vnd.till+json")}}}},
		"readinessProbe": m{"exec": m{"command": l{"redis-cli", "-a", "x", "--pass", "x", "--password", d.word(), "ping"}}},
		"lifecycle":      m{"preStop": m{"exec": m{"command": l{"curl", "-H", "Authorization: Bearer " + d.word() + d.word(), "http://localhost/stop?token=" + d.word()}}}},
	}
}

func (d *driver) podSpec() m {
	return m{"containers": l{d.container()}, "initContainers": l{m{"name": "init", "image": "busybox:1", "env": l{m{"name": "INIT_SECRET", "value": d.value()}}}},
		"volumes": l{m{"name": "csi", "csi": m{"driver": "secrets-store.csi.k8s.io", "volumeAttributes": m{"clientSecret": d.word(), "secretProviderClass": d.keep("till-vault-provider")}}},
			m{"name": "flex", "flexVolume": m{"driver": "x/cifs", "options": m{"username": "till", "password": d.word()}}},
			m{"name": "s", "secret": m{"secretName": d.keep("till-tls-bundle")}}},
		"serviceAccountName": "till", "nodeSelector": m{"disk": d.keep("nvme-fast")}}
}

// workloads makes everything that runs containers, and changes it.
func (d *driver) workloads() {
	d.scene("workloads/pod")
	pod := object("v1", "Pod", "till-"+d.id(), m{"spec": d.podSpec()})
	d.ok(d.create(d.jane, shop+"/pods", applied(pod)))
	path := shop + "/pods/" + nameOf(pod)
	d.get(d.jane, path)
	d.get(d.jane, shop+"/pods?limit=2")
	d.scene("workloads/ephemeral")
	d.patch(d.jane, path+"/ephemeralcontainers", strategicPatch, js(m{"spec": m{"ephemeralContainers": l{m{"name": "debug", "image": "busybox:1", "targetContainerName": "till",
		"env": l{m{"name": "DEBUG_TOKEN", "value": d.value()}}, "command": l{"sh", "-c", "PASSWORD=" + d.word() + " run"}}}}}))
	d.scene("workloads/pod-subresources")
	d.patch(d.jane, path+"/status", strategicPatch, js(m{"status": m{"message": "cannot log in with " + d.token(), "reason": d.keep("CrashLoop-login")}}))
	d.create(d.jane, path+"/binding", m{"apiVersion": "v1", "kind": "Binding", "metadata": m{"name": nameOf(pod)}, "target": m{"kind": "Node", "name": d.keep("node-17.example.com")}})
	d.patch(d.jane, path+"/resize", strategicPatch, js(m{"spec": m{"containers": l{m{"name": "till", "resources": m{"requests": m{"cpu": "100m"}}}}}}))
	d.scene("workloads/pod-immutable")
	changed := m{}
	for key, value := range pod {
		changed[key] = value
	}
	changed["spec"] = d.podSpec()
	d.do(d.jane, "PUT", path, plainJSON, js(changed))
	d.patch(d.jane, path, jsonPatch, js(l{m{"op": "replace", "path": "/spec/containers/0/env/0/value", "value": d.word()}}))
	d.scene("workloads/eviction")
	d.create(d.jane, path+"/eviction", m{"apiVersion": "policy/v1", "kind": "Eviction", "metadata": m{"name": nameOf(pod), "namespace": "shop"}})
	d.scene("workloads/invalid")
	broken := d.podSpec()
	broken["containers"].(l)[0].(m)["env"] = l{m{"name": "DB PASSWORD=", "value": d.word()}, m{"name": "API_TOKEN", "value": d.word(), "valueFrom": m{"fieldRef": m{"fieldPath": "x"}}}}
	broken["containers"].(l)[0].(m)["livenessProbe"].(m)["httpGet"].(m)["httpHeaders"] = l{m{"name": "Bad Header " + d.token(), "value": d.token()}}
	d.create(d.jane, shop+"/pods", object("v1", "Pod", "broken", m{"spec": broken}))
	d.do(d.jane, "POST", shop+"/pods", plainJSON, `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"x"},"spec":{"containers":[{"name":"a","env":[{"name":"DB_PASSWORD","value":`+d.number()+`}]}]}}`)
	d.create(d.jane, shop+"/pods", object("v1", "Pod", "quantity", m{"spec": m{"containers": l{m{"name": "a", "image": "b", "resources": m{"limits": m{"cpu": d.token()}}}}}}))

	template := func() m { return m{"metadata": m{"labels": m{"app": "till"}}, "spec": d.podSpec()} }
	selector := m{"matchLabels": m{"app": "till"}}
	apps, batch := "/apis/apps/v1/namespaces/shop/", "/apis/batch/v1/namespaces/shop/"
	claim := func() m {
		t := template()
		delete(t["spec"].(m), "initContainers")
		t["spec"].(m)["restartPolicy"] = "Never"
		return t
	}
	d.scene("workloads/controllers")
	deployment := object("apps/v1", "Deployment", d.keep("password-reset-frontend"), m{"spec": m{"replicas": 3, "selector": selector, "template": template()}})
	d.ok(d.create(d.bot, apps+"deployments", applied(deployment)))
	d.ok(d.create(d.admin, apps+"replicasets", object("apps/v1", "ReplicaSet", "till-"+d.id(), m{"spec": m{"replicas": 1, "selector": selector, "template": template()}})))
	d.ok(d.create(d.admin, apps+"statefulsets", object("apps/v1", "StatefulSet", "till-"+d.id(), m{"spec": m{"serviceName": "till", "selector": selector, "template": template()}})))
	d.ok(d.create(d.admin, apps+"daemonsets", object("apps/v1", "DaemonSet", "till-"+d.id(), m{"spec": m{"selector": selector, "template": template()}})))
	d.ok(d.create(d.bot, batch+"jobs", object("batch/v1", "Job", "till-"+d.id(), m{"spec": m{"template": claim()}})))
	d.ok(d.create(d.bot, batch+"cronjobs", object("batch/v1", "CronJob", "till-"+d.id(), m{"spec": m{"schedule": d.keep("17 4 * * 2"), "jobTemplate": m{"spec": m{"template": claim()}}}})))
	d.ok(d.create(d.admin, shop+"/replicationcontrollers", object("v1", "ReplicationController", "till-"+d.id(), m{"spec": m{"selector": m{"app": "till"}, "template": template()}})))
	d.ok(d.create(d.admin, shop+"/podtemplates", object("v1", "PodTemplate", "till-"+d.id(), m{"template": template()})))
	d.ok(d.create(d.admin, apps+"controllerrevisions", object("apps/v1", "ControllerRevision", "till-"+d.id(), m{"revision": 1, "data": m{"spec": m{"template": template()}}})))
	d.ok(d.create(d.admin, apps+"controllerrevisions", object("apps/v1", "ControllerRevision", "odd-"+d.id(), m{"revision": 2, "data": secret("x", m{"stringData": m{"k": d.word()}})})))

	d.scene("workloads/patches")
	path = apps + "deployments/" + nameOf(deployment)
	d.ok(d.patch(d.bot, path, strategicPatch, js(m{"spec": m{"template": m{"spec": m{"containers": l{m{"name": "till", "env": l{m{"name": "DB_PASSWORD", "value": d.value()}, m{"name": "NEW_SECRET", "value": d.value()}}, "image": d.keep("registry.example.com/shop/backend:2.0.1")}}}}}})))
	d.ok(d.patch(d.bot, path, strategicPatch, js(m{"spec": m{"template": m{"spec": m{"containers": l{m{"name": "till", "env": l{m{"$patch": "replace"}, m{"name": "PGPASSWORD", "value": d.value()}}}}}}}})))
	d.patch(d.bot, path, jsonPatch, js(l{m{"op": "replace", "path": "/spec/template/spec/containers/0/env/0/value", "value": d.value()}, m{"op": "add", "path": "/spec/template/spec/containers/0/env/-", "value": m{"name": "X_TOKEN", "value": d.value()}}}))
	d.patch(d.bot, path, jsonPatch, js(l{m{"op": "add", "path": "/spec/template/spec/containers/0/args/-", "value": "--client-secret=" + d.word()}, m{"op": "add", "path": "/spec/template/spec/containers/0/args", "value": l{"--password", d.word()}}}))
	d.patch(d.bot, path, mergePatch, js(m{"spec": m{"template": m{"spec": m{"containers": l{d.container()}}}}}))
	d.patch(d.bot, path, mergePatch, `{"spec":{"template":{"spec":{"containers":[{"name":"till","image":"till:3","env":[{"value":`+escaped(d.word())+`,"n\u0061me":"DB_PASSWORD"},{"name":"A","name":"MY_SECRET","value":"`+d.word()+`"}]}]}}}}`)
	d.patch(d.bot, path, applyPatch, "apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n      - name: till\n        env:\n        - name: DB_PASSWORD\n          value: "+d.word()+"\n")
	d.patch(d.bot, path, applyPatch, "apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n      - name: till\n        env:\n        - name: DB_PASSWORD\n          value: "+d.number()+"\n")
	d.patch(d.bot, path, applyPatch, "apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n      - name: till\n        env:\n        - name: DB_PASSWORD\n          value: ["+d.word()+"]\n")
	d.patch(d.bot, path+"/scale", mergePatch, js(m{"spec": m{"replicas": 0}}))
	d.scene("workloads/quoted")
	// Messages that quote the whole object as it is stored.
	for _, body := range []string{
		js(l{m{"op": "replace", "path": "/spec/replicas", "value": "three"}}),
		js(l{m{"op": "replace", "path": "/spec/template", "value": "none"}}),
	} {
		d.patch(d.bot, path, jsonPatch, body)
	}
	d.patch(d.bot, path, strategicPatch, js(m{"spec": m{"template": m{"spec": m{"containers": "none"}}}}))
	d.patch(d.bot, path, mergePatch, js(m{"spec": m{"selector": m{"matchLabels": m{"app": "other"}}, "strategy": m{"type": "None"}}}))
	job := object("batch/v1", "Job", "fixed-"+d.id(), m{"spec": m{"template": claim()}})
	d.ok(d.create(d.bot, batch+"jobs", job))
	d.patch(d.bot, batch+"jobs/"+nameOf(job), strategicPatch, js(m{"spec": m{"template": m{"spec": m{"containers": l{m{"name": "till", "env": l{m{"name": "DB_PASSWORD", "value": d.word()}}}}}}}}))
	d.patch(d.bot, batch+"jobs/"+nameOf(job), mergePatch, js(m{"spec": m{"template": m{"spec": m{"nodeName": "elsewhere"}}}}))
	set := object("apps/v1", "StatefulSet", "fixed-"+d.id(), m{"spec": m{"serviceName": "till", "selector": selector, "template": template()}})
	d.ok(d.create(d.bot, apps+"statefulsets", set))
	d.patch(d.bot, apps+"statefulsets/"+nameOf(set), mergePatch, js(m{"spec": m{"serviceName": "other"}}))
	revision := object("apps/v1", "ControllerRevision", "fixed-"+d.id(), m{"revision": 1, "data": m{"spec": m{"template": template()}}})
	d.ok(d.create(d.admin, apps+"controllerrevisions", revision))
	d.patch(d.admin, apps+"controllerrevisions/"+nameOf(revision), mergePatch, js(m{"data": m{"spec": m{"replicas": 2}}}))
	podTemplate := object("v1", "PodTemplate", "fixed-"+d.id(), m{"template": template()})
	d.ok(d.create(d.admin, shop+"/podtemplates", podTemplate))
	d.patch(d.admin, shop+"/podtemplates/"+nameOf(podTemplate), jsonPatch, js(l{m{"op": "add", "path": "/template/spec/containers/0/ports", "value": l{m{"containerPort": "x"}}}}))
	d.scene("workloads/annotated")
	d.patch(d.bot, path, mergePatch, js(m{"metadata": m{"annotations": m{"kubernetes.io/change-cause": "kubectl set env DB_PASSWORD=" + d.word(), "deployment.kubernetes.io/revision": "7"}}}))
	d.patch(d.jane, apps+"controllerrevisions/none", mergePatch, js(m{"data": m{"spec": d.podSpec()}}))
	d.get(d.bot, path)
	d.get(d.bot, apps+"deployments")
	d.get(d.admin, apps+"controllerrevisions")
	d.do(d.bot, "DELETE", apps+"deployments?labelSelector=app%3Dnone", "", "")
}

// everyday is what goes on in any cluster and holds no secret: all of it must survive.
func (d *driver) everyday() {
	d.scene("everyday/network")
	d.ok(d.create(d.jane, shop+"/services", object("v1", "Service", d.keep("token-service-frontend"), m{"metadata": m{"annotations": m{"service.beta.kubernetes.io/aws-load-balancer-type": d.keep("nlb-internal"), "basic": d.keep("basic tier, see handbook")}},
		"spec": m{"ports": l{m{"name": "https", "port": 443, "targetPort": 8443}}, "selector": m{"app": "till"}}})))
	d.ok(d.create(d.jane, "/apis/networking.k8s.io/v1/namespaces/shop/ingresses", object("networking.k8s.io/v1", "Ingress", "till", m{"metadata": m{"annotations": m{"nginx.ingress.kubernetes.io/auth-type": "basic", "nginx.ingress.kubernetes.io/auth-secret": d.keep("shop/ingress-users"), "nginx.ingress.kubernetes.io/auth-url": d.keep("https://auth.example.com/oauth2/auth")}},
		"spec": m{"tls": l{m{"hosts": l{"till.example.com"}, "secretName": d.keep("till-ingress-tls")}}, "rules": l{m{"host": "till.example.com", "http": m{"paths": l{m{"path": "/", "pathType": "Prefix", "backend": m{"service": m{"name": "till", "port": m{"number": 443}}}}}}}}}})))
	d.create(d.jane, "/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies", object("networking.k8s.io/v1", "NetworkPolicy", "deny", m{"spec": m{"podSelector": m{}, "policyTypes": l{"Ingress"}}}))
	d.scene("everyday/events")
	d.create(d.till, shop+"/events", object("v1", "Event", "till."+d.id(), m{"involvedObject": m{"kind": "Pod", "name": "till", "namespace": "shop"}, "reason": "FailedMount",
		"message": d.keep(`MountVolume.SetUp failed for volume "till-tls": secret "till-tls" not found`), "type": "Warning"}))
	d.create(d.till, shop+"/events", object("v1", "Event", "till."+d.id(), m{"involvedObject": m{"kind": "Pod", "name": "till", "namespace": "shop"}, "reason": "BackOff",
		"message": "probe failed: Get \"http://till:8080/?token=" + d.word() + "\": 401, sent Authorization: Bearer " + d.jwt(), "type": "Warning"}))
	d.scene("everyday/nodes")
	d.create(d.admin, "/api/v1/nodes", object("v1", "Node", "node-18.example.com", m{"metadata": m{"labels": m{"topology.kubernetes.io/zone": d.keep("eu-west-9c")}},
		"status": m{"addresses": l{m{"type": "InternalIP", "address": d.keep("10.77.3.19")}}, "images": l{m{"names": l{d.keep("registry.example.com/base/secret-agent:4.4")}, "sizeBytes": 1}}}}))
	d.patch(d.admin, "/api/v1/nodes/node-17.example.com/status", strategicPatch, js(m{"status": m{"conditions": l{m{"type": "Ready", "status": "True", "reason": d.keep("KubeletReady-ok")}}}}))
	d.create(d.till, "/apis/coordination.k8s.io/v1/namespaces/shop/leases", object("coordination.k8s.io/v1", "Lease", "till", m{"spec": m{"holderIdentity": d.keep("till-7d9f_0a1b2c3d"), "leaseDurationSeconds": 15}}))
	d.scene("everyday/storage")
	d.create(d.admin, "/apis/storage.k8s.io/v1/storageclasses", object("storage.k8s.io/v1", "StorageClass", "fast-"+d.id(), m{"provisioner": "example.com/block", "parameters": m{"type": d.keep("gp3-encrypted"), "adminSecretName": d.keep("ceph-admin-ref"), "restuserkey": "x", "userPassword": d.word()}}))
	d.create(d.admin, "/api/v1/persistentvolumes", object("v1", "PersistentVolume", "pv-"+d.id(), m{"spec": m{"capacity": m{"storage": "1Gi"}, "accessModes": l{"ReadWriteOnce"},
		"csi": m{"driver": "example.com", "volumeHandle": d.keep("vol-0abc77def"), "volumeAttributes": m{"sharedAccessKey": d.word(), "pool": d.keep("ssd-pool-4")}}}}))
	d.create(d.jane, shop+"/persistentvolumeclaims", object("v1", "PersistentVolumeClaim", "data", m{"spec": m{"accessModes": l{"ReadWriteOnce"}, "resources": m{"requests": m{"storage": "1Gi"}}}}))
	d.scene("everyday/reading")
	for _, path := range []string{"/healthz?verbose", "/version", "/api", "/apis", "/openapi/v2?timeout=32s", "/apis/apps/v1", "/metrics", shop + "/pods?labelSelector=app%3D" + d.keep("till-frontend") + "&limit=500",
		"/api/v1/nodes/node-17.example.com", shop + "/pods?fieldSelector=spec.nodeName%3D" + d.keep("node-17.example.com") + "&resourceVersion=0", "/api/v1/namespaces/shop"} {
		d.get(d.jane, path)
	}
	d.scene("everyday/limits")
	d.create(d.admin, "/apis/scheduling.k8s.io/v1/priorityclasses", object("scheduling.k8s.io/v1", "PriorityClass", "shop-"+d.id(), m{"value": 100, "description": d.keep("tills come before reports")}))
	d.create(d.admin, shop+"/limitranges", object("v1", "LimitRange", "limits", m{"spec": m{"limits": l{m{"type": "Container", "default": m{"cpu": "500m"}}}}}))
	d.create(d.jane, "/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers", object("autoscaling/v2", "HorizontalPodAutoscaler", "till", m{"spec": m{"scaleTargetRef": m{"apiVersion": "apps/v1", "kind": "Deployment", "name": "till"}, "maxReplicas": 5}}))
	d.create(d.jane, "/apis/policy/v1/namespaces/shop/poddisruptionbudgets", object("policy/v1", "PodDisruptionBudget", "till", m{"spec": m{"minAvailable": 1, "selector": m{"matchLabels": m{"app": "till"}}}}))
}
