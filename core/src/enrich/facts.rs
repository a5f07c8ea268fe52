//! The table of facts: every piece of information that output can have, once.
//!
//! A row is a fact: its type, where it comes from, an example, and how it is read from [`Facts`].
//! What it is called in a format is that format's matter.

use super::body::Image;
use super::text::Text;
use super::{Decision, DryRun, Facts, Ruling, Timestamp};
use crate::event::Stage;

/// A piece of information.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fact {
    /// Its name here.
    pub key: &'static str,
    /// Where it is in the event (`audit.k8s.io/v1`), or what it is made of.
    pub native: &'static str,
    /// Where that comes from.
    pub source: Source,
    /// `text`, `texts`, `number`, `flag`, `time`, `address`, `addresses`, `object`.
    pub kind: &'static str,
    /// An example value.
    pub example: &'static str,
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

macro_rules! facts {
    ($($key:ident: $kind:ident $source:ident $native:literal $example:literal
        $(= |$facts:ident| $get:expr)?;)+) => {
        /// All pieces of information.
        pub const FACTS: &[Fact] = &[$(Fact {
            key: stringify!($key),
            native: $native,
            source: Source::$source,
            kind: stringify!($kind),
            example: $example,
        }),+];

        impl<'a> Facts<'a> {
            $($(
            #[inline(always)]
            #[allow(clippy::unnecessary_wraps, reason = "every fact is read the same way")]
            pub(crate) fn $key(&self) -> facts!(@value $kind, 'a) {
                let $facts = self;
                $get
            }
            )?)+
        }

        /// A fact for each row, so that a layout cannot name one that is not there.
        #[expect(non_upper_case_globals, reason = "named as in the table")]
        pub(crate) mod key {
            $(pub(crate) const $key: &str = stringify!($key);)+
        }
    };
    (@value number, $life:lifetime) => { Option<u64> };
    (@value flag, $life:lifetime) => { Option<bool> };
    (@value time, $life:lifetime) => { Option<Timestamp<$life>> };
    (@value $kind:ident, $life:lifetime) => { Option<Text<$life>> };
}

