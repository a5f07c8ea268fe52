//! What each piece of an audit event is called in every format: the one table behind
//! `docs/fields.md`.
//!
//! Tests hold it against documents in both directions, for every format: no name that is not
//! listed, none listed that no document has. Mapping types of `ecs` are in [`super::fields`].

/// A piece of information and its names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Names {
    /// Where it is in the event (`audit.k8s.io/v1`), or what it is made of.
    pub native: &'static str,
    /// Where that comes from.
    pub source: Source,
    /// `text`, `texts`, `number`, `flag`, `time`, `address`, `addresses`, `object`.
    pub kind: &'static str,
    /// An example value.
    pub example: &'static str,
    /// Fields of `ecs`.
    pub ecs: &'static [&'static str],
    /// Attributes of `ocsf`; those of list items are named as if there were no list.
    pub ocsf: &'static [&'static str],
    /// Attributes and members of the log record in `otel`.
    pub otel: &'static [&'static str],
}

/// Where a piece of information comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// A member of the event since `audit.k8s.io/v1alpha1`.
    V1,
    /// A member of `audit.k8s.io/v1beta1` and `v1alpha1` only.
    V1beta1,
    /// A member that newer API servers write.
    Later,
    /// The envelope around the event, or the policy.
    Origin,
    /// The policy.
    Policy,
    /// Computed from the event.
    Derived,
    /// The same in every document.
    Constant,
}

impl Source {
    /// As `docs/fields.md` has it.
    pub const fn text(self) -> &'static str {
        match self {
            Self::V1 => "audit.k8s.io/v1",
            Self::V1beta1 => "audit.k8s.io/v1beta1",
            Self::Later => "audit.k8s.io/v1, newer servers",
            Self::Origin => "envelope, policy",
            Self::Policy => "policy",
            Self::Derived => "derived",
            Self::Constant => "constant",
        }
    }
}

macro_rules! names {
    ($($native:literal $source:ident $kind:ident $example:literal
        [$($ecs:literal)*] [$($ocsf:literal)*] [$($otel:literal)*])+) => {
        &[$(Names {
            native: $native,
            source: Source::$source,
            kind: stringify!($kind),
            example: $example,
            ecs: &[$($ecs),*],
            ocsf: &[$($ocsf),*],
            otel: &[$($otel),*],
        }),+]
    };
}

