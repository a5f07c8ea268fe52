package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"strings"
)

// tokens asks for tokens and has tokens reviewed.
func (d *driver) tokens() {
	const reviews = "/apis/authentication.k8s.io/v1/tokenreviews"
	request := func(spec m) m {
		return m{"kind": "TokenRequest", "apiVersion": "authentication.k8s.io/v1", "spec": spec}
	}
	review := func(token any, more m) m {
		spec := m{"token": token, "audiences": l{"https://kubernetes.default.svc"}}
		for key, value := range more {
			spec[key] = value
		}
		return m{"kind": "TokenReview", "apiVersion": "authentication.k8s.io/v1", "spec": spec}
	}
	d.scene("tokens/request")
	holder := "token-holder-" + d.id()
	d.ok(d.create(d.jane, shopSecrets, secret(holder, m{"stringData": m{"k": d.value()}})))
	var last string
	for _, spec := range []m{
		{"expirationSeconds": 600, "audiences": l{d.keep("vault.shop.svc")}},
		{"expirationSeconds": 3600, "boundObjectRef": m{"kind": "Secret", "apiVersion": "v1", "name": holder}},
		{},
	} {
		code, text := d.create(d.jane, shop+"/serviceaccounts/till/token", request(spec))
		d.ok(code, text)
		last = tokenIn(text)
		d.issued(last)
	}
	code, text := d.do(d.jane, "POST", shop+"/serviceaccounts/till/token", "application/yaml", "kind: TokenRequest\napiVersion: authentication.k8s.io/v1\nspec:\n  audiences: [https://kubernetes.default.svc]\n", "Accept", "application/yaml")
	for _, line := range strings.Split(string(text), "\n") {
		if _, token, found := strings.Cut(line, "token: "); found {
			d.issued(strings.TrimSpace(token))
		}
	}
	_ = code
	d.create(d.jane, shop+"/serviceaccounts/till/token", request(m{"expirationSeconds": 5}))
	d.create(d.mallory, shop+"/serviceaccounts/till/token", request(m{}))
	d.create(d.jane, shop+"/serviceaccounts/no-such/token", request(m{}))
	d.create(d.jane, shop+"/serviceaccounts/till/token", m{"kind": "TokenRequest", "apiVersion": "authentication.k8s.io/v1", "spec": m{}, "status": m{"token": d.word()}})

	d.scene("tokens/review")
	d.ok(d.create(d.admin, reviews, review(last, nil)))
	d.ok(d.create(d.admin, reviews, review(d.word(), nil)))
	d.ok(d.create(d.admin, reviews, review(d.value(), nil)))
	d.ok(d.create(d.admin, reviews, review(d.jwt(), nil)))
	d.ok(d.create(d.admin, reviews, review("abcdef."+d.word(), nil)))
	d.ok(d.create(d.admin, reviews, review(d.server.tokens["mallory"], nil)))
	d.create(d.admin, reviews, review(m{"x": d.word()}, nil))
	d.create(d.admin, reviews, review(l{d.word()}, m{"Token": d.word()}))
	d.do(d.admin, "POST", reviews, plainJSON, `{"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1","spec":{"token":"`+d.word()+`","t\u006fken":"`+d.word()+`"}}`)
	d.do(d.admin, "POST", reviews, plainJSON, `{"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1","spec":{"token":`+d.number()+`}}`)
	d.create(d.mallory, reviews, review(d.word(), nil))
	d.create(d.till, reviews, review(last, nil))

	d.scene("tokens/self")
	d.ok(d.create(d.till, "/apis/authentication.k8s.io/v1/selfsubjectreviews", m{"kind": "SelfSubjectReview", "apiVersion": "authentication.k8s.io/v1"}))
	for _, kind := range []string{"SelfSubjectAccessReview", "SelfSubjectRulesReview"} {
		d.ok(d.create(d.jane, "/apis/authorization.k8s.io/v1/"+strings.ToLower(kind)+"s", m{"kind": kind, "apiVersion": "authorization.k8s.io/v1",
			"spec": m{"namespace": "shop", "resourceAttributes": m{"verb": "get", "resource": "secrets", "namespace": "shop", "name": d.keep("ledger-credentials")}}}))
	}
	d.create(d.admin, "/apis/authorization.k8s.io/v1/subjectaccessreviews", m{"kind": "SubjectAccessReview", "apiVersion": "authorization.k8s.io/v1",
		"spec": m{"user": d.keep("joe@example.com"), "extra": m{"scopes": l{d.keep("user:info")}, "session": l{d.token()}}, "nonResourceAttributes": m{"path": "/logs?access_token=" + d.word(), "verb": "get"}}})
	d.scene("tokens/service-account")
	d.patch(d.jane, shop+"/serviceaccounts/till", strategicPatch, js(m{"imagePullSecrets": l{m{"name": d.keep("registry-pull")}}, "secrets": l{m{"name": holder}}}))
	d.patch(d.jane, shop+"/serviceaccounts/till", mergePatch, js(m{"metadata": m{"annotations": m{"eks.amazonaws.com/role-arn": d.keep("arn:aws:iam::123456789012:role/till"), "note": d.token()}}}))
}

