//! Which alerts came before: what one is known by, and those that were seen last.

use std::collections::{HashSet, VecDeque};
use std::fmt::Write as _;
use std::sync::Arc;

use serde::{Deserialize, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

use crate::alert::Alert;

/// Alerts remembered, to know one that is delivered again.
const KNOWN: usize = 8192;

/// Id of an alert: the same rule about the same event has the same, whenever it comes, and so has
/// the same rule about another stage of the request, whichever thread looks at it. What comes again
/// is known by it. The time is in it because clients choose auditIDs.
pub fn id(alert: &Alert) -> String {
    let finding = &alert.finding;
    let mut hash = Sha256::new();
    let mut add = |text: &str| {
        hash.update(text);
        hash.update([0]);
    };
    match (&finding.audit_id, &alert.received) {
        (Some(audit_id), Some(received)) => {
            let own = |text: &Option<String>| text.clone().unwrap_or_default();
            let (user, verb, target) = (own(&alert.user), own(&alert.verb), own(&finding.target));
            for text in [audit_id, received, &user, &verb, &target] {
                add(text);
            }
        }
        _ => add(&finding.id),
    }
    add(&finding.rule.id);
    hex(&hash.finalize()[..16])
}

/// Bytes in hex.
pub fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a string does not fail.
        _ = write!(text, "{byte:02x}");
    }
    text
}

/// The last [`KNOWN`] alerts that came before; on disk a list of their ids.
#[derive(Debug, Default, Deserialize)]
#[serde(from = "VecDeque<String>")]
pub(crate) struct Known {
    /// The oldest first.
    order: VecDeque<Arc<str>>,
    all: HashSet<Arc<str>>,
}

impl Known {
    /// Remembers an alert; false when it was known.
    pub(crate) fn add(&mut self, id: &str) -> bool {
        if self.all.contains(id) {
            return false;
        }
        if self.order.len() >= KNOWN
            && let Some(oldest) = self.order.pop_front()
        {
            self.all.remove(&oldest);
        }
        let id: Arc<str> = id.into();
        self.order.push_back(Arc::clone(&id));
        self.all.insert(id);
        true
    }
}

impl From<VecDeque<String>> for Known {
    fn from(ids: VecDeque<String>) -> Self {
        let order: VecDeque<Arc<str>> = ids.into_iter().map(Arc::from).collect();
        Self { all: order.iter().cloned().collect(), order }
    }
}

impl Serialize for Known {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.order.iter().map(|id| &**id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alert(stage: &str, audit_id: &str, received: Option<&str>) -> Alert {
        let mut alert = Alert {
            user: Some("jane".into()),
            verb: Some("get".into()),
            received: received.map(Into::into),
            ..Alert::default()
        };
        alert.finding.id = format!("{audit_id} {stage}");
        alert.finding.audit_id = Some(audit_id.into());
        alert.finding.rule.id = "rule".into();
        alert
    }

    /// Two threads may see two stages of one exec.
    #[test]
    fn stages_of_one_request_have_one_alert() {
        let (now, later) =
            (Some("2026-01-02T03:04:05.000006Z"), Some("2026-01-02T03:04:05.000007Z"));
        let started = id(&alert("ResponseStarted", "a", now));
        assert_eq!(started, id(&alert("ResponseComplete", "a", now)));
        assert_ne!(started, id(&alert("ResponseComplete", "b", now)));
        assert_ne!(
            started,
            id(&alert("ResponseStarted", "a", later)),
            "a client chose the auditID"
        );
        let mut other = alert("ResponseStarted", "a", now);
        other.finding.rule.id = "another".into();
        assert_ne!(started, id(&other));
        let untimed = |stage| id(&alert(stage, "a", None));
        assert_eq!(untimed("ResponseStarted"), untimed("ResponseStarted"));
        assert_ne!(untimed("ResponseStarted"), untimed("ResponseComplete"));
    }

    #[test]
    fn the_oldest_alerts_are_forgotten_first() {
        let mut known = Known::default();
        for number in 0..KNOWN + 2 {
            assert!(known.add(&number.to_string()));
        }
        let text = serde_json::to_string(&known).unwrap();
        let again: Known = serde_json::from_str(&text).unwrap();
        assert!(text.starts_with("[\"2\",\"3\","), "a list, as it always was");
        for mut known in [known, again] {
            assert_eq!((known.order.len(), known.all.len()), (KNOWN, KNOWN));
            assert!(!known.add("2") && !known.add("8193"));
            assert!(known.add("1") && !known.add("3"), "2 went for it");
            assert!(known.add("2"));
        }
    }
}
