package main

import (
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
)

// hooks is an admission webhook that this process serves: it changes Secrets and Pods, and refuses
// with messages that repeat what it was shown.
type hooks struct {
	url    string
	bundle []byte
	plant  *plant
}

func startHooks(plant *plant) (*hooks, error) {
	h := &hooks{plant: plant}
	address, bundle, err := listenTLS("hooks", h)
	if err != nil {
		return nil, err
	}
	h.url, h.bundle = "https://"+address, bundle
	return h, nil
}

// listenTLS serves requests on loopback with a certificate of this name; gives its address and the
// certificate.
func listenTLS(name string, handler http.Handler) (string, []byte, error) {
	cert, key := certificate(name, nil, nil, nil)
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return "", nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: handler, TLSConfig: &tls.Config{Certificates: []tls.Certificate{pair}}}
	go server.ServeTLS(listener, "", "")
	return listener.Addr().String(), cert, nil
}

func (h *hooks) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	var review struct {
		Request struct {
			UID      string `json:"uid"`
			Resource struct {
				Resource string `json:"resource"`
			} `json:"resource"`
			Object struct {
				Data map[string][]byte `json:"data"`
			} `json:"object"`
		} `json:"request"`
	}
	// The API server takes this process for the kubelet of a node, too.
	for _, path := range []string{"/exec/", "/attach/", "/portForward/", "/containerLogs/", "/run", "/login", "/api", "/cb", "/x"} {
		if strings.HasPrefix(request.URL.Path, path) {
			http.Error(w, "container cannot log in with "+h.plant.token(), http.StatusInternalServerError)
			return
		}
	}
	if err := json.NewDecoder(request.Body).Decode(&review); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	answer := m{"uid": review.Request.UID, "allowed": true}
	switch request.URL.Path {
	case "/mutate":
		var patch l
		if review.Request.Resource.Resource == "secrets" {
			patch = l{m{"op": "add", "path": "/data/injected", "value": b64(h.plant.value())},
				m{"op": "add", "path": "/metadata/annotations", "value": m{"hooks.example.com/seen": h.plant.keep("stamped-by-hook"), "hooks.example.com/token": h.plant.token()}}}
		} else {
			patch = l{m{"op": "add", "path": "/spec/containers/0/env", "value": l{m{"name": "DB_PASSWORD", "value": h.plant.value()}, m{"name": "REGION", "value": h.plant.keep("eu-central-7")}}},
				m{"op": "add", "path": "/spec/containers/0/args", "value": l{"--api-token", h.plant.word()}}}
		}
		answer["patchType"], answer["patch"] = "JSONPatch", base64.StdEncoding.EncodeToString([]byte(js(patch)))
		answer["auditAnnotations"] = m{"note": "saw " + h.plant.token(), "rule": h.plant.keep("inject-defaults")}
	case "/refuse":
		answer["allowed"] = false
		text := ""
		for _, value := range review.Request.Object.Data {
			text += fmt.Sprintf("value %q is too weak; ", value)
		}
		answer["status"] = m{"code": 422, "message": text, "reason": "Invalid",
			"details": m{"causes": l{m{"field": "data", "message": text, "reason": "FieldValueInvalid"}}}}
		answer["auditAnnotations"] = m{"refused": text}
	case "/rubbish":
		w.WriteHeader(http.StatusInternalServerError)
		fmt.Fprintf(w, "panic: cannot use %s", h.plant.token())
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(m{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": answer})
}

// admission registers webhooks and policies, has them called, and removes them.
func (d *driver) admission() {
	const group = "/apis/admissionregistration.k8s.io/v1"
	hook := func(name, path, policy string, resources ...any) m {
		return m{"name": name + ".hooks.example.com", "admissionReviewVersions": l{"v1"}, "sideEffects": "None", "failurePolicy": policy, "timeoutSeconds": 5,
			"clientConfig":   m{"url": d.hooks.url + path, "caBundle": d.keep(base64.StdEncoding.EncodeToString(d.hooks.bundle))},
			"objectSelector": m{"matchLabels": m{"hook": name}},
			"rules":          l{m{"apiGroups": l{""}, "apiVersions": l{"v1"}, "operations": l{"CREATE", "UPDATE"}, "resources": resources}}}
	}
	configuration := func(kind, name string, hooks ...any) m {
		return object("admissionregistration.k8s.io/v1", kind, name, m{"webhooks": hooks})
	}
	d.scene("admission/webhook-configurations")
	d.ok(d.create(d.admin, group+"/mutatingwebhookconfigurations", configuration("MutatingWebhookConfiguration", "inject",
		hook("inject", "/mutate", "Fail", "secrets", "pods"), hook("broken", "/rubbish", "Ignore", "secrets"))))
	d.ok(d.create(d.admin, group+"/validatingwebhookconfigurations", configuration("ValidatingWebhookConfiguration", "refuse",
		hook("refuse", "/refuse", "Fail", "secrets"), hook("fails", "/rubbish", "Fail", "secrets"))))
	bad := hook("bad", "/x", "Fail", "secrets")
	bad["clientConfig"] = m{"url": "https://hook:" + d.word() + "@hooks.example.com/x?token=" + d.word()}
	d.create(d.admin, group+"/validatingwebhookconfigurations", configuration("ValidatingWebhookConfiguration", "bad", bad))
	d.patch(d.admin, group+"/validatingwebhookconfigurations/refuse", jsonPatch, js(l{m{"op": "add", "path": "/webhooks/0/clientConfig/url", "value": "https://hook:" + d.word() + "@hooks.example.com/"}}))
	time.Sleep(1500 * time.Millisecond) // the server reads configurations through an informer

	call := func(scene, label string, members m) {
		d.scene("admission/" + scene)
		members["metadata"] = m{"labels": m{"hook": label}}
		d.create(d.jane, shopSecrets, secret(scene+"-"+d.id(), members))
	}
	call("mutated-secret", "inject", m{"data": m{"k": b64(d.value())}})
	call("failed-open", "broken", m{"data": m{"k": b64(d.value())}})
	for range 4 {
		call("refused-secret", "refuse", m{"data": m{"k": b64(d.value())}})
	}
	call("refused-secret", "refuse", m{"stringData": m{"k": d.word(), "l": d.word()}})
	call("hook-error", "fails", m{"data": m{"k": b64(d.value())}})
	d.scene("admission/mutated-pod")
	d.ok(d.create(d.jane, shop+"/pods", object("v1", "Pod", "mutated-"+d.id(), m{"metadata": m{"labels": m{"hook": "inject"}},
		"spec": m{"containers": l{m{"name": "till", "image": d.keep("registry.example.com/shop/till:1.4.2")}}}})))

	d.scene("admission/policies")
	policy := func(name string, validations, annotations l, resource string) {
		d.ok(d.create(d.admin, group+"/validatingadmissionpolicies", object("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", name, m{"spec": m{
			"failurePolicy":    "Fail",
			"matchConstraints": m{"objectSelector": m{"matchLabels": m{"policy": "yes"}}, "resourceRules": l{m{"apiGroups": l{""}, "apiVersions": l{"v1"}, "operations": l{"CREATE"}, "resources": l{resource}}}},
			"validations":      validations, "auditAnnotations": annotations}})))
		d.ok(d.create(d.admin, group+"/validatingadmissionpolicybindings", object("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding", name, m{"spec": m{
			"policyName": name, "validationActions": l{"Warn", "Audit"}}})))
	}
	policy("weak-secrets", l{m{"expression": "size(object.data) > 5", "messageExpression": "'weak: ' + string(object.data['k']) + ' in ' + object.metadata.name"}},
		l{m{"key": "value", "valueExpression": "'value was ' + string(object.data['k'])"}}, "secrets")
	policy("weak-pods", l{m{"expression": "object.spec.containers.all(c, !has(c.env))", "messageExpression": "'has ' + object.spec.containers[0].env[0].value"}},
		l{m{"key": "env", "valueExpression": "object.spec.containers[0].env[0].name + ' ' + object.spec.containers[0].env[0].value"}}, "pods")
	time.Sleep(2 * time.Second)
	d.scene("admission/policy-secret")
	for range 3 {
		d.create(d.jane, shopSecrets, secret("policed-"+d.id(), m{"metadata": m{"labels": m{"policy": "yes"}}, "stringData": m{"k": d.value()}}))
		d.create(d.jane, shopSecrets, secret("policed-"+d.id(), m{"metadata": m{"labels": m{"policy": "yes"}}, "data": m{"k": b64(d.word())}}))
	}
	d.scene("admission/policy-pod")
	d.create(d.jane, shop+"/pods", object("v1", "Pod", "policed-"+d.id(), m{"metadata": m{"labels": m{"policy": "yes"}},
		"spec": m{"containers": l{m{"name": "till", "image": "till:1", "env": l{m{"name": "DB_PASSWORD", "value": d.word()}}}}}}))

	d.scene("admission/clean-up")
	for _, path := range []string{"/mutatingwebhookconfigurations/inject", "/validatingwebhookconfigurations/refuse", "/validatingadmissionpolicybindings/weak-secrets", "/validatingadmissionpolicybindings/weak-pods"} {
		d.ok(d.do(d.admin, "DELETE", group+path, "", ""))
	}
	d.scene("admission/pod-security")
	d.create(d.admin, "/api/v1/namespaces/locked/pods", object("v1", "Pod", d.keep("privileged-debug"), m{"spec": m{"hostNetwork": true, "containers": l{m{"name": "till", "image": "till:1", "securityContext": m{"privileged": true},
		"env": l{m{"name": "API_TOKEN", "value": d.word()}}}}}}))
	d.scene("admission/quota")
	d.ok(d.create(d.admin, "/api/v1/namespaces/till/resourcequotas", object("v1", "ResourceQuota", "none", m{"spec": m{"hard": m{"secrets": "0"}}})))
	d.patch(d.admin, "/api/v1/namespaces/till/resourcequotas/none/status", mergePatch, js(m{"status": m{"hard": m{"secrets": "0"}, "used": m{"secrets": "0"}}}))
	time.Sleep(500 * time.Millisecond)
	d.create(d.admin, "/api/v1/namespaces/till/secrets", secret("over", m{"stringData": m{"k": d.value()}}))
}
