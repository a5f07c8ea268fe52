//! Mappings: a type for each field, and nothing that a document could add to them.

use auditweir::Format;
use auditweir::fields::{Field, FieldType};
use serde_json::{Map, Value, json};

use crate::args::Cluster;

/// No text is longer than 8191 characters (`ecs.maxText` cannot be more), which is less than the
/// 32766 bytes of a Lucene term whatever they are. Indexes count a character outside the basic plane
/// twice; a lower bound would leave a name of such characters unfound.
const LONGEST: u32 = 2 * 8191;
/// Texts in bodies are cut into pieces of so many bytes.
const PIECE: u32 = 8191;

/// Keys of `annotations` that kube-apiserver writes, dots as `_`. Others stay in the document but
/// are not indexed: webhooks choose them, and an index has room for 1000 fields.
const ANNOTATIONS: &[&str] = &[
    "authorization_k8s_io/decision",
    "authorization_k8s_io/reason",
    "authentication_k8s_io/legacy-token",
    "authentication_k8s_io/legacy-token-invalidated",
    "authentication_k8s_io/stale-token",
    "authentication_kubernetes_io/credential-id",
    "authentication_kubernetes_io/issued-credential-id",
    "authentication_openshift_io/decision",
    "authentication_openshift_io/username",
    "audit_k8s_io/truncated",
    "imagepolicywebhook_image-policy_k8s_io/failed-open",
    "insecure-sha1_invalid-cert_kubernetes_io/hostname",
    "k8s_io/deprecated",
    "k8s_io/removed-release",
    "mutation_webhook_admission_k8s_io/round_0_index_0",
    "pod-security_kubernetes_io/audit-violations",
    "pod-security_kubernetes_io/enforce-policy",
    "pod-security_kubernetes_io/exempt",
    "missing-san_invalid-cert_kubernetes_io/hostname",
    "validation_policy_admission_k8s_io/validation_failure",
];

/// Keys of `user.extra`: those of bound tokens, which keep their dots, and those of EKS and
/// OpenShift.
const EXTRA: &[&str] = &[
    "authentication.kubernetes.io/credential-id",
    "authentication.kubernetes.io/node-name",
    "authentication.kubernetes.io/node-uid",
    "authentication.kubernetes.io/pod-name",
    "authentication.kubernetes.io/pod-uid",
    "accessKeyId",
    "arn",
    "canonicalArn",
    "principalId",
    "sessionName",
    "scopes_authorization_openshift_io",
];

/// What an ingest pipeline may add.
const ENRICHED: &[(&str, &str)] = &[
    ("event.ingested", "date"),
    ("source.geo.city_name", "keyword"),
    ("source.geo.continent_name", "keyword"),
    ("source.geo.country_iso_code", "keyword"),
    ("source.geo.country_name", "keyword"),
    ("source.geo.location", "geo_point"),
    ("source.geo.region_iso_code", "keyword"),
    ("source.geo.region_name", "keyword"),
    ("source.as.number", "long"),
    ("source.as.organization.name", "keyword"),
];

/// The `mappings` of the component template.
pub(super) fn mappings(cluster: Cluster) -> Value {
    let mut root = json!({
        // what is not listed stays in the document and is not indexed
        "dynamic": false,
        // but `enrich.lookups` of the policy names its own labels
        "dynamic_templates": [
            {"labels": {"path_match": "labels.*", "mapping": keyword()}}
        ],
        "properties": {},
    });
    for field in &Format::Ecs.fields() {
        match field.name.strip_suffix(".*") {
            None => put(&mut root, field.name, leaf(cluster, field)),
            Some(parent) => {
                let known = if parent.ends_with(".annotations") { ANNOTATIONS } else { EXTRA };
                let known = known.iter().map(|name| ((*name).to_owned(), keyword()));
                let properties: Map<String, Value> = known.collect();
                put(&mut root, parent, json!({"dynamic": false, "properties": properties}));
            }
        }
    }
    root["properties"]["labels"]["dynamic"] = true.into();
    for (name, kind) in ENRICHED {
        let leaf = match *kind {
            "keyword" => keyword(),
            kind => json!({"type": kind, "ignore_malformed": true}),
        };
        put(&mut root, name, leaf);
    }
    if cluster == Cluster::Elasticsearch {
        // ES|QL rules name it, and refuse to run when no index has it
        let unused = json!({"type": "keyword", "index": false, "doc_values": false});
        put(&mut root, "event.original", unused);
    }
    root
}

/// The `mappings` of alert documents.
pub(super) fn alerts(cluster: Cluster) -> Value {
    let mut root = json!({"dynamic": false, "properties": {}});
    for field in auditweir_shell::alert::FIELDS {
        let leaf = match (field.kind, cluster) {
            ("keyword", _) | ("constant_keyword", Cluster::Opensearch) => keyword(),
            ("ip" | "long" | "float", _) => json!({"type": field.kind, "ignore_malformed": true}),
            (kind, _) => json!({"type": kind}),
        };
        put(&mut root, field.name, leaf);
    }
    root
}