facts! {
    event_kind: text V1 "kind" "Event";
    event_version: text V1 "apiVersion" "audit.k8s.io/v1";
    level: text V1 "level" "Metadata";
    audit_id: text V1 "auditID" "3a9f0d0c-6f4e-4ae5-9d0d-2ce4f5ea0a9c" = |f| f.audit_id;
    stage: text V1 "stage" "ResponseComplete" = |f| f.stage_text;
    is_final: flag Derived "stage is the last one" "true" = |f| Some(f.stage.is_some_and(Stage::is_final));
    time: time V1 "stageTimestamp; requestReceivedTimestamp by policy" "2026-01-02T03:04:05.001006Z";
    staged: time V1 "stageTimestamp" "2026-01-02T03:04:05.001006Z";
    received: time V1 "requestReceivedTimestamp" "2026-01-02T03:04:05.000006Z" = |f| f.received;
    legacy: time V1beta1 "timestamp" "2017-09-11T19:55:05Z";
    duration: number Derived "time between the two" "1000000" = |f| f.duration;
    verb: text V1 "verb" "create" = |f| f.verb;
    action: text Derived "verb and resource" "create-pods/exec";
    class: text Derived "verb, resource, code" "Create";
    method: text Derived "verb as HTTP method" "POST" = |f| f.act.method().map(Text::fixed);
    request_uri: text V1 "requestURI" "/api/v1/namespaces/shop/pods?limit=500" = |f| f.request_uri;
    path: text Derived "requestURI, path" "/api/v1/namespaces/shop/pods"
        = |f| f.uri.map(|uri| uri.path);
    query: text Derived "requestURI, query" "limit=500" = |f| f.uri.map(|uri| uri.query);
    arguments: texts Derived "command of exec and attach: body, requestURI, label of GKE" "[\"sh\", \"-c\", \"id\"]";
    command_line: text Derived "command of exec and attach as one text" "sh -c id";
    exec_container: text Derived "container of exec and attach" "app"
        = |f| f.exec.map(|exec| Text { bytes: exec.container(), ready: false });
    exec_stdin: flag Derived "stdin of exec and attach" "true"
        = |f| f.exec.and_then(|exec| exec.stdin);
    exec_tty: flag Derived "tty of exec and attach" "true"
        = |f| f.exec.and_then(|exec| exec.tty);
    username: text V1 "user.username; without one, whom a login to OpenShift names" "alice" = |f| f.username;
    user_id: text V1 "user.uid" "u-1" = |f| f.user_id;
    groups: texts V1 "user.groups" "[\"developers\"]";
    group: text Derived "user.groups, first that is not Kubernetes' own" "developers" = |f| f.group;
    user_extra: object V1 "user.extra" "{\"arn\": [\"arn:aws:iam::1:user/a\"]}";
    session: text Derived "user.extra, session name or (Rancher) username; session of an ARN" "bob" = |f| f.session;
    issuer: text Derived "user.extra, canonicalArn" "arn:aws:iam::123412341234:role/Dev";
    principal: text Derived "user.extra, principalId" "AROAEXAMPLE";
    credential: text Derived "user.extra, credential-id" "JTI=5f3c";
    pod: text Derived "user.extra, pod-name" "web-x" = |f| f.pod;
    node: text Derived "user.username or user.extra, node" "n-1" = |f| f.actor.node.or(f.node);
    actor: text Derived "kind of actor" "serviceaccount" = |f| Some(Text::fixed(f.actor.kind.text()));
    is_human: flag Derived "kind of actor: a person" "true" = |f| Some(f.actor.is_human);
    is_system: flag Derived "kind of actor: the cluster itself" "false"
        = |f| Some(f.actor.kind.is_system());
    account_namespace: text Derived "user.username, namespace of a service account" "shop"
        = |f| f.actor.service_account.map(|(namespace, _)| namespace);
    account_name: text Derived "user.username, name of a service account" "bot"
        = |f| f.actor.service_account.map(|(_, name)| name);
    domain: text Derived "user.username, domain" "example.com"
        = |f| f.actor.service_account.or(f.actor.email.map(|(_, domain)| (domain, domain))).map(|(domain, _)| domain);
    email: text Derived "user.username, mailbox" "carol@example.com"
        = |f| f.actor.email.map(|(address, _)| address);
    impersonated: texts V1 "impersonatedUser; a dry run" "[\"impersonated\"]";
    effective_name: text V1 "impersonatedUser.username; who delegated to a service account (GKE)" "bob" = |f| f.effective_name;
    effective_id: text V1 "impersonatedUser.uid" "u-2" = |f| f.effective_id;
    effective_person: text V1 "impersonatedUser.extra, username: the person as Rancher knows them" "bob"
        = |f| f.effective_person;
    login_name: text V1 "annotation authentication.openshift.io/username: whom a login names" "ana"
        = |f| f.login_name;
    effective_groups: texts V1 "impersonatedUser.groups" "[\"ops\"]";
    effective_extra: object V1 "impersonatedUser.extra" "{\"scopes\": [\"view\"]}";
    constraint: text Later "authenticationMetadata.impersonationConstraint" "associated-node";
    source_ips: addresses V1 "sourceIPs" "[\"203.0.113.7\", \"10.0.0.1\"]";
    peer: address V1 "sourceIPs, last: the peer, which clients cannot set" "10.0.0.1" = |f| f.peer;
    claimed: address V1 "sourceIPs, first of several: a claim" "203.0.113.7";
    between: addresses V1 "sourceIPs, those between" "[\"192.0.2.9\"]";
    claim_trusted: flag Derived "sourceIPs has a claim" "false" = |f| f.claimed.map(|_| false);
    user_agent: text V1 "userAgent" "kubectl/v1.30.1 (linux/amd64) kubernetes/abc" = |f| f.user_agent;
    product: text Derived "userAgent, product" "kubectl" = |f| f.agent.map(|agent| agent.name);
    product_version: text Derived "userAgent, version" "v1.30.1"
        = |f| f.agent.map(|agent| agent.version);
    system: text Derived "userAgent, operating system" "linux" = |f| f.agent.map(|agent| agent.os);
    architecture: text Derived "userAgent, architecture" "amd64" = |f| f.agent.map(|agent| agent.arch);
    component: text Derived "userAgent, component" "leader-election"
        = |f| f.agent.map(|agent| agent.component);
    resource: text V1 "objectRef.resource" "pods" = |f| f.resource;
    subresource: text V1 "objectRef.subresource" "exec" = |f| f.subresource;
    namespace: text V1 "objectRef.namespace" "shop" = |f| f.namespace;
    name: text V1 "objectRef.name; metadata.name of the answer" "web-x" = |f| f.name;
    object_uid: text V1 "objectRef.uid; metadata.uid of the answer" "0f1a6f9e-6d7b-4c55-9b49-7f1f8f0a1c11"
        = |f| f.object_uid;
    api_group: text V1 "objectRef.apiGroup" "apps" = |f| f.api_group;
    api_version: text V1 "objectRef.apiVersion" "v1" = |f| f.api_version;
    resource_version: text V1 "objectRef.resourceVersion" "7";
    part: text Derived "what a resource is to the request" "Target";
    target: text Derived "subjects of a binding, account of a token, whom a login names" "mallory";
    target_role: text Derived "roleRef of a binding" "cluster-admin";
    owner: text V1 "metadata.ownerReferences[0].kind" "ReplicaSet";
    labels: texts V1 "metadata.labels" "[\"app:web\"]";
    object_ip: address V1 "status.podIP, spec.clusterIP" "10.1.2.3";
    request_object: object V1 "requestObject" "{\"kind\": \"Pod\"}";
    response_object: object V1 "responseObject" "{\"kind\": \"Pod\"}";
    containers: text Derived "requestObject, names of containers" "app";
    images: text Derived "requestObject, images" "registry:5000/web";
    image_tags: text Derived "requestObject, tags of images" "1.2";
    image_digests: text Derived "requestObject, digests of images" "sha256:ab";
    code: number V1 "responseStatus.code" "403" = |f| (f.code != 0).then_some(u64::from(f.code));
    status: text V1 "responseStatus.status" "Failure";
    status_reason: text V1 "responseStatus.reason" "Forbidden" = |f| f.status_reason;
    status_message: text V1 "responseStatus.message" "pods \"web\" is forbidden" = |f| f.status_message;
    details: object V1 "responseStatus.details" "{\"kind\": \"pods\"}";
    outcome: text Derived "outcome: the verdict" "failure"
        = |f| Some(Text::fixed(f.outcome.text()));
    severity: text Derived "severity: denied writes, errors of the server" "WARN";
    denied_by: text Derived "who refused" "authorization" = |f| f.denied_by.map(Text::fixed);
    ruling: text Derived "the verdict: let through or refused" "denied" = |f| f.ruled().map(Text::fixed);
    dry_run: flag Derived "a dry run: nothing was stored" "true"
        = |f| (f.dry_run == DryRun::Yes).then_some(true);
    dry_run_claimed: flag Derived "a dry run, if the body that was not recorded says nothing else" "true"
        = |f| (f.dry_run == DryRun::Claimed).then_some(true);
    annotations: object V1 "annotations" "{\"example.com/a\": \"b\"}";
    decision: text V1 "annotation authorization.k8s.io/decision" "allow"
        = |f| f.verdict().map(Text::fixed);
    reason: text V1 "annotation authorization.k8s.io/reason" "RBAC: allowed by …" = |f| f.reason;
    role: text Derived "authorization reason of RBAC, EKS or Azure: role" "edit";
    binding: text Derived "authorization reason of RBAC, EKS or Azure: binding" "RoleBinding/shop/edit";
    subject: text Derived "authorization reason of RBAC, EKS or Azure: subject" "ServiceAccount/ns/sa";
    latency_total: number V1 "annotation apiserver.latency.k8s.io/total" "1500";
    latency_etcd: number V1 "annotation apiserver.latency.k8s.io/etcd" "1500";
    latency_apf_queue_wait: number V1 "annotation apiserver.latency.k8s.io/apf-queue-wait" "1500";
    latency_authentication: number V1 "annotation apiserver.latency.k8s.io/authentication" "1500";
    latency_authorization: number V1 "annotation apiserver.latency.k8s.io/authorization" "1500";
    latency_impersonation: number V1 "annotation apiserver.latency.k8s.io/impersonation" "1500";
    latency_mutating_webhook: number V1 "annotation apiserver.latency.k8s.io/mutating-webhook" "1500";
    latency_validating_webhook: number V1 "annotation apiserver.latency.k8s.io/validating-webhook" "1500";
    latency_serialize_response_object: number V1 "annotation apiserver.latency.k8s.io/serialize-response-object" "1500";
    latency_response_write: number V1 "annotation apiserver.latency.k8s.io/response-write" "1500";
    latency_transform_response_object: number V1 "annotation apiserver.latency.k8s.io/transform-response-object" "1500";
    latency_decode_response_object: number V1 "annotation apiserver.latency.k8s.io/decode-response-object" "1500";
    webhooks: texts V1 "admission webhooks that denied, and those of annotations: names" "[\"w.example.com\"]";
    mutated: flag V1 "annotations of admission webhooks: one changed the object" "true";
    failed_open: flag V1 "annotations of admission webhooks: one failed and was passed over" "true";
    policies: texts V1 "admission policies that denied or found a failure: names" "[\"max-replicas\"]";
    policy_bindings: texts V1 "bindings of these policies: names" "[\"max-replicas-all\"]";
    policy_actions: texts V1 "what these policies did: Deny, Audit, Warn" "[\"Deny\"]";
    deprecated: flag V1 "annotation k8s.io/deprecated" "true";
    truncated: flag V1 "annotation audit.k8s.io/truncated, or cut off by a log service" "true";
    contradicted: flag Derived "the record holds another event that says something else" "true";
    untimed: flag Derived "no time of its own: that of the record, or of the event before, is taken" "true";
    event: object V1 "the whole event" "{\"kind\": \"Event\"}";
    rest: text Derived "members without a place of their own" "{\"unknown\": 1}";
    sentence: text Derived "who did what to what" "alice create pods shop/web -> 201";
    tags: text Derived "redacted, truncated, deprecated, dry_run, dry_run_claimed, no_timestamp, contradicted" "redacted";
    alert: flag Derived "a detection rule matches" "true";
    matches: texts Derived "detection rules that match" "197a70ab-4555-5991-8c86-fd6403c6dc8b";
    match_severity: number Derived "how bad the worst of them is: 1, 21, 47, 73 or 99" "47";
    match_techniques: texts Derived "their techniques of ATT&CK" "T1609";
    observables: text Derived "addresses, names, digests, texts to search for" "10.0.0.1";
    users: texts Derived "users to search for" "[\"alice\", \"bob\"]";
    network: text Policy "enrich.networks: name of the peer's network" "private";
    lookups: text Policy "enrich.lookups" "blue";
    enrichments: object Derived "enrich.networks, enrich.lookups, admission webhooks" "{\"team\": \"blue\"}";
    cluster_name: text Origin "name of the cluster" "prod" = |f| f.origin.cluster_name;
    cluster_id: text Origin "id of the cluster" "c-1" = |f| f.origin.cluster_id;
    provider: text Origin "cloud; the caller's identity tells it, too" "aws" = |f| f.origin.provider;
    account: text Origin "AWS account, Azure subscription" "123412341234"
        = |f| f.origin.account;
    region: text Origin "region" "eu-central-1" = |f| f.origin.region;
    project: text Origin "Google Cloud project" "shop-1" = |f| f.origin.project;
    platform: text Origin "managed service" "eks" = |f| Some(Text::fixed(f.origin.platform));
    document_id: text Derived "document id: hash of the event as redacted" "0f3a…";
    receipt_version: number Constant "version of the receipt" "1";
    redactions: number Derived "values taken out" "3";
    rules: texts Derived "rules that took them out" "[\"secret-values\"]";
    receipts: object Derived "receipts: path, rule, action, count" "{\"path\": \"requestObject.data.*\"}";
    lowered: object Derived "level lowered by decide.audit" "{\"from\": \"Request\", \"to\": \"Metadata\"}";
    stub_reason: text Derived "stub: why" "json-unexpected-end";
    stub_bytes: number Derived "stub: bytes of the input" "2048";
    stub_offset: number Derived "stub: where in the input" "1024";
    stub_rejected: flag Derived "stub: no API server can have written the input" "true";
    dataset: text Policy "dataset" "kubernetes.audit_logs";
    data_namespace: text Policy "namespace of the data stream" "default";
    writer: text Constant "what wrote the event" "kube-apiserver";
    maker: text Constant "what made the document" "auditweir";
    document_class: text Constant "class of the document" "API Activity";
}

