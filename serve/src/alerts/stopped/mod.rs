//! Did anything stop? What nobody sends cannot be matched by a rule: API servers that fall silent, a
//! log that is removed, requests without an end.
//!
//! The clock is that of this machine; nothing here is part of the core.

pub(crate) mod log;
pub(crate) mod origins;
pub(crate) mod requests;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use auditweir_shell::alert::Alert;
use auditweir_shell::finding::{Finding, RuleName};
use auditweir_shell::known::hex;
use auditweir_shell::time::rfc3339_millis;
use prometheus_client::metrics::counter::Counter;
use sha2::{Digest as _, Sha256};

use origins::Origins;
use requests::Requests;

/// What is watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stopped {
    /// API servers that must be heard of.
    pub expected: Vec<String>,
    /// An API server is silent when nothing came for this time.
    pub silent: Duration,
    /// The log that an API server writes on this machine.
    pub log: Option<PathBuf>,
}

/// A rule about what does not happen.
pub(crate) struct Rule {
    id: &'static str,
    pub(crate) intent: &'static str,
    title: &'static str,
    level: &'static str,
    description: &'static str,
    attack: &'static [&'static str],
    tags: &'static [&'static str],
}

/// Events are missing.
pub(crate) const GAP: &Rule = &Rule {
    id: "5d0f8a58-5c7e-5a3b-9f4e-0d2f6f1c7a11",
    intent: "audit-gap",
    title: "Audit events are missing",
    level: "high",
    description: "An API server has fallen silent, its log has stopped growing, a part of the log is \
                  gone, or requests have a beginning and no end. Nothing that was done in the \
                  meantime is known here.",
    attack: &["T1685.002"],
    tags: &["attack.defense-impairment"],
};

/// The log was touched.
pub(crate) const REMOVED: &Rule = &Rule {
    id: "0a9b7d0e-2f64-5b1c-8d7a-6c3e5b2f9e42",
    intent: "audit-log-removed",
    title: "The audit log was removed",
    level: "high",
    description: "The log that an API server writes was deleted, cut or replaced, and not by its \
                  rotation, which keeps the old file under another name.",
    attack: &["T1685.002"],
    tags: &["attack.defense-impairment"],
};

/// Something that stopped.
#[derive(Clone)]
pub(crate) struct Trouble {
    pub(crate) rule: &'static Rule,
    /// What it is about: the same as long as it goes on.
    pub(crate) target: String,
    /// Since when, in milliseconds since 1970.
    pub(crate) since: i64,
    pub(crate) why: String,
}

/// Looks every second, as far as it is called so often.
pub(crate) struct Watchman {
    pub(crate) origins: Arc<Origins>,
    pub(crate) log: Option<log::Log>,
    pub(crate) requests: Requests,
    pub(crate) cluster: Option<String>,
    /// How often trouble that goes on is told, so that its group goes on.
    pub(crate) again: i64,
    pub(crate) found: Counter,
    told: HashMap<String, i64>,
}

impl Watchman {
    pub(crate) fn new(
        origins: Arc<Origins>,
        stopped: &Stopped,
        cluster: Option<String>,
        quiet: Duration,
        found: Counter,
    ) -> Self {
        let silent = millis(stopped.silent);
        Self {
            origins,
            log: stopped.log.as_deref().map(|path| log::Log::new(path, silent)),
            requests: Requests::default(),
            cluster,
            again: (millis(quiet) / 2).min(300_000),
            found,
            told: HashMap::new(),
        }
    }

    /// What there is to tell now.
    pub(crate) fn look(&mut self, now: i64) -> Vec<Alert> {
        let mut troubles = self.origins.silent(now);
        if let Some(log) = &mut self.log {
            troubles.extend(log.look(now));
        }
        troubles.extend(self.requests.look(now));
        let going_on: Vec<String> = troubles.iter().map(Trouble::key).collect();
        self.told.retain(|key, _| going_on.contains(key));
        let Self { told, again, cluster, found, .. } = self;
        let due = troubles.into_iter().filter(|trouble| {
            let before = told.get(&trouble.key());
            before.is_none_or(|before| now - before >= *again)
        });
        let due: Vec<_> = due.collect();
        due.into_iter()
            .map(|trouble| {
                told.insert(trouble.key(), now);
                found.inc();
                trouble.alert(now, cluster.clone())
            })
            .collect()
    }
}

impl Trouble {
    fn key(&self) -> String {
        format!("{} {} {}", self.rule.intent, self.target, self.since)
    }

    fn alert(self, now: i64, cluster: Option<String>) -> Alert {
        let id = hex(&Sha256::digest(format!("{} {now}", self.key()))[..16]);
        let own = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let Self { rule, target, why, .. } = self;
        Alert {
            finding: Finding {
                id,
                time: Some(rfc3339_millis(now)),
                rule: RuleName {
                    id: rule.id.into(),
                    intent: rule.intent.into(),
                    title: rule.title.into(),
                    level: rule.level.into(),
                },
                answer: "match".into(),
                target: Some(format!("{target}: {why}")),
                why,
                attack: own(rule.attack),
                ..Finding::default()
            },
            cluster,
            // Groups are made by it: each API server, each log has its own.
            namespace: Some(target),
            description: rule.description.into(),
            tags: own(rule.tags),
            ..Alert::default()
        }
    }
}

/// Milliseconds of a time.
pub(crate) fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}