fn keyword() -> Value {
    json!({"type": "keyword", "ignore_above": LONGEST})
}

fn leaf(cluster: Cluster, field: &Field) -> Value {
    match (field.kind, cluster) {
        // OpenSearch's `wildcard` finds no `*x*` of a query string, which is what people type
        (FieldType::Keyword, _) | (FieldType::Wildcard, Cluster::Opensearch) => keyword(),
        (FieldType::Wildcard, Cluster::Elasticsearch) => {
            json!({"type": "wildcard", "ignore_above": LONGEST})
        }
        (FieldType::MatchOnlyText, _) => json!({"type": "match_only_text"}),
        (FieldType::Long, _) => json!({"type": "long", "ignore_malformed": true}),
        (FieldType::Boolean, _) => json!({"type": "boolean"}),
        // a data stream does not allow more here
        (FieldType::Date, _) if field.name == "@timestamp" => json!({"type": "date"}),
        (FieldType::Date, _) => json!({"type": "date", "ignore_malformed": true}),
        (FieldType::Ip, _) => json!({"type": "ip", "ignore_malformed": true}),
        (FieldType::Flattened, Cluster::Elasticsearch) => {
            json!({"type": "flattened", "ignore_above": PIECE})
        }
        (FieldType::Flattened, Cluster::Opensearch) => json!({"type": "flat_object"}),
        (kind, _) => unreachable!("{kind:?} has no mapping"),
    }
}

/// Puts a field at its dotted path.
fn put(root: &mut Value, path: &str, leaf: Value) {
    let mut at = root;
    for name in path.split('.') {
        at = &mut at["properties"][name];
        if at.is_null() {
            *at = json!({});
        }
    }
    *at = leaf;
}

/// Members of bodies that Elastic's prebuilt rules look at, with the type they expect.
const BODY: &[(&str, bool)] = &[
    ("requestObject.roleRef.kind", false),
    ("requestObject.roleRef.name", false),
    ("requestObject.rules.apiGroups", false),
    ("requestObject.rules.resources", false),
    ("requestObject.rules.verbs", false),
    ("requestObject.spec.containers.command", false),
    ("requestObject.spec.containers.image", false),
    ("requestObject.spec.containers.securityContext.allowPrivilegeEscalation", true),
    ("requestObject.spec.containers.securityContext.capabilities.add", false),
    ("requestObject.spec.containers.securityContext.privileged", true),
    ("requestObject.spec.hostIPC", true),
    ("requestObject.spec.hostNetwork", true),
    ("requestObject.spec.hostPID", true),
    ("requestObject.spec.restartPolicy", false),
    ("requestObject.spec.serviceAccountName", false),
    ("requestObject.spec.signerName", false),
    ("requestObject.spec.type", false),
    ("requestObject.spec.usages", false),
    ("requestObject.spec.volumes.hostPath.path", false),
    ("requestObject.subjects.kind", false),
    ("requestObject.subjects.name", false),
    ("requestObject.webhooks.clientConfig.service.name", false),
    ("requestObject.webhooks.clientConfig.service.namespace", false),
    ("requestObject.webhooks.clientConfig.url", false),
    ("responseObject.roleRef.kind", false),
    ("responseObject.roleRef.name", false),
    ("responseObject.rules.resources", false),
    ("responseObject.rules.verbs", false),
    ("responseObject.spec.containers.image", false),
    ("responseObject.spec.containers.securityContext.privileged", true),
    ("responseObject.spec.hostIPC", true),
    ("responseObject.spec.hostNetwork", true),
    ("responseObject.spec.hostPID", true),
    ("responseObject.spec.volumes.hostPath.path", false),
];

/// Runtime fields over the bodies, for Elasticsearch.
///
/// A `flattened` field takes any shape, but EQL and ES|QL do not read it, and its members cannot be
/// searched by pattern. These can; they are computed when a query asks, from the few documents that
/// its other conditions leave, and whatever shape a client sent, no document is refused for it.
pub(super) fn runtime() -> Value {
    let fields = BODY.iter().map(|(path, boolean)| {
        let parts: Vec<String> =
            format!("kubernetes.audit.{path}").split('.').map(|part| format!("'{part}'")).collect();
        let (test, emit) = if *boolean {
            ("v instanceof Boolean", "emit(v)")
        } else {
            (
                "v instanceof String || v instanceof Number || v instanceof Boolean",
                "emit(v.toString())",
            )
        };
        // a runtime field may have 100 values
        let script = format!(
            "def at = [params._source]; \
             for (part in [{}]) {{ def next = []; for (n in at) {{ if (n instanceof Map) {{ \
             def v = n.get(part); if (v instanceof List) {{ next.addAll(v) }} \
             else if (v != null) {{ next.add(v) }} }} }} at = next; }} \
             int n = 0; for (v in at) {{ if (n < 100 && ({test})) {{ {emit}; n++; }} }}",
            parts.join(", ")
        );
        let kind = if *boolean { "boolean" } else { "keyword" };
        let field = json!({"type": kind, "script": {"source": script}});
        (format!("kubernetes.audit.{path}"), field)
    });
    Value::Object(fields.collect())
}