impl<'a> Facts<'a> {
    /// Whether the request was refused to this caller.
    pub(crate) fn is_denied(&self) -> bool {
        self.ruling == Ruling::Denied
    }

    /// Whether it was let through or refused, if that is known.
    pub(crate) fn ruled(&self) -> Option<&'static [u8]> {
        match self.ruling {
            Ruling::Allowed => Some(b"allowed"),
            Ruling::Denied => Some(b"denied"),
            Ruling::Unknown => None,
        }
    }

    /// What the authorizer decided, in its own words.
    pub(crate) fn verdict(&self) -> Option<&'static [u8]> {
        match self.decision {
            Decision::Allow => Some(b"allow"),
            Decision::Forbid => Some(b"forbid"),
            Decision::None | Decision::Odd => None,
        }
    }

    /// Why the answer is what it is: the server's word, else that of the authorizer that refused.
    pub(crate) fn why(&self) -> Option<Text<'a>> {
        let forbid = if self.decision == Decision::Forbid { self.reason } else { None };
        self.status_reason.filter(|reason| !reason.is_empty()).or(forbid)
    }

    /// When the request ended.
    pub(crate) fn ended(&self) -> Option<Timestamp<'a>> {
        self.staged.filter(|_| self.stage.is_some_and(Stage::is_final))
    }

    /// What the authorizer gave as its reason.
    pub(crate) fn decided(&self) -> Option<Text<'a>> {
        self.reason.filter(|reason| !reason.is_empty())
    }

    /// Whether somebody may be given something.
    pub(crate) fn grants(&self) -> bool {
        matches!(self.act.resource, b"serviceaccounts" | b"rolebindings" | b"clusterrolebindings")
    }

    /// The RBAC role that allowed the request.
    pub(crate) fn role(&self) -> Option<Text<'a>> {
        self.rbac.map(|rbac| Text::fixed(rbac.role))
    }

    /// The one image of the request, if it is one.
    pub(crate) fn only_image(&self) -> Option<Image<'a>> {
        let mut images = self.images.iter();
        images.next().filter(|_| images.next().is_none())
    }
}
