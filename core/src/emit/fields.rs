//! Every field that `ecs` output can have: name, mapping type, where it comes from.
//!
//! The one list behind index templates and documentation. A test holds documents against it in
//! both directions: no field that is not listed, none listed that no document has. Names outside
//! `kubernetes.audit` and types are those of ECS 9.4 (elastic/ecs `generated/ecs/ecs_flat.yml`).

/// How a field is mapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FieldType {
    /// One exact term.
    Keyword,
    /// A long exact term that is searched by pattern.
    Wildcard,
    /// Text that is searched by word.
    MatchOnlyText,
    /// A 64-bit integer.
    Long,
    /// `true` or `false`.
    Boolean,
    /// A timestamp.
    Date,
    /// An IPv4 or IPv6 address.
    Ip,
    /// An object with keys of its own, all values keywords (`flattened`, `flat_object`).
    Flattened,
}

/// One field of `ecs` output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Field {
    /// Dotted path.
    pub name: &'static str,
    /// Mapping type.
    pub kind: FieldType,
    /// What it is read from.
    pub source: &'static str,
}

macro_rules! fields {
    ($($name:literal $kind:ident $source:literal)+) => {
        &[$(Field { name: $name, kind: FieldType::$kind, source: $source }),+]
    };
}

/// All fields of `ecs` output.
pub const FIELDS: &[Field] = fields! {
    "@timestamp" Date "stageTimestamp, or requestReceivedTimestamp by policy; timestamp of v1beta1; else that of the event before, else 1970"
    "ecs.version" Keyword "9.4.0"
    "data_stream.type" Keyword "logs"
    "data_stream.dataset" Keyword "policy: output.ecs.dataset"
    "data_stream.namespace" Keyword "policy: output.ecs.namespace"
    "event.kind" Keyword "event"
    "event.module" Keyword "kubernetes"
    "event.dataset" Keyword "policy: output.ecs.dataset"
    "event.provider" Keyword "kube-apiserver"
    "event.id" Keyword "auditID; the document id when there is none"
    "event.hash" Keyword "document id"
    "event.category" Keyword "verb, resource, code"
    "event.type" Keyword "verb, resource, code, authorization decision"
    "event.action" Keyword "verb"
    "event.outcome" Keyword "stage, responseStatus.code, authorization decision"
    "event.code" Keyword "stage"
    "event.reason" Keyword "responseStatus.reason; the authorization reason of a denial"
    "event.start" Date "requestReceivedTimestamp"
    "event.end" Date "stageTimestamp of the last stage"
    "event.duration" Long "nanoseconds between the two"
    "message" MatchOnlyText "who did what to what, with which code"
    "tags" Keyword "redacted, truncated, deprecated, no_timestamp, contradicted"
    "labels.source_network" Keyword "policy: enrich.networks"
    "user.name" Keyword "user.username"
    "user.id" Keyword "user.uid"
    "user.roles" Keyword "user.groups and the RBAC role that allowed the request"
    "user.group.name" Keyword "first of user.groups that is not Kubernetes' own"
    "user.domain" Keyword "namespace of a service account, domain of an address"
    "user.email" Keyword "user.username"
    "user.full_name" Keyword "user.extra.sessionName (EKS)"
    "user.effective.name" Keyword "impersonatedUser.username"
    "user.effective.id" Keyword "impersonatedUser.uid"
    "user.effective.roles" Keyword "impersonatedUser.groups"
    "user.target.name" Keyword "subjects of a binding; service account of a token"
    "user.target.roles" Keyword "roleRef of a binding"
    "source.ip" Ip "last of sourceIPs: the peer, which clients cannot set"
    "source.address" Keyword "last of sourceIPs"
    "client.ip" Ip "first of several sourceIPs: a claim"
    "user_agent.original" Keyword "userAgent"
    "user_agent.name" Keyword "userAgent"
    "user_agent.version" Keyword "userAgent"
    "user_agent.os.name" Keyword "userAgent"
    "url.original" Wildcard "requestURI"
    "url.path" Wildcard "requestURI"
    "url.query" Keyword "requestURI"
    "http.request.method" Keyword "verb"
    "http.request.id" Keyword "auditID"
    "http.response.status_code" Long "responseStatus.code"
    "orchestrator.type" Keyword "kubernetes"
    "orchestrator.cluster.name" Keyword "envelope (EKS, AKS, GKE); policy: enrich.cluster"
    "orchestrator.cluster.id" Keyword "envelope (EKS, AKS, GKE); policy: enrich.cluster"
    "orchestrator.namespace" Keyword "objectRef.namespace"
    "orchestrator.api_version" Keyword "objectRef.apiGroup and apiVersion"
    "orchestrator.resource.type" Keyword "objectRef.resource"
    "orchestrator.resource.name" Keyword "objectRef.name, else metadata.name of the answer"
    "orchestrator.resource.id" Keyword "objectRef.uid, else metadata.uid of the answer"
    "orchestrator.resource.parent.type" Keyword "metadata.ownerReferences[0].kind"
    "orchestrator.resource.label" Keyword "metadata.labels as key:value, at most 32"
    "orchestrator.resource.ip" Ip "status.podIP, spec.clusterIP"
    "cloud.provider" Keyword "envelope; policy: enrich.cluster; the caller's identity"
    "cloud.account.id" Keyword "envelope; policy: enrich.cluster; ARN of the caller"
    "cloud.region" Keyword "envelope; policy: enrich.cluster"
    "cloud.project.id" Keyword "envelope (GKE)"
    "cloud.service.name" Keyword "envelope; the caller's identity"
    "process.args" Keyword "command parameters of exec and attach"
    "process.command_line" Wildcard "command parameters of exec and attach"
    "container.image.name" Keyword "containers of the request, at most 32"
    "container.image.tag" Keyword "containers of the request"
    "container.image.hash.all" Keyword "containers of the request"
    "error.type" Keyword "responseStatus.reason of a failure"
    "error.message" MatchOnlyText "responseStatus.message of a failure"
    "related.user" Keyword "caller, impersonated user, service account, session"
    "related.ip" Ip "sourceIPs"
    "related.hosts" Keyword "node of the caller"
    "related.hash" Keyword "digests of images"
    "kubernetes.audit.kind" Keyword "kind"
    "kubernetes.audit.apiVersion" Keyword "apiVersion"
    "kubernetes.audit.level" Keyword "level, as lowered by policy"
    "kubernetes.audit.auditID" Keyword "auditID"
    "kubernetes.audit.stage" Keyword "stage"
    "kubernetes.audit.requestURI" Keyword "requestURI"
    "kubernetes.audit.verb" Keyword "verb"
    "kubernetes.audit.user.username" Keyword "user.username"
    "kubernetes.audit.user.uid" Keyword "user.uid"
    "kubernetes.audit.user.groups" Keyword "user.groups"
    "kubernetes.audit.user.extra.*" Keyword "user.extra, at most 24 keys; dots become _ but in the five authentication.kubernetes.io names"
    "kubernetes.audit.user.type" Keyword "kind of actor"
    "kubernetes.audit.user.is_human" Boolean "kind of actor"
    "kubernetes.audit.user.is_system" Boolean "kind of actor"
    "kubernetes.audit.user.service_account.namespace" Keyword "user.username"
    "kubernetes.audit.user.service_account.name" Keyword "user.username"
    "kubernetes.audit.user.node" Keyword "user.username of a kubelet"
    "kubernetes.audit.impersonatedUser.username" Keyword "impersonatedUser.username"
    "kubernetes.audit.impersonatedUser.uid" Keyword "impersonatedUser.uid"
    "kubernetes.audit.impersonatedUser.groups" Keyword "impersonatedUser.groups"
    "kubernetes.audit.impersonatedUser.extra.*" Keyword "impersonatedUser.extra, well-known keys"
    "kubernetes.audit.authenticationMetadata.impersonationConstraint" Keyword "authenticationMetadata"
    "kubernetes.audit.sourceIPs" Keyword "sourceIPs"
    "kubernetes.audit.userAgent" Keyword "userAgent"
    "kubernetes.audit.objectRef.resource" Keyword "objectRef"
    "kubernetes.audit.objectRef.namespace" Keyword "objectRef"
    "kubernetes.audit.objectRef.name" Keyword "objectRef"
    "kubernetes.audit.objectRef.uid" Keyword "objectRef"
    "kubernetes.audit.objectRef.apiGroup" Keyword "objectRef"
    "kubernetes.audit.objectRef.apiVersion" Keyword "objectRef"
    "kubernetes.audit.objectRef.resourceVersion" Keyword "objectRef"
    "kubernetes.audit.objectRef.subresource" Keyword "objectRef"
    "kubernetes.audit.responseStatus.status" Keyword "responseStatus"
    "kubernetes.audit.responseStatus.message" MatchOnlyText "responseStatus"
    "kubernetes.audit.responseStatus.reason" Keyword "responseStatus"
    "kubernetes.audit.responseStatus.code" Long "responseStatus"
    "kubernetes.audit.responseStatus.details" Keyword "responseStatus, JSON text"
    "kubernetes.audit.requestObject" Flattened "requestObject"
    "kubernetes.audit.responseObject" Flattened "responseObject"
    "kubernetes.audit.requestReceivedTimestamp" Date "requestReceivedTimestamp"
    "kubernetes.audit.stageTimestamp" Date "stageTimestamp"
    "kubernetes.audit.timestamp" Date "timestamp of v1beta1 and v1alpha1"
    "kubernetes.audit.annotations.*" Keyword "annotations, at most 48 keys, dots become _"
    "kubernetes.audit.extra" Keyword "members without a field of their own, JSON text"
    "kubernetes.audit.action" Keyword "VERB-RESOURCE[/SUBRESOURCE]"
    "kubernetes.audit.is_final" Boolean "stage"
    "kubernetes.audit.denied_by" Keyword "responseStatus, authorization decision"
    "kubernetes.audit.client_ip_trusted" Boolean "false, beside client.ip"
    "kubernetes.audit.client.arch" Keyword "userAgent"
    "kubernetes.audit.client.component" Keyword "userAgent"
    "kubernetes.audit.exec.container" Keyword "requestURI of exec and attach"
    "kubernetes.audit.exec.stdin" Boolean "requestURI of exec and attach"
    "kubernetes.audit.exec.tty" Boolean "requestURI of exec and attach"
    "kubernetes.audit.authorization.binding.kind" Keyword "RBAC reason"
    "kubernetes.audit.authorization.binding.name" Keyword "RBAC reason"
    "kubernetes.audit.authorization.binding.namespace" Keyword "RBAC reason"
    "kubernetes.audit.authorization.role.kind" Keyword "RBAC reason"
    "kubernetes.audit.authorization.role.name" Keyword "RBAC reason"
    "kubernetes.audit.authorization.subject.kind" Keyword "RBAC reason"
    "kubernetes.audit.authorization.subject.name" Keyword "RBAC reason"
    "kubernetes.audit.authorization.subject.namespace" Keyword "RBAC reason"
    "kubernetes.audit.latency.total" Long "annotation apiserver.latency.k8s.io/total, milliseconds"
    "kubernetes.audit.latency.etcd" Long "annotation apiserver.latency.k8s.io/etcd, milliseconds"
    "kubernetes.audit.latency.apf_queue_wait" Long "annotation apiserver.latency.k8s.io/apf-queue-wait, milliseconds"
    "kubernetes.audit.latency.authentication" Long "annotation apiserver.latency.k8s.io/authentication, milliseconds"
    "kubernetes.audit.latency.authorization" Long "annotation apiserver.latency.k8s.io/authorization, milliseconds"
    "kubernetes.audit.latency.impersonation" Long "annotation apiserver.latency.k8s.io/impersonation, milliseconds"
    "kubernetes.audit.latency.mutating_webhook" Long "annotation apiserver.latency.k8s.io/mutating-webhook, milliseconds"
    "kubernetes.audit.latency.validating_webhook" Long "annotation apiserver.latency.k8s.io/validating-webhook, milliseconds"
    "kubernetes.audit.latency.serialize_response_object" Long "annotation apiserver.latency.k8s.io/serialize-response-object, milliseconds"
    "kubernetes.audit.latency.response_write" Long "annotation apiserver.latency.k8s.io/response-write, milliseconds"
    "kubernetes.audit.latency.transform_response_object" Long "annotation apiserver.latency.k8s.io/transform-response-object, milliseconds"
    "kubernetes.audit.latency.decode_response_object" Long "annotation apiserver.latency.k8s.io/decode-response-object, milliseconds"
    "kubernetes.audit.admission.webhook" Keyword "annotations of mutating webhooks and of those that failed open, at most 16"
    "kubernetes.audit.admission.mutated" Boolean "true when a webhook changed the object"
    "kubernetes.audit.admission.failed_open" Boolean "true when a webhook failed and was passed over"
    "kubernetes.audit.redaction.count" Long "values taken out"
    "kubernetes.audit.redaction.rules" Keyword "rules that took them out"
    "kubernetes.audit.auditweir.v" Long "1"
    "kubernetes.audit.auditweir.id" Keyword "document id"
    "kubernetes.audit.auditweir.lowered.from" Keyword "level before decide.audit"
    "kubernetes.audit.auditweir.lowered.to" Keyword "level after decide.audit"
    "kubernetes.audit.auditweir.lowered.rule" Long "number of the rule in decide.audit.rules"
    "kubernetes.audit.auditweir.redactions.path" Keyword "receipt"
    "kubernetes.audit.auditweir.redactions.rule" Keyword "receipt"
    "kubernetes.audit.auditweir.redactions.action" Keyword "receipt"
    "kubernetes.audit.auditweir.redactions.count" Long "receipt"
};

/// What a stub has besides: the object by which hosts know it, outermost in both shapes.
pub const STUB_FIELDS: &[Field] = fields! {
    "auditweir.v" Long "1"
    "auditweir.id" Keyword "document id"
    "auditweir.stub" Keyword "why there is no event"
    "auditweir.bytes" Long "length of the input"
    "auditweir.offset" Long "where it could not be read"
    "auditweir.rejected" Boolean "true when no API server can have written the input"
};
