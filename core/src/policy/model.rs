//! The policy file: plain structs, every field with a default, unknown fields refused.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::audit_policy::AuditPolicy;

/// What happens to a value that a rule or detector found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Action {
    /// Leaves the value alone.
    Keep,
    /// Removes the member (or, inside a text, the found part).
    Drop,
    /// Replaces the value by `[redacted:RULE]`. Says nothing about the value, not even its length.
    #[default]
    Mask,
    /// Like `mask`, but shows the first and last two characters of values of 16 characters or
    /// more. For identifiers such as account numbers, not for credentials.
    Partial,
    /// Replaces the value by `[pseudonym:KEYID:HEX]`, HMAC-SHA-256 under the policy's key: equal
    /// values stay comparable, nobody without the key can guess them. Masks when no key is set.
    Pseudonym,
    /// Keeps the first quarter, 32 characters at most, and says how many bytes were cut. Masks values
    /// of fewer than 32 characters. For long texts that are no secrets.
    Truncate,
}

impl Action {
    /// The name as policies and receipts spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Drop => "drop",
            Self::Mask => "mask",
            Self::Partial => "partial",
            Self::Pseudonym => "pseudonym",
            Self::Truncate => "truncate",
        }
    }
}

/// A redaction policy, version 1. `Policy::default()` is the default policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[non_exhaustive]
pub struct Policy {
    /// Version of this file format; 1.
    pub version: u8,
    /// Always `RedactionPolicy`.
    #[serde(default)]
    pub kind: PolicyKind,
    /// Bounds on what one input may cost.
    #[serde(default)]
    pub limits: Limits,
    /// Which events go on, and at which level.
    #[serde(default)]
    pub decide: Decide,
    /// What is taken out of them.
    #[serde(default)]
    pub redact: Redact,
    /// What is added to them.
    #[serde(default)]
    pub enrich: Enrich,
    /// How they are written.
    #[serde(default)]
    pub output: Output,
    /// Which detection rules look at them. Absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<RulesPolicy>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            version: 1,
            kind: PolicyKind::default(),
            limits: Limits::default(),
            decide: Decide::default(),
            redact: Redact::default(),
            enrich: Enrich::default(),
            output: Output::default(),
            rules: None,
        }
    }
}

/// Which detection rules look at events.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct RulesPolicy {
    /// The rules that come with auditweir.
    pub pack: RulePack,
    /// Folders of Sigma rules and filters, beside the policy's own file unless they are absolute.
    /// The host reads them.
    pub folders: Vec<String>,
    /// Ids or intents of rules that are not asked.
    pub disable: Vec<String>,
}

/// The rules that come with auditweir.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum RulePack {
    /// All of them.
    #[default]
    Default,
    /// None of them.
    None,
}

/// The file's `kind`. (Kubernetes' own audit `Policy` goes under `decide.audit`.)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum PolicyKind {
    /// The only kind there is.
    #[default]
    RedactionPolicy,
}

/// Bounds on what one input may cost. Past a bound the event becomes a stub.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct Limits {
    /// Largest input line or record in bytes. Default 16 MiB; at most 1 GiB.
    pub line_bytes: u32,
    /// Containers nested deeper are masked whole. Default 100, at most 200.
    pub depth: u8,
    /// Most keys and values in one JSON text. Default 4 million.
    pub nodes: u32,
    /// How many layers of JSON inside strings, base64 or gzip are opened. Default 4, at most 8.
    pub nested: u8,
    /// Most bytes that decoding one input may produce. Default 32 MiB.
    pub decoded_bytes: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            line_bytes: 16 << 20,
            depth: 100,
            nodes: 4_000_000,
            nested: 4,
            decoded_bytes: 32 << 20,
        }
    }
}

/// Which events go on.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct Decide {
    /// An `audit.k8s.io/v1` Policy, applied as kube-apiserver would. Absent: every event goes on
    /// at the level it was written at.
    pub audit: Option<AuditPolicy>,
    /// Names of noise rules whose events are dropped and counted, or `default` for those that
    /// are safe everywhere. Events of level RequestResponse are never noise, unless `audit` lowers
    /// them. Default none: lose nothing.
    pub noise: Vec<String>,
}

/// What is taken out of events.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct Redact {
    /// `data` and `stringData` of Secrets, and every member a Secret should not have.
    pub secrets: Action,
    /// `data` and `binaryData` of ConfigMaps, and every member a ConfigMap should not have.
    pub config_maps: Action,
    /// Tokens in TokenReview, TokenRequest and OAuth token objects.
    pub tokens: Action,
    /// Values of variables, headers and parameters whose name hints at a secret.
    pub hinted_values: Action,
    /// Subtrees that could not be looked into (too deep).
    pub opaque: Action,
    /// `metadata.managedFields`: `drop` or `keep`.
    pub managed_fields: Action,
    /// Action per value detector; those not named keep their default.
    pub detectors: BTreeMap<String, Action>,
    /// Own rules, tried in order before the built-in ones.
    pub rules: Vec<PathRule>,
    /// Name of the pseudonym key. The key itself comes from the host (environment or file).
    pub pseudonym_key_id: Option<String>,
}

impl Default for Redact {
    fn default() -> Self {
        Self {
            secrets: Action::Mask,
            config_maps: Action::Mask,
            tokens: Action::Mask,
            hinted_values: Action::Mask,
            opaque: Action::Mask,
            managed_fields: Action::Drop,
            detectors: BTreeMap::new(),
            rules: Vec::new(),
            pseudonym_key_id: None,
        }
    }
}

