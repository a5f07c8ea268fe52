//! The `audit.k8s.io/v1` Policy as Kubernetes reads it from `--audit-policy-file`.
//!
//! Names, types and defaults are those of kubernetes/apiserver `pkg/apis/audit/v1/types.go`.
//! Lists may be absent, empty or null, all of which mean the same. Unlike the API server, which
//! only warns, unknown fields are refused: a misspelt condition would widen its rule.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

use crate::event::{Level, Stage};

/// A Kubernetes audit policy, given under `decide.audit` exactly as in its own file.
///
/// The first rule that matches decides. An event that no rule matches is dropped, as the API
/// server would not have written it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[non_exhaustive]
pub struct AuditPolicy {
    /// `audit.k8s.io/v1`.
    pub api_version: AuditApiVersion,
    /// `Policy`.
    pub kind: AuditPolicyKind,
    /// Name and labels of the policy; without effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<AuditPolicyMetadata>,
    /// Rules in order; at least one.
    pub rules: Vec<AuditRule>,
    /// Stages of which no events go on, whichever rule matches.
    #[serde(default, deserialize_with = "null_is_default")]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Stage>"))]
    pub omit_stages: Vec<Stage>,
    /// Whether `metadata.managedFields` is taken out of bodies, for rules that do not say.
    /// Absent: as `redact.managedFields` says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub omit_managed_fields: Option<bool>,
}

impl AuditPolicy {
    /// A policy of these rules, tried in order.
    pub fn new(rules: Vec<AuditRule>) -> Self {
        Self {
            api_version: AuditApiVersion::V1,
            kind: AuditPolicyKind::Policy,
            metadata: None,
            rules,
            omit_stages: Vec::new(),
            omit_managed_fields: None,
        }
    }
}

/// Version of the audit policy API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum AuditApiVersion {
    /// The only version API servers read since 1.24.
    #[serde(rename = "audit.k8s.io/v1")]
    V1,
}

/// Kind of the audit policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum AuditPolicyKind {
    /// The only kind there is.
    Policy,
}

/// What may stand in the audit policy's `metadata`. Nothing of it has an effect.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct AuditPolicyMetadata {
    /// Name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Labels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<BTreeMap<String, String>>,
    /// Annotations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub annotations: Option<BTreeMap<String, String>>,
    /// Written as `null` by tools that print Go structs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub creation_timestamp: Option<String>,
}

/// One rule: conditions that must all hold, and what happens then. An empty list is no condition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[non_exhaustive]
pub struct AuditRule {
    /// The level that events are lowered to; `None` drops them. Levels are never raised.
    pub level: Level,
    /// Authenticated user names (`user.username`, not the impersonated user).
    #[serde(default, deserialize_with = "null_is_default")]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<String>"))]
    pub users: Vec<String>,
    /// Groups of the authenticated user, one of which is enough.
    #[serde(default, deserialize_with = "null_is_default")]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<String>"))]
    pub user_groups: Vec<String>,
    /// Verbs.
    #[serde(default, deserialize_with = "null_is_default")]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<String>"))]
    pub verbs: Vec<String>,
    /// Resources; excludes `nonResourceURLs`.
    #[serde(default, deserialize_with = "null_is_default")]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<GroupResources>"))]
    pub resources: Vec<GroupResources>,
    /// Namespaces; `""` is for resources without one. Excludes `nonResourceURLs`.
    #[serde(default, deserialize_with = "null_is_default")]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<String>"))]
    pub namespaces: Vec<String>,
    /// Paths of requests that name no resource, such as `/metrics`; a `*` may stand at the end
    /// (`/healthz*`) or alone.
    #[serde(default, rename = "nonResourceURLs", deserialize_with = "null_is_default")]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<String>"))]
    pub non_resource_urls: Vec<String>,
    /// Stages of which no events go on, besides the policy's own.
    #[serde(default, deserialize_with = "null_is_default")]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Stage>"))]
    pub omit_stages: Vec<Stage>,
    /// Whether `metadata.managedFields` is taken out of bodies, instead of what the policy says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub omit_managed_fields: Option<bool>,
}

impl AuditRule {
    /// A rule without conditions: every event that comes to it is lowered to `level`.
    pub fn new(level: Level) -> Self {
        Self {
            level,
            users: Vec::new(),
            user_groups: Vec::new(),
            verbs: Vec::new(),
            resources: Vec::new(),
            namespaces: Vec::new(),
            non_resource_urls: Vec::new(),
            omit_stages: Vec::new(),
            omit_managed_fields: None,
        }
    }
}

/// Resources of one API group.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct GroupResources {
    /// API group without version; `""` is the core group, `*` any group.
    #[serde(deserialize_with = "null_is_default")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub group: String,
    /// `pods`, `pods/log`, `pods/*` (pods and all their subresources), `*/scale` (that
    /// subresource of anything) or `*`; empty for all.
    #[serde(deserialize_with = "null_is_default")]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<String>"))]
    pub resources: Vec<String>,
    /// Names of single objects; needs `resources`.
    #[serde(deserialize_with = "null_is_default")]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<String>"))]
    pub resource_names: Vec<String>,
}

fn null_is_default<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(from)?.unwrap_or_default())
}