/// All pieces of information.
pub const NAMES: &[Names] = names! {
    "kind" V1 text "Event"
        ["kubernetes.audit.kind"] [] ["eventName"]
    "apiVersion" V1 text "audit.k8s.io/v1"
        ["kubernetes.audit.apiVersion"] ["metadata.log_version"] ["k8s.audit.api_version"]
    "level" V1 text "Metadata"
        ["kubernetes.audit.level"] ["metadata.log_level"] ["k8s.audit.level"]
    "auditID" V1 text "3a9f0d0c-6f4e-4ae5-9d0d-2ce4f5ea0a9c"
        ["event.id" "http.request.id" "kubernetes.audit.auditID"]
        ["metadata.original_event_uid" "metadata.correlation_uid" "api.request.uid" "http_request.uid"]
        ["k8s.audit.id"]
    "stage" V1 text "ResponseComplete"
        ["event.code" "kubernetes.audit.stage"] ["metadata.event_code"] ["k8s.audit.stage"]
    "stage is the last one" Derived flag "true"
        ["kubernetes.audit.is_final"] [] []
    "stageTimestamp; requestReceivedTimestamp by policy" V1 time "2026-01-02T03:04:05.001006Z"
        ["@timestamp"] ["time" "time_dt"] ["timeUnixNano"]
    "stageTimestamp" V1 time "2026-01-02T03:04:05.001006Z"
        ["event.end" "kubernetes.audit.stageTimestamp"]
        ["metadata.original_time" "end_time" "end_time_dt"] []
    "requestReceivedTimestamp" V1 time "2026-01-02T03:04:05.000006Z"
        ["event.start" "kubernetes.audit.requestReceivedTimestamp"]
        ["start_time" "start_time_dt"] ["k8s.audit.request_received_timestamp"]
    "timestamp" V1beta1 time "2017-09-11T19:55:05Z"
        ["kubernetes.audit.timestamp"] [] []
    "time between the two" Derived number "1000000"
        ["event.duration"] ["duration"] ["k8s.audit.duration"]
    "verb" V1 text "create"
        ["event.action" "kubernetes.audit.verb"] ["api.operation"] ["k8s.audit.verb"]
    "verb and resource" Derived text "create-pods/exec"
        ["kubernetes.audit.action"] [] []
    "verb, resource, code" Derived text "Create"
        ["event.category" "event.type"]
        ["activity_id" "activity_name" "type_uid" "type_name"] []
    "verb as HTTP method" Derived text "POST"
        ["http.request.method"] ["http_request.http_method"] ["http.request.method"]
    "requestURI" V1 text "/api/v1/namespaces/shop/pods?limit=500"
        ["url.original" "kubernetes.audit.requestURI"]
        ["http_request.url.url_string"] ["url.original"]
    "requestURI, path" Derived text "/api/v1/namespaces/shop/pods"
        ["url.path"] ["http_request.url.path"] ["url.path"]
    "requestURI, query" Derived text "limit=500"
        ["url.query"] ["http_request.url.query_string"] ["url.query"]
    "requestURI, command parameters" Derived texts "[\"sh\", \"-c\", \"id\"]"
        ["process.args"] [] ["process.command_args"]
    "requestURI, command parameters as one text" Derived text "sh -c id"
        ["process.command_line"] ["unmapped.exec.command_line"] ["process.command_line"]
    "requestURI, container of exec and attach" Derived text "app"
        ["kubernetes.audit.exec.container"] ["unmapped.exec.container"] ["k8s.audit.exec.container"]
    "requestURI, stdin of exec and attach" Derived flag "true"
        ["kubernetes.audit.exec.stdin"] ["unmapped.exec.stdin"] ["k8s.audit.exec.stdin"]
    "requestURI, tty of exec and attach" Derived flag "true"
        ["kubernetes.audit.exec.tty"] ["unmapped.exec.tty"] ["k8s.audit.exec.tty"]
    "user.username" V1 text "alice"
        ["user.name" "kubernetes.audit.user.username"] ["actor.user.name"] ["user.name"]
    "user.uid" V1 text "u-1"
        ["user.id" "kubernetes.audit.user.uid"] ["actor.user.uid"] ["user.id"]
    "user.groups" V1 texts "[\"developers\"]"
        ["user.roles" "kubernetes.audit.user.groups"] ["actor.user.groups.name"] ["user.roles"]
    "user.groups, first that is not Kubernetes' own" Derived text "developers"
        ["user.group.name"] [] []
    "user.extra" V1 object "{\"arn\": [\"arn:aws:iam::1:user/a\"]}"
        ["kubernetes.audit.user.extra.*"] ["unmapped.user_extra"] []
    "user.extra, session name; session of an ARN" Derived text "bob"
        ["user.full_name"] ["actor.session.uid"] ["user.full_name"]
    "user.extra, canonicalArn" Derived text "arn:aws:iam::123412341234:role/Dev"
        [] ["actor.session.issuer"] []
    "user.extra, principalId" Derived text "AROAEXAMPLE"
        [] ["actor.user.uid_alt"] []
    "user.extra, credential-id" Derived text "JTI=5f3c"
        [] ["actor.user.programmatic_credentials.uid" "actor.user.programmatic_credentials.type"] []
    "user.extra, pod-name" Derived text "web-x"
        [] ["unmapped.pod"] ["k8s.audit.user.pod"]
    "user.username or user.extra, node" Derived text "n-1"
        ["kubernetes.audit.user.node" "related.hosts"]
        ["src_endpoint.name" "unmapped.node"] ["k8s.audit.user.node"]
    "kind of actor" Derived text "serviceaccount"
        ["kubernetes.audit.user.type"]
        ["actor.user.type_id" "actor.user.type" "unmapped.actor_kind"] ["k8s.audit.user.type"]
    "kind of actor: a person" Derived flag "true"
        ["kubernetes.audit.user.is_human"] [] []
    "kind of actor: the cluster itself" Derived flag "false"
        ["kubernetes.audit.user.is_system"] [] []
    "user.username, namespace of a service account" Derived text "shop"
        ["kubernetes.audit.user.service_account.namespace"]
        ["unmapped.service_account.namespace"] ["k8s.audit.user.service_account.namespace"]
    "user.username, name of a service account" Derived text "bot"
        ["kubernetes.audit.user.service_account.name"]
        ["unmapped.service_account.name"] ["k8s.audit.user.service_account.name"]
    "user.username, domain" Derived text "example.com"
        ["user.domain"] ["actor.user.domain"] []
    "user.username, mailbox" Derived text "carol@example.com"
        ["user.email"] ["actor.user.email_addr"] ["user.email"]
    "impersonatedUser" V1 texts "[\"impersonated\"]"
        [] ["api.request.flags"] []
    "impersonatedUser.username" V1 text "bob"
        ["user.effective.name" "kubernetes.audit.impersonatedUser.username"]
        ["unmapped.impersonated_user.name"] ["k8s.audit.impersonated_user.name"]
    "impersonatedUser.uid" V1 text "u-2"
        ["user.effective.id" "kubernetes.audit.impersonatedUser.uid"]
        ["unmapped.impersonated_user.uid"] ["k8s.audit.impersonated_user.id"]
    "impersonatedUser.groups" V1 texts "[\"ops\"]"
        ["user.effective.roles" "kubernetes.audit.impersonatedUser.groups"]
        ["unmapped.impersonated_user.groups"] ["k8s.audit.impersonated_user.groups"]
    "impersonatedUser.extra" V1 object "{\"scopes\": [\"view\"]}"
        ["kubernetes.audit.impersonatedUser.extra.*"] ["unmapped.impersonated_user.extra"] []
    "authenticationMetadata.impersonationConstraint" Later text "associated-node"
        ["kubernetes.audit.authenticationMetadata.impersonationConstraint"] [] []
    "sourceIPs" V1 addresses "[\"203.0.113.7\", \"10.0.0.1\"]"
        ["related.ip" "kubernetes.audit.sourceIPs"] [] []
    "sourceIPs, last: the peer, which clients cannot set" V1 address "10.0.0.1"
        ["source.ip" "source.address"] ["src_endpoint.ip" "src_endpoint.hostname"]
        ["source.address" "network.peer.address"]
    "sourceIPs, first of several: a claim" V1 address "203.0.113.7"
        ["client.ip"] ["http_request.x_forwarded_for"] ["client.address"]
    "sourceIPs, those between" V1 addresses "[\"192.0.2.9\"]"
        [] ["src_endpoint.intermediate_ips"] []
    "sourceIPs has a claim" Derived flag "false"
        ["kubernetes.audit.client_ip_trusted"] [] ["k8s.audit.client_address_trusted"]
    "userAgent" V1 text "kubectl/v1.30.1 (linux/amd64) kubernetes/abc"
        ["user_agent.original" "kubernetes.audit.userAgent"]
        ["http_request.user_agent"] ["user_agent.original"]
    "userAgent, product" Derived text "kubectl"
        ["user_agent.name"] ["actor.app_name"] ["user_agent.name"]
    "userAgent, version" Derived text "v1.30.1"
        ["user_agent.version"] ["unmapped.client.version"] ["user_agent.version"]
    "userAgent, operating system" Derived text "linux"
        ["user_agent.os.name"] ["unmapped.client.os"] ["user_agent.os.name"]
    "userAgent, architecture" Derived text "amd64"
        ["kubernetes.audit.client.arch"] ["unmapped.client.arch"] ["k8s.audit.client.arch"]
    "userAgent, component" Derived text "leader-election"
        ["kubernetes.audit.client.component"] ["actor.app_uid"] ["k8s.audit.client.component"]
    "objectRef.resource" V1 text "pods"
        ["orchestrator.resource.type" "kubernetes.audit.objectRef.resource"]
        ["resources.type"] ["k8s.audit.object_ref.resource"]
    "objectRef.subresource" V1 text "exec"
        ["kubernetes.audit.objectRef.subresource"] [] ["k8s.audit.object_ref.subresource"]
    "objectRef.namespace" V1 text "shop"
        ["orchestrator.namespace" "kubernetes.audit.objectRef.namespace"]
        ["resources.namespace"] ["k8s.namespace.name" "k8s.audit.object_ref.namespace"]
    "objectRef.name; metadata.name of the answer" V1 text "web-x"
        ["orchestrator.resource.name" "kubernetes.audit.objectRef.name"]
        ["resources.name"]
        ["k8s.audit.object_ref.name" "k8s.pod.name" "k8s.node.name" "k8s.service.name"
         "k8s.replicationcontroller.name" "k8s.resourcequota.name" "k8s.persistentvolume.name"
         "k8s.persistentvolumeclaim.name" "k8s.deployment.name" "k8s.replicaset.name"
         "k8s.statefulset.name" "k8s.daemonset.name" "k8s.job.name" "k8s.cronjob.name"
         "k8s.hpa.name"]
    "objectRef.uid; metadata.uid of the answer" V1 text "0f1a6f9e-6d7b-4c55-9b49-7f1f8f0a1c11"
        ["orchestrator.resource.id" "kubernetes.audit.objectRef.uid"]
        ["resources.uid"]
        ["k8s.audit.object_ref.uid" "k8s.pod.uid" "k8s.node.uid" "k8s.service.uid"
         "k8s.replicationcontroller.uid" "k8s.resourcequota.uid" "k8s.persistentvolume.uid"
         "k8s.persistentvolumeclaim.uid" "k8s.deployment.uid" "k8s.replicaset.uid"
         "k8s.statefulset.uid" "k8s.daemonset.uid" "k8s.job.uid" "k8s.cronjob.uid" "k8s.hpa.uid"]
    "objectRef.apiGroup" V1 text "apps"
        ["kubernetes.audit.objectRef.apiGroup"] ["api.group.name"] ["k8s.audit.object_ref.api_group"]
    "objectRef.apiVersion" V1 text "v1"
        ["orchestrator.api_version" "kubernetes.audit.objectRef.apiVersion"]
        ["api.version"] ["k8s.audit.object_ref.api_version"]
    "objectRef.resourceVersion" V1 text "7"
        ["kubernetes.audit.objectRef.resourceVersion"] ["resources.version"]
        ["k8s.audit.object_ref.resource_version"]
    "what a resource is to the request" Derived text "Target"
        [] ["resources.role_id" "resources.role"] []
    "subjects of a binding, account of a token" Derived text "mallory"
        ["user.target.name"] [] []
    "roleRef of a binding" Derived text "cluster-admin"
        ["user.target.roles"] [] []
    "metadata.ownerReferences[0].kind" V1 text "ReplicaSet"
        ["orchestrator.resource.parent.type"] [] []
    "metadata.labels" V1 texts "[\"app:web\"]"
        ["orchestrator.resource.label"] ["resources.labels"] []
    "status.podIP, spec.clusterIP" V1 address "10.1.2.3"
        ["orchestrator.resource.ip"] [] []
    "requestObject" V1 object "{\"kind\": \"Pod\"}"
        ["kubernetes.audit.requestObject"] ["api.request.data"] []
    "responseObject" V1 object "{\"kind\": \"Pod\"}"
        ["kubernetes.audit.responseObject"] ["api.response.data"] []
    "requestObject, names of containers" Derived text "app"
        [] ["api.request.containers.name"] []
    "requestObject, images" Derived text "registry:5000/web"
        ["container.image.name"] ["api.request.containers.image.name"]
        ["k8s.audit.images" "container.image.name"]
    "requestObject, tags of images" Derived text "1.2"
        ["container.image.tag"] ["api.request.containers.image.labels"] ["container.image.tags"]
    "requestObject, digests of images" Derived text "sha256:ab"
        ["container.image.hash.all" "related.hash"] ["api.request.containers.image.uid"]
        ["container.image.repo_digests"]
    "responseStatus.code" V1 number "403"
        ["http.response.status_code" "kubernetes.audit.responseStatus.code"]
        ["status_code" "http_response.code" "api.response.code"] ["http.response.status_code"]
    "responseStatus.status" V1 text "Failure"
        ["kubernetes.audit.responseStatus.status"] [] []
    "responseStatus.reason" V1 text "Forbidden"
        ["event.reason" "error.type" "kubernetes.audit.responseStatus.reason"]
        ["status_detail" "api.response.error"] ["error.type"]
    "responseStatus.message" V1 text "pods \"web\" is forbidden"
        ["error.message" "kubernetes.audit.responseStatus.message"]
        ["api.response.error_message" "api.response.message"] ["k8s.audit.response.message"]
    "responseStatus.details" V1 object "{\"kind\": \"pods\"}"
        ["kubernetes.audit.responseStatus.details"] [] []
    "outcome: stage, code, decision" Derived text "failure"
        ["event.outcome"] ["status_id" "status"] ["k8s.audit.outcome"]
    "severity: denied writes, errors of the server" Derived text "WARN"
        [] ["severity_id" "severity"] ["severityNumber" "severityText"]
    "who refused" Derived text "authorization"
        ["kubernetes.audit.denied_by"]
        ["unmapped.denied_by" "disposition_id" "disposition"] ["k8s.audit.denied_by"]
    "annotations" V1 object "{\"example.com/a\": \"b\"}"
        ["kubernetes.audit.annotations.*"] ["unmapped.annotations"] []
    "annotation authorization.k8s.io/decision" V1 text "allow"
        [] ["action_id" "action" "actor.authorizations.decision"]
        ["k8s.audit.authorization.decision"]
    "annotation authorization.k8s.io/reason" V1 text "RBAC: allowed by …"
        [] ["actor.authorizations.policy.desc"] ["k8s.audit.authorization.reason"]
    "RBAC reason: role" Derived text "edit"
        ["kubernetes.audit.authorization.role.kind" "kubernetes.audit.authorization.role.name"]
        ["policy.name" "policy.type" "policy.is_applied" "actor.authorizations.policy.name"
         "actor.authorizations.policy.type"]
        ["k8s.audit.authorization.role"]
    "RBAC reason: binding" Derived text "RoleBinding/shop/edit"
        ["kubernetes.audit.authorization.binding.kind" "kubernetes.audit.authorization.binding.name"
         "kubernetes.audit.authorization.binding.namespace"]
        ["actor.authorizations.policy.uid"] ["k8s.audit.authorization.binding"]
    "RBAC reason: subject" Derived text "ServiceAccount/ns/sa"
        ["kubernetes.audit.authorization.subject.kind" "kubernetes.audit.authorization.subject.name"
         "kubernetes.audit.authorization.subject.namespace"]
        [] ["k8s.audit.authorization.subject"]
    "annotation apiserver.latency.k8s.io/total" V1 number "1500"
        ["kubernetes.audit.latency.total"] ["unmapped.latency.total"] ["k8s.audit.latency.total"]
    "annotation apiserver.latency.k8s.io/etcd" V1 number "1500"
        ["kubernetes.audit.latency.etcd"] ["unmapped.latency.etcd"] ["k8s.audit.latency.etcd"]
    "annotation apiserver.latency.k8s.io/apf-queue-wait" V1 number "1500"
        ["kubernetes.audit.latency.apf_queue_wait"] ["unmapped.latency.apf_queue_wait"]
        ["k8s.audit.latency.apf_queue_wait"]
    "annotation apiserver.latency.k8s.io/authentication" V1 number "1500"
        ["kubernetes.audit.latency.authentication"] ["unmapped.latency.authentication"]
        ["k8s.audit.latency.authentication"]
    "annotation apiserver.latency.k8s.io/authorization" V1 number "1500"
        ["kubernetes.audit.latency.authorization"] ["unmapped.latency.authorization"]
        ["k8s.audit.latency.authorization"]
    "annotation apiserver.latency.k8s.io/impersonation" V1 number "1500"
        ["kubernetes.audit.latency.impersonation"] ["unmapped.latency.impersonation"]
        ["k8s.audit.latency.impersonation"]
    "annotation apiserver.latency.k8s.io/mutating-webhook" V1 number "1500"
        ["kubernetes.audit.latency.mutating_webhook"] ["unmapped.latency.mutating_webhook"]
        ["k8s.audit.latency.mutating_webhook"]
    "annotation apiserver.latency.k8s.io/validating-webhook" V1 number "1500"
        ["kubernetes.audit.latency.validating_webhook"] ["unmapped.latency.validating_webhook"]
        ["k8s.audit.latency.validating_webhook"]
    "annotation apiserver.latency.k8s.io/serialize-response-object" V1 number "1500"
        ["kubernetes.audit.latency.serialize_response_object"]
        ["unmapped.latency.serialize_response_object"]
        ["k8s.audit.latency.serialize_response_object"]
    "annotation apiserver.latency.k8s.io/response-write" V1 number "1500"
        ["kubernetes.audit.latency.response_write"] ["unmapped.latency.response_write"]
        ["k8s.audit.latency.response_write"]
    "annotation apiserver.latency.k8s.io/transform-response-object" V1 number "1500"
        ["kubernetes.audit.latency.transform_response_object"]
        ["unmapped.latency.transform_response_object"]
        ["k8s.audit.latency.transform_response_object"]
    "annotation apiserver.latency.k8s.io/decode-response-object" V1 number "1500"
        ["kubernetes.audit.latency.decode_response_object"]
        ["unmapped.latency.decode_response_object"]
        ["k8s.audit.latency.decode_response_object"]
    "annotations of admission webhooks: names" V1 texts "[\"w.example.com\"]"
        ["kubernetes.audit.admission.webhook"] [] ["k8s.audit.admission.webhooks"]
    "annotations of admission webhooks: one changed the object" V1 flag "true"
        ["kubernetes.audit.admission.mutated"] [] ["k8s.audit.admission.mutated"]
    "annotations of admission webhooks: one failed and was passed over" V1 flag "true"
        ["kubernetes.audit.admission.failed_open"] [] ["k8s.audit.admission.failed_open"]
    "annotation k8s.io/deprecated" V1 flag "true"
        [] [] ["k8s.audit.deprecated"]
    "annotation audit.k8s.io/truncated, or cut off by a log service" V1 flag "true"
        [] ["metadata.is_truncated"] ["k8s.audit.truncated"]
    "the record holds another event that says something else" Derived flag "true"
        [] [] ["k8s.audit.contradicted"]
    "no time of its own: that of the record, or of the event before, is taken" Derived flag "true"
        [] [] ["k8s.audit.no_timestamp"]
    "the whole event" V1 object "{\"kind\": \"Event\"}"
        [] [] ["body"]
    "members without a place of their own" Derived text "{\"unknown\": 1}"
        ["kubernetes.audit.extra"] ["unmapped.extra"] []
    "who did what to what" Derived text "alice create pods shop/web -> 201"
        ["message"] ["message"] []
    "redacted, truncated, deprecated, no_timestamp, contradicted" Derived text "redacted"
        ["tags"] ["metadata.tags.name" "metadata.tags.value"] []
    "addresses, names, digests, texts to search for" Derived text "10.0.0.1"
        [] ["observables.name" "observables.type_id" "observables.type" "observables.value"] []
    "users to search for" Derived texts "[\"alice\", \"bob\"]"
        ["related.user"] [] []
    "enrich.networks: name of the peer's network" Policy text "private"
        ["labels.source_network"] [] ["k8s.audit.source_network"]
    "enrich.lookups" Policy text "blue"
        [] [] ["k8s.audit.label.*"]
    "enrich.networks, enrich.lookups, admission webhooks" Derived object "{\"team\": \"blue\"}"
        []
        ["enrichments.name" "enrichments.value" "enrichments.type" "enrichments.data"] []
    "name of the cluster" Origin text "prod"
        ["orchestrator.cluster.name"] ["dst_endpoint.name"] ["k8s.cluster.name"]
    "id of the cluster" Origin text "c-1"
        ["orchestrator.cluster.id"] ["dst_endpoint.uid" "metadata.tenant_uid"] ["k8s.cluster.uid"]
    "cloud; the caller's identity tells it, too" Origin text "aws"
        ["cloud.provider"] ["cloud.provider"] ["cloud.provider"]
    "AWS account, Azure subscription" Origin text "123412341234"
        ["cloud.account.id"] ["cloud.account.uid" "cloud.account.type_id" "cloud.account.type"]
        ["cloud.account.id"]
    "region" Origin text "eu-central-1"
        ["cloud.region"] ["cloud.region"] ["cloud.region"]
    "Google Cloud project" Origin text "shop-1"
        ["cloud.project.id"] ["cloud.account.uid"] ["cloud.account.id"]
    "managed service" Origin text "eks"
        ["cloud.service.name"] [] ["cloud.platform"]
    "document id: hash of the event as redacted" Derived text "0f3a…"
        ["event.hash" "kubernetes.audit.auditweir.id" "auditweir.id"] ["metadata.uid" "unmapped.auditweir.id"]
        ["log.record.uid"]
    "version of the receipt" Constant number "1"
        ["kubernetes.audit.auditweir.v" "auditweir.v"] ["unmapped.auditweir.v"] []
    "values taken out" Derived number "3"
        ["kubernetes.audit.redaction.count"] [] ["k8s.audit.redaction.count"]
    "rules that took them out" Derived texts "[\"secret-values\"]"
        ["kubernetes.audit.redaction.rules"] [] ["k8s.audit.redaction.rules"]
    "receipts: path, rule, action, count" Derived object "{\"path\": \"requestObject.data.*\"}"
        ["kubernetes.audit.auditweir.redactions.path" "kubernetes.audit.auditweir.redactions.rule"
         "kubernetes.audit.auditweir.redactions.action" "kubernetes.audit.auditweir.redactions.count"]
        ["unmapped.auditweir.redactions.path" "unmapped.auditweir.redactions.rule"
         "unmapped.auditweir.redactions.action" "unmapped.auditweir.redactions.count"]
        ["k8s.audit.redaction.receipts"]
    "level lowered by decide.audit" Derived object "{\"from\": \"Request\", \"to\": \"Metadata\"}"
        ["kubernetes.audit.auditweir.lowered.from" "kubernetes.audit.auditweir.lowered.to"
         "kubernetes.audit.auditweir.lowered.rule"]
        ["unmapped.auditweir.lowered.from" "unmapped.auditweir.lowered.to"
         "unmapped.auditweir.lowered.rule"] []
    "stub: why" Derived text "json-unexpected-end"
        ["auditweir.stub"] ["unmapped.auditweir.stub"] ["k8s.audit.stub.reason"]
    "stub: bytes of the input" Derived number "2048"
        ["auditweir.bytes"] ["unmapped.auditweir.bytes"] ["k8s.audit.stub.bytes"]
    "stub: where in the input" Derived number "1024"
        ["auditweir.offset"] ["unmapped.auditweir.offset"] ["k8s.audit.stub.offset"]
    "stub: no API server can have written the input" Derived flag "true"
        ["auditweir.rejected"] ["unmapped.auditweir.rejected"] ["k8s.audit.stub.rejected"]
    "dataset" Policy text "kubernetes.audit_logs"
        ["data_stream.dataset" "event.dataset"] [] []
    "namespace of the data stream" Policy text "default"
        ["data_stream.namespace"] [] []
    "what wrote the event" Constant text "kube-apiserver"
        ["event.provider" "event.module" "orchestrator.type"]
        ["metadata.log_name" "metadata.log_provider" "metadata.product.name"
         "metadata.product.vendor_name" "metadata.product.feature.name" "api.service.name"
         "dst_endpoint.svc_name"]
        ["service.name"]
    "what made the document" Constant text "auditweir"
        []
        ["metadata.transformation_info_list.name" "metadata.transformation_info_list.lang"
         "metadata.transformation_info_list.product.name"
         "metadata.transformation_info_list.product.version"] []
    "class of the document" Constant text "API Activity"
        ["ecs.version" "event.kind" "data_stream.type"]
        ["metadata.version" "metadata.profiles" "category_uid" "category_name" "class_uid"
         "class_name"] []
};
