//! Groups: what belongs to one incident, from the first match until it has been quiet for a while.
//!
//! Labels are what a group is known by: rule, cluster, actor, namespace; never an event, an object or
//! a time. A client chooses some of them, so a rule has a bounded number of groups: what comes beyond
//! it goes to one more group of the rule, which says so.
//!
//! Nothing here has a clock: whoever asks says what time it is, that of this machine or that of a log.

use std::collections::HashMap;

use auditweir::rules::Severity;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::alert::Alert;
use crate::known::{Known, hex};

/// Groups of one rule with an actor and namespace of their own.
const OF_A_RULE: usize = 20;
/// Longest text of a label in bytes.
const LABEL: usize = 256;

/// One incident.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Group {
    /// What it is known by elsewhere: 32 hex digits.
    pub fingerprint: String,
    /// What it is about.
    pub labels: Labels,
    /// When its first match came, in milliseconds since 1970.
    pub first: i64,
    /// When its last match came.
    pub last: i64,
    /// Matches.
    pub count: u64,
    /// The newest match.
    pub alert: Alert,
    /// Matches that the last notice spoke of, and when it was taken.
    told: u64,
    told_at: Option<i64>,
    /// Notices taken so far.
    pub notices: u64,
}

/// What a group is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Labels {
    /// Id of the rule.
    pub rule: String,
    /// What it is after, in a word.
    pub intent: String,
    /// Its level.
    pub severity: String,
    /// Name of the cluster.
    pub cluster: String,
    /// Who acts.
    pub actor: String,
    /// Where.
    pub namespace: String,
    /// It stands for all groups of the rule for which there was no room.
    pub more: bool,
}

impl Labels {
    fn of(alert: &Alert, more: bool) -> Self {
        let rule = &alert.finding.rule;
        let text =
            |text: &Option<String>| cut(text.as_deref().unwrap_or_default(), LABEL).to_owned();
        let own = |value| if more { String::new() } else { text(value) };
        Self {
            rule: rule.id.clone(),
            intent: rule.intent.clone(),
            severity: rule.level.clone(),
            cluster: text(&alert.cluster),
            actor: own(&alert.finding.actor),
            namespace: own(&alert.namespace),
            more,
        }
    }

    /// Each label that is not empty, under its name.
    pub fn each(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("alertname", self.intent.as_str()),
            ("rule_id", &self.rule),
            ("severity", &self.severity),
            ("cluster", &self.cluster),
            ("actor", &self.actor),
            ("namespace", &self.namespace),
            ("more", if self.more { "true" } else { "" }),
        ]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
    }

    fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        for (name, value) in self.each() {
            hash.update((value.len() as u64).to_le_bytes());
            hash.update(name);
            hash.update(value);
        }
        hex(&hash.finalize()[..16])
    }
}

/// The first `most` bytes of a text, or fewer, so that it stays UTF-8.
pub fn cut(text: &str, most: usize) -> &str {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// What is to be said of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Say {
    /// It goes on.
    Firing,
    /// It is over.
    Resolved,
}

/// All groups of a sink, as they are kept on disk.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Groups {
    groups: HashMap<String, Group>,
    known: Known,
}

/// When things are to be said, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// A group is over when nothing more came for this time.
    pub quiet: i64,
    /// Between two notices of the same group.
    pub repeat: i64,
    /// Say again what goes on, even if nothing new came.
    pub always: bool,
}

impl Groups {
    /// Puts an alert in its group; false when it came before.
    pub fn take(&mut self, id: &str, alert: Alert, now: i64) -> bool {
        if !self.known.add(id) {
            return false;
        }
        let mut labels = Labels::of(&alert, false);
        let mut fingerprint = labels.fingerprint();
        if !self.groups.contains_key(&fingerprint) {
            let rule = &alert.finding.rule.id;
            let of_rule = self.groups.values().filter(|group| group.labels.rule == *rule);
            if of_rule.count() >= OF_A_RULE {
                labels = Labels::of(&alert, true);
                fingerprint = labels.fingerprint();
            }
        }
        let group = self.groups.entry(fingerprint).or_insert_with_key(|fingerprint| Group {
            fingerprint: fingerprint.clone(),
            labels,
            first: now,
            last: now,
            count: 0,
            alert: Alert::default(),
            told: 0,
            told_at: None,
            notices: 0,
        });
        group.count += 1;
        group.last = group.last.max(now);
        group.alert = alert;
        true
    }

    /// The groups of which something is to be said now, the worst first.
    pub fn due(&self, now: i64, times: Times) -> Vec<(Say, &Group)> {
        let mut due: Vec<_> = self
            .groups
            .values()
            .filter_map(|group| Some((group.due(now, times)?, group)))
            .collect();
        due.sort_by_key(|(_, group)| {
            let level = Severity::from_name(&group.labels.severity);
            (std::cmp::Reverse(level), group.first, group.fingerprint.clone())
        });
        due
    }