/// A rule that finds values by where they stand.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[non_exhaustive]
pub struct PathRule {
    /// Name in receipts and counters: lower case letters, digits and `-`.
    pub name: String,
    /// Paths from the event's root, such as `requestObject.spec.password`, `**.apiToken` or
    /// `user.extra.*`. `*` is any one member, `[]` any item, `**` any depth. A dot inside a name
    /// is written `\.`. Below a body a path is one of the object, and holds wherever that stands in
    /// the event: either body, lists, JSON patches, documents inside strings.
    pub paths: Vec<String>,
    /// Resources the rule is for, named as in URLs: `resource`, `resource.group` or
    /// `resource/subresource`; empty for all.
    #[serde(default)]
    pub resources: Vec<String>,
    /// What happens to the values. `keep` protects them from the built-in name hints and
    /// detectors (not from the Secret, ConfigMap and token rules), where the path is spelt out.
    #[serde(default)]
    pub action: Action,
}

impl PathRule {
    /// A rule for any resource that masks what these paths name.
    pub fn new(
        name: impl Into<String>,
        paths: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        Self {
            name: name.into(),
            paths: paths.into_iter().map(Into::into).collect(),
            resources: Vec::new(),
            action: Action::default(),
        }
    }
}

/// What is added to events.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct Enrich {
    /// The cluster the events come from, for envelopes that do not say.
    pub cluster: Cluster,
    /// Names for networks; the longest matching prefix wins.
    pub networks: Vec<Network>,
    /// Static tables.
    pub lookups: Vec<Lookup>,
}

/// Identity of the cluster.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct Cluster {
    /// ECS `orchestrator.cluster.name`.
    pub name: Option<String>,
    /// ECS `orchestrator.cluster.id`.
    pub id: Option<String>,
    /// ECS `cloud.provider`.
    pub provider: Option<String>,
    /// ECS `cloud.account.id`.
    pub account: Option<String>,
    /// ECS `cloud.region`.
    pub region: Option<String>,
}

/// A named network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[non_exhaustive]
pub struct Network {
    /// For example `10.0.0.0/8` or `fd00::/8`.
    pub cidr: String,
    /// Name written to `labels.source_network`.
    pub name: String,
}

impl Network {
    /// A name for a network.
    pub fn new(cidr: impl Into<String>, name: impl Into<String>) -> Self {
        Self { cidr: cidr.into(), name: name.into() }
    }
}

/// A table that turns one field's value into labels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[non_exhaustive]
pub struct Lookup {
    /// The field looked up: `user.username`, `objectRef.namespace`, `objectRef.resource`,
    /// `verb` or `sourceIP` (the peer).
    pub field: LookupField,
    /// Comma-separated text whose first line names the columns. The first column is the key;
    /// the others become `labels.COLUMN`.
    pub csv: String,
}

impl Lookup {
    /// A table for a field.
    pub fn new(field: LookupField, csv: impl Into<String>) -> Self {
        Self { field, csv: csv.into() }
    }
}

/// Fields that can be looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum LookupField {
    /// `user.username`
    #[serde(rename = "user.username")]
    Username,
    /// `objectRef.namespace`
    #[serde(rename = "objectRef.namespace")]
    Namespace,
    /// `objectRef.resource`
    #[serde(rename = "objectRef.resource")]
    Resource,
    /// `verb`
    #[serde(rename = "verb")]
    Verb,
    /// The last entry of `sourceIPs`.
    #[serde(rename = "sourceIP")]
    SourceIp,
}

/// How events are written, in every format but `native`, which leaves them as they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct Output {
    /// How requestObject and responseObject are written.
    pub bodies: Bodies,
    /// Which timestamp becomes the time of the event: `@timestamp` in `ecs`.
    pub timestamp: TimestampChoice,
    /// Longest string in characters of text outside bodies; longer ones end in a marker.
    pub max_text: u32,
    /// Longest string inside a body in bytes.
    pub max_body_text: u32,
    /// Largest body in bytes; a larger one is replaced by its size and hash.
    pub max_body: u32,
    /// What `ecs` alone has.
    pub ecs: EcsOutput,
}

impl Default for Output {
    fn default() -> Self {
        Self {
            bodies: Bodies::default(),
            timestamp: TimestampChoice::default(),
            max_text: 8191,
            max_body_text: 8191,
            max_body: 16 << 20,
            ecs: EcsOutput::default(),
        }
    }
}

/// What `ecs` output alone has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct EcsOutput {
    /// `data_stream.dataset` and `event.dataset`.
    pub dataset: String,
    /// `data_stream.namespace`.
    pub namespace: String,
}

impl Default for EcsOutput {
    fn default() -> Self {
        Self { dataset: "kubernetes.audit_logs".into(), namespace: "default".into() }
    }
}

/// How bodies are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Bodies {
    /// As one object each, for a mapping of type `flattened` (Elasticsearch) or `flat_object`
    /// (OpenSearch). Bodies that such a field would refuse are written as text instead.
    #[default]
    Object,
    /// As one JSON text each: safe under any mapping.
    Text,
    /// Not at all.
    None,
}

/// Which timestamp becomes the time of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum TimestampChoice {
    /// `stageTimestamp`: when the event was written; events arrive in order.
    #[default]
    Stage,
    /// `requestReceivedTimestamp`: when the request began.
    Received,
}