// certificates asks for client certificates.
func (d *driver) certificates() {
	d.scene("certificates/all")
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: "jane@example.com", Organization: []string{"developers"}}}, private)
	must(err)
	request := d.keep(b64(string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}))))
	const path = "/apis/certificates.k8s.io/v1/certificatesigningrequests"
	csr := object("certificates.k8s.io/v1", "CertificateSigningRequest", "jane-"+d.id(), m{"spec": m{
		"request": request, "signerName": "kubernetes.io/kube-apiserver-client", "usages": l{"client auth"}, "expirationSeconds": 3600}})
	d.ok(d.create(d.admin, path, csr))
	d.create(d.jane, path, csr)
	name := path + "/" + nameOf(csr)
	code, text := d.get(d.admin, name)
	d.ok(code, text)
	d.patch(d.admin, name+"/approval", strategicPatch, js(m{"status": m{"conditions": l{m{"type": "Approved", "status": "True", "reason": d.keep("KubectlApprove"), "message": "approved by jane, note " + d.token()}}}}))
	issued, _ := certificate("jane@example.com", []string{"developers"}, nil, nil)
	d.patch(d.admin, name+"/status", mergePatch, js(m{"status": m{"certificate": d.keep(b64(string(issued)))}}))
	// A private key where a request is asked for.
	csr["metadata"].(m)["name"] = "oops-" + d.id()
	csr["spec"].(m)["request"] = b64(d.key())
	d.create(d.admin, path, csr)
	d.get(d.admin, path)
	d.do(d.admin, "DELETE", name, "", "")
	d.create(d.admin, "/apis/certificates.k8s.io/v1/clustertrustbundles", object("certificates.k8s.io/v1", "ClusterTrustBundle", "roots-"+d.id(), m{"spec": m{"trustBundle": string(d.server.ca)}}))
	d.create(d.admin, "/apis/certificates.k8s.io/v1beta1/clustertrustbundles", object("certificates.k8s.io/v1beta1", "ClusterTrustBundle", "roots-"+d.id(), m{"spec": m{"trustBundle": string(d.server.ca)}}))
}