    /// A notice was taken, which spoke of `count` matches.
    pub fn told(&mut self, fingerprint: &str, say: Say, count: u64, now: i64) {
        match say {
            Say::Resolved => drop(self.groups.remove(fingerprint)),
            Say::Firing => {
                if let Some(group) = self.groups.get_mut(fingerprint) {
                    (group.told, group.told_at) = (count, Some(now));
                    group.notices += 1;
                }
            }
        }
    }

    /// How many go on.
    pub fn len(&self) -> usize {
        self.groups.len()
    }

    /// Whether none goes on.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }
}

impl Group {
    fn due(&self, now: i64, times: Times) -> Option<Say> {
        let Some(told_at) = self.told_at else { return Some(Say::Firing) };
        if now - self.last >= times.quiet {
            // What nobody heard of yet is told before it is over.
            return Some(if self.count > self.told { Say::Firing } else { Say::Resolved });
        }
        let news = times.always || self.count > self.told;
        (news && now - told_at >= times.repeat).then_some(Say::Firing)
    }

    /// Matches since the notice before.
    pub fn news(&self) -> u64 {
        self.count - self.told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMES: Times = Times { quiet: 1000, repeat: 100, always: false };

    fn alert(rule: &str, actor: &str, level: &str) -> Alert {
        let mut alert = Alert::default();
        alert.finding.rule.id = rule.into();
        alert.finding.rule.level = level.into();
        alert.finding.actor = Some(actor.into());
        alert
    }

    fn said(groups: &mut Groups, now: i64) -> Vec<(Say, u64, u64)> {
        let due: Vec<_> = groups
            .due(now, TIMES)
            .into_iter()
            .map(|(say, group)| (say, group.fingerprint.clone(), group.count, group.news()))
            .collect();
        for (say, fingerprint, count, _) in &due {
            groups.told(fingerprint, *say, *count, now);
        }
        due.into_iter().map(|(say, _, count, news)| (say, count, news)).collect()
    }

    #[test]
    fn a_group_is_told_once_then_of_news_then_that_it_is_over() {
        let mut groups = Groups::default();
        for number in 0..1000 {
            assert!(groups.take(&number.to_string(), alert("r", "jane", "high"), 0));
            assert!(!groups.take(&number.to_string(), alert("r", "jane", "high"), 0));
        }
        assert_eq!(said(&mut groups, 0), [(Say::Firing, 1000, 1000)]);
        assert_eq!(said(&mut groups, 500), []);
        groups.take("new", alert("r", "jane", "high"), 550);
        assert_eq!(said(&mut groups, 560), [(Say::Firing, 1001, 1)]);
        groups.take("newer", alert("r", "jane", "high"), 600);
        assert_eq!(said(&mut groups, 620), [], "not again so soon");
        assert_eq!(said(&mut groups, 1600), [(Say::Firing, 1002, 1)], "before it is over");
        assert_eq!(said(&mut groups, 1601), [(Say::Resolved, 1002, 0)]);
        assert_eq!(groups.len(), 0);
        assert!(!groups.take("newer", alert("r", "jane", "high"), 1700), "delivered again");
    }

    #[test]
    fn actors_without_number_are_one_more_group_and_hide_no_other_rule() {
        let mut groups = Groups::default();
        for number in 0..10_000 {
            groups.take(&number.to_string(), alert("noisy", &number.to_string(), "low"), 0);
        }
        groups.take("one", alert("other", "jane", "critical"), 1);
        assert_eq!(groups.len(), OF_A_RULE + 2);
        let due = groups.due(1, TIMES);
        assert_eq!(due[0].1.labels.rule, "other", "the worst first");
        let more: Vec<_> = due.iter().filter(|(_, group)| group.labels.more).collect();
        assert_eq!((more.len(), more[0].1.count), (1, 10_000 - OF_A_RULE as u64));
        assert_eq!(more[0].1.labels.actor, "");
    }

    #[test]
    fn labels_that_read_alike_when_joined_differ() {
        let of = |actor: &str, namespace: &str| {
            let mut alert = alert("r", actor, "low");
            alert.namespace = Some(namespace.into());
            Labels::of(&alert, false).fingerprint()
        };
        assert_ne!(of("a", "bnamespacec"), of("anamespaceb", "c"));
        assert_eq!(of("a", "b"), of("a", "b"));
        assert_eq!(cut("aé", 2), "a");
    }

    #[test]
    fn groups_survive_the_disk() {
        let mut groups = Groups::default();
        groups.take("a", alert("r", "jane", "high"), 5);
        let text = serde_json::to_vec(&groups).unwrap();
        let mut again: Groups = serde_json::from_slice(&text).unwrap();
        assert!(!again.take("a", alert("r", "jane", "high"), 6));
        assert_eq!(again.due(6, TIMES).len(), 1);
    }
}
