//! Which cluster and cloud an event comes from: the envelope first, then the policy, then what the
//! caller's name gives away.

use super::actor::Actor;
use super::text::Text;
use crate::policy::{Cluster, PolicyError};
use crate::text::escape;
use crate::unwrap::{Envelope, Fact, Provider};

/// What the policy says of the cluster, ready for JSON.
#[derive(Default)]
pub(super) struct Home(Vec<(Fact, Vec<u8>)>);

impl Home {
    pub(super) fn compile(cluster: &Cluster) -> Result<Self, PolicyError> {
        let mut home = Vec::new();
        for (fact, name, value) in [
            (Fact::ClusterName, "name", &cluster.name),
            (Fact::ClusterId, "id", &cluster.id),
            (Fact::Provider, "provider", &cluster.provider),
            (Fact::Account, "account", &cluster.account),
            (Fact::Region, "region", &cluster.region),
        ] {
            let Some(value) = value.as_deref().filter(|value| !value.is_empty()) else { continue };
            if value.len() > 1024 {
                let place = format!("enrich.cluster.{name}");
                return Err(PolicyError::at(place, "must have at most 1024 bytes"));
            }
            let mut text = Vec::new();
            escape(value.as_bytes(), &mut text);
            home.push((fact, text));
        }
        Ok(Self(home))
    }
}

/// Cluster and cloud, ready for JSON.
#[derive(Clone, Copy, Default)]
pub(crate) struct Origin<'a> {
    pub(crate) cluster_name: Option<Text<'a>>,
    pub(crate) cluster_id: Option<Text<'a>>,
    /// As the cloud calls itself in lower case: `aws`, `azure`, `gcp`, or the policy's word.
    pub(crate) provider: Option<Text<'a>>,
    pub(crate) account: Option<Text<'a>>,
    pub(crate) region: Option<Text<'a>>,
    pub(crate) project: Option<Text<'a>>,
    /// `eks`, `aks`, `gke`; empty elsewhere.
    pub(crate) platform: &'static [u8],
}

impl<'a> Origin<'a> {
    /// What the envelope says; all that is known of a stub.
    pub(crate) fn told(envelope: &'a Envelope) -> Self {
        if envelope.is_bare() {
            return Self::default();
        }
        let told = |fact| envelope.get(fact).map(Text::fixed);
        let provider = envelope.get(Fact::Provider).and_then(Provider::of_code);
        Self {
            cluster_name: told(Fact::ClusterName),
            cluster_id: told(Fact::ClusterId),
            provider: told(Fact::Provider),
            account: told(Fact::Account),
            region: told(Fact::Region),
            project: told(Fact::Project),
            platform: provider.map_or(b"", |provider| provider.platform),
        }
    }

    /// The same of an event, whose policy and caller say more.
    pub(super) fn of(
        envelope: &'a Envelope,
        home: &'a Home,
        actor: &Actor<'a>,
        account: Option<Text<'a>>,
    ) -> Self {
        let mut origin = Self::told(envelope);
        if origin.platform.is_empty() {
            origin.platform = actor.platform;
        }
        for (fact, text) in &home.0 {
            let known = match fact {
                Fact::ClusterName => &mut origin.cluster_name,
                Fact::ClusterId => &mut origin.cluster_id,
                Fact::Provider => &mut origin.provider,
                Fact::Account => &mut origin.account,
                Fact::Region => &mut origin.region,
                Fact::Project | Fact::Time => continue,
            };
            *known = known.or(Some(Text::fixed(text)));
        }
        if origin.provider.is_none() && !origin.platform.is_empty() {
            let provider = Provider::of_platform(origin.platform);
            origin.provider = provider.map(|provider| Text::fixed(provider.code));
        }
        origin.account = origin.account.or(account);
        origin
    }
}