// impersonation acts as others, allowed and not.
func (d *driver) impersonation() {
	d.scene("impersonation/allowed")
	d.get(d.admin, shop+"/pods", "Impersonate-User", d.keep("kim@example.com"), "Impersonate-Group", d.keep("auditors-emea"), "Impersonate-Uid", "4711",
		"Impersonate-Extra-Scopes", d.keep("view-only"), "Impersonate-Extra-Session", d.token())
	d.get(d.admin, shopSecrets, "Impersonate-User", "system:serviceaccount:shop:till")
	d.create(d.admin, shopSecrets, secret("as-jane-"+d.id(), m{"stringData": m{"k": d.value()}}), "Impersonate-User", "jane@example.com", "Impersonate-Group", "developers")
	d.scene("impersonation/tokens")
	d.get(d.admin, shop+"/pods", "Impersonate-User", d.token(), "Impersonate-Group", d.token())
	d.get(d.admin, shop+"/pods", "Impersonate-User", "kim", "Impersonate-Extra-"+d.nameToken(), "x")
	d.get(d.admin, shop+"/pods", "Impersonate-User", "kim", "Impersonate-Extra-note", b64(d.token()))
	d.scene("impersonation/denied")
	d.get(d.mallory, shopSecrets, "Impersonate-User", "admin", "Impersonate-Group", "system:masters")
	d.get(d.mallory, shopSecrets, "Impersonate-User", d.token())
	d.get(d.nobody, shopSecrets, "Impersonate-User", "system:admin")
	d.get(d.mallory, shopSecrets, "Impersonate-Group", d.token())
}

// access changes who may do what.
func (d *driver) access() {
	const rbac = "/apis/rbac.authorization.k8s.io/v1"
	d.scene("access/rbac")
	role := "reader-" + d.id()
	d.ok(d.create(d.admin, rbac+"/clusterroles", applied(object("rbac.authorization.k8s.io/v1", "ClusterRole", role, m{
		"metadata": m{"annotations": m{"owner": d.keep("platform-security"), "hook": d.token()}},
		"rules":    l{m{"apiGroups": l{""}, "resources": l{"secrets", "pods/exec"}, "verbs": l{"get", "list", "create"}, "resourceNames": l{d.keep("ledger-db-password")}}, m{"nonResourceURLs": l{"/metrics"}, "verbs": l{"get"}}}}))))
	d.patch(d.admin, rbac+"/clusterroles/"+role, jsonPatch, js(l{m{"op": "add", "path": "/rules/-", "value": m{"apiGroups": l{"*"}, "resources": l{"*"}, "verbs": l{"*"}}}}))
	binding := "binds-" + d.id()
	d.ok(d.create(d.admin, rbac+"/clusterrolebindings", object("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", binding, m{
		"roleRef":  m{"kind": "ClusterRole", "name": role, "apiGroup": "rbac.authorization.k8s.io"},
		"subjects": l{m{"kind": "User", "name": d.keep("lee@example.com"), "apiGroup": "rbac.authorization.k8s.io"}, m{"kind": "Group", "name": "system:unauthenticated", "apiGroup": "rbac.authorization.k8s.io"}}})))
	d.patch(d.admin, rbac+"/clusterrolebindings/"+binding, mergePatch, js(m{"roleRef": m{"kind": "ClusterRole", "name": "cluster-admin"}}))
	d.do(d.admin, "DELETE", rbac+"/clusterrolebindings/"+binding, "", "")
	d.scene("access/escalation")
	d.create(d.jane, rbac+"/namespaces/shop/roles", object("rbac.authorization.k8s.io/v1", "Role", "more-"+d.id(), m{"rules": l{m{"apiGroups": l{"*"}, "resources": l{"*"}, "verbs": l{"*"}, "nonResourceURLs": l{"/x"}}}}))
	d.create(d.till, rbac+"/namespaces/shop/rolebindings", object("rbac.authorization.k8s.io/v1", "RoleBinding", "more-"+d.id(), m{
		"roleRef": m{"kind": "ClusterRole", "name": "cluster-admin", "apiGroup": "rbac.authorization.k8s.io"}, "subjects": l{m{"kind": "ServiceAccount", "name": "till", "namespace": "shop"}}}))
	d.create(d.mallory, rbac+"/clusterrolebindings", object("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "mine", m{
		"roleRef": m{"kind": "ClusterRole", "name": "cluster-admin", "apiGroup": "rbac.authorization.k8s.io"}, "subjects": l{m{"kind": "User", "name": "mallory"}}}))
}
