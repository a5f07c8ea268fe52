//! What every ECS document of a policy has in common, rendered once.

use crate::enrich::text::Text;
use crate::policy::{Policy, PolicyError};
use crate::text::escape;
use crate::unwrap::{Envelope, Fact};

/// Version of the Elastic Common Schema whose names and types are used.
pub(super) const ECS_VERSION: &str = "9.4.0";

/// Runs of members, each followed by a comma, and texts ready for JSON.
#[derive(Default)]
pub(crate) struct Constants {
    /// `ecs` and `data_stream`.
    pub(super) head: Vec<u8>,
    /// First members of `event`.
    pub(super) event: Vec<u8>,
    /// First members of `event` in a stub.
    pub(super) stub_event: Vec<u8>,
    /// `orchestrator.cluster.name`, unless the envelope says it.
    pub(super) cluster_name: Vec<u8>,
    /// `orchestrator.cluster.id`, unless the envelope says it.
    pub(super) cluster_id: Vec<u8>,
    /// `cloud.provider`, unless the envelope says it.
    pub(super) provider: Vec<u8>,
    /// `cloud.account.id`, unless the envelope says it.
    pub(super) account: Vec<u8>,
    /// `cloud.region`, unless the envelope says it.
    pub(super) region: Vec<u8>,
}

impl Constants {
    /// The name of the cluster that an event in this envelope comes from.
    pub(crate) fn cluster<'a>(&'a self, envelope: &'a Envelope) -> Option<Text<'a>> {
        let told = envelope.get(Fact::ClusterName);
        told.or((!self.cluster_name.is_empty()).then_some(&self.cluster_name)).map(Text::fixed)
    }

    /// Checks what becomes constant and renders it.
    pub(crate) fn compile(policy: &Policy) -> Result<Self, PolicyError> {
        let (output, ecs) = (&policy.output, &policy.output.ecs);
        for (place, name) in
            [("output.ecs.dataset", &ecs.dataset), ("output.ecs.namespace", &ecs.namespace)]
        {
            let plain = (1..=100).contains(&name.len())
                && name.bytes().all(|b| {
                    b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'.')
                });
            if !plain {
                let message = "must be 1 to 100 lower case letters, digits, `_` and `.`";
                return Err(PolicyError::at(place, message));
            }
        }
        if !(64..=8191).contains(&output.max_text) {
            return Err(PolicyError::at("output.maxText", "must be between 64 and 8191"));
        }
        if !(64..=30_000).contains(&output.max_body_text) {
            return Err(PolicyError::at("output.maxBodyText", "must be between 64 and 30000"));
        }
        let cluster = &policy.enrich.cluster;
        let text = |place: &str, value: &Option<String>| {
            let Some(value) = value.as_deref().filter(|value| !value.is_empty()) else {
                return Ok(Vec::new());
            };
            if value.len() > 1024 {
                return Err(PolicyError::at(place, "must have at most 1024 bytes"));
            }
            let mut out = Vec::new();
            escape(value.as_bytes(), &mut out);
            Ok(out)
        };
        Ok(Self {
            head: format!(
                "\"ecs\":{{\"version\":\"{ECS_VERSION}\"}},\"data_stream\":{{\"type\":\"logs\",\
                 \"dataset\":\"{}\",\"namespace\":\"{}\"}},",
                ecs.dataset, ecs.namespace
            )
            .into_bytes(),
            event: format!(
                "\"event\":{{\"kind\":\"event\",\"module\":\"kubernetes\",\"dataset\":\"{}\",\
                 \"provider\":\"kube-apiserver\",",
                ecs.dataset
            )
            .into_bytes(),
            stub_event: format!(
                "\"event\":{{\"kind\":\"pipeline_error\",\"module\":\"kubernetes\",\"dataset\":\"{}\",\
                 \"provider\":\"auditweir\",",
                ecs.dataset
            )
            .into_bytes(),
            cluster_name: text("enrich.cluster.name", &cluster.name)?,
            cluster_id: text("enrich.cluster.id", &cluster.id)?,
            provider: text("enrich.cluster.provider", &cluster.provider)?,
            account: text("enrich.cluster.account", &cluster.account)?,
            region: text("enrich.cluster.region", &cluster.region)?,
        })
    }
}
