//! Which cluster and cloud an event comes from: the envelope first, then the policy, then what the
//! caller's name gives away. For shapes that write these with names of their own.

use super::layout::Doc;
use super::line::Line;
use super::{Emission, Stub};
use crate::enrich::Facts;
use crate::enrich::text::Text;
use crate::unwrap::{Fact, Provider};

/// Cluster and cloud, ready for JSON.
#[derive(Clone, Copy)]
pub(super) struct Origin<'a> {
    pub(super) cluster_name: Option<Text<'a>>,
    pub(super) cluster_id: Option<Text<'a>>,
    /// As the cloud calls itself in lower case: `aws`, `azure`, `gcp`, or the policy's word.
    pub(super) provider: Option<Text<'a>>,
    pub(super) account: Option<Text<'a>>,
    pub(super) region: Option<Text<'a>>,
    pub(super) project: Option<Text<'a>>,
    /// `eks`, `aks`, `gke`; empty elsewhere.
    pub(super) platform: &'static [u8],
}

impl<'a> Origin<'a> {
    pub(super) fn of(emission: &Emission<'a>, facts: &Facts<'a>) -> Self {
        let (envelope, constants) = (emission.envelope, emission.constants);
        let known = |fact, constant: &'a [u8]| {
            envelope.get(fact).or((!constant.is_empty()).then_some(constant)).map(Text::fixed)
        };
        let told = envelope.get(Fact::Provider).and_then(Provider::of_code);
        let platform = told.map_or(facts.actor.platform, |provider| provider.platform);
        let named = || match platform {
            b"" => None,
            platform => Provider::of_platform(platform).map(|known| Text::fixed(known.code)),
        };
        Self {
            cluster_name: known(Fact::ClusterName, &constants.cluster_name),
            cluster_id: known(Fact::ClusterId, &constants.cluster_id),
            provider: known(Fact::Provider, &constants.provider).or_else(named),
            account: known(Fact::Account, &constants.account).or(facts.account),
            region: known(Fact::Region, &constants.region),
            project: envelope.get(Fact::Project).map(Text::fixed),
            platform,
        }
    }

    /// What the envelope around a stub says.
    pub(super) fn of_stub(stub: &Stub<'a>) -> Self {
        let known = |fact| stub.fact(fact).map(Text::fixed);
        let provider = stub.fact(Fact::Provider).and_then(Provider::of_code);
        Self {
            cluster_name: known(Fact::ClusterName),
            cluster_id: known(Fact::ClusterId),
            provider: known(Fact::Provider),
            account: known(Fact::Account),
            region: known(Fact::Region),
            project: known(Fact::Project),
            platform: provider.map_or(b"", |provider| provider.platform),
        }
    }
}

/// A document of which only the origin is known.
pub(super) struct Place<'s, 'o, const OTEL: bool> {
    pub(super) origin: Origin<'s>,
    pub(super) line: Line<'o>,
}

impl<'o, const OTEL: bool> Doc<'o> for Place<'_, 'o, OTEL> {
    const OTEL: bool = OTEL;

    fn line(&mut self) -> &mut Line<'o> {
        &mut self.line
    }
}
