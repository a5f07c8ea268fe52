//! What the envelopes around an event say about where it comes from.

/// A fact about the source of events.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Fact {
    /// `aws`, `azure`, `gcp`.
    Provider,
    ClusterName,
    ClusterId,
    /// AWS account, Azure subscription.
    Account,
    Region,
    /// Google Cloud project.
    Project,
}

const FACTS: usize = 6;

/// Facts from the envelopes around the current event, as JSON string insides.
///
/// The texts come from the cloud's log service, not from API clients, but they are scanned like
/// everything else: only short plain texts are kept.
#[derive(Default)]
pub(crate) struct Envelope {
    text: Vec<u8>,
    places: [(u32, u32); FACTS],
}

impl Envelope {
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.places = [(0, 0); FACTS];
    }

    /// Sets a fact, unless it is long, empty or holds anything but plain text.
    pub(super) fn set(&mut self, fact: Fact, text: &[u8]) {
        let plain = |b: &u8| b.is_ascii_alphanumeric() || b"-_.:/".contains(b);
        if text.is_empty() || text.len() > 256 || !text.iter().all(plain) {
            return;
        }
        let start = self.text.len() as u32;
        self.text.extend_from_slice(text);
        self.places[fact as usize] = (start, self.text.len() as u32);
    }

    /// The fact, if an envelope said it.
    pub(crate) fn get(&self, fact: Fact) -> Option<&[u8]> {
        let (start, end) = self.places[fact as usize];
        (start != end).then(|| &self.text[start as usize..end as usize])
    }

    /// `/aws/eks/CLUSTER/cluster`
    pub(super) fn eks_log_group(&mut self, group: &[u8]) {
        if let Some(rest) = group.strip_prefix(b"/aws/eks/") {
            self.set(Fact::Provider, b"aws");
            let name = rest.split(|b| *b == b'/').next().unwrap_or_default();
            self.set(Fact::ClusterName, name);
        }
    }

    /// `/SUBSCRIPTIONS/S/RESOURCEGROUPS/G/PROVIDERS/MICROSOFT.CONTAINERSERVICE/MANAGEDCLUSTERS/C`
    pub(super) fn azure_resource(&mut self, id: &[u8]) {
        let mut segments = id.split(|b| *b == b'/').filter(|s| !s.is_empty());
        while let (Some(kind), Some(name)) = (segments.next(), segments.next()) {
            if kind.eq_ignore_ascii_case(b"subscriptions") {
                self.set(Fact::Provider, b"azure");
                self.set(Fact::Account, name);
            } else if kind.eq_ignore_ascii_case(b"microsoft.containerservice") {
                // providers/microsoft.containerservice/managedclusters/NAME: pairs are off by one
                if let Some(name) = segments.next() {
                    self.set(Fact::ClusterName, name);
                }
            } else if kind.eq_ignore_ascii_case(b"managedclusters") {
                self.set(Fact::ClusterName, name);
            }
        }
        self.set(Fact::ClusterId, id);
    }
}
