//! Alerts: from matches of rules to whoever should hear of them.
//!
//! ```text
//! clean ──► matches, signals ──► spool ──► spool of each sink ──► documents: file, index
//!                                windows                     └──► groups ──► Alertmanager, PagerDuty, …
//! ```
//!
//! A match is on disk, in the spool of every sink for alerts, before its request is answered. Each
//! sink reads a spool of its own, so that none waits for another, nor for the index of the events.

pub(crate) mod channel;
mod documents;
mod notifier;
pub(crate) mod record;
pub(crate) mod stopped;
pub(crate) mod windows;

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use auditweir::Format;
use auditweir::rules::Severity;

use crate::metrics::Metrics;
use crate::sink::{self, Index, Rotation, Sink, Stop, Target, http};
use crate::{Error, say};
use channel::Channel;
pub use channel::Secrets;
pub use stopped::Stopped;

/// Where alerts go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AlertTarget {
    /// One document each, as events have them.
    Documents(Target),
    /// Alertmanager below this URL.
    Alertmanager(String),
    /// PagerDuty's Events API at this URL.
    Pagerduty(String),
    /// An incoming webhook of Slack, whose URL is a secret.
    Slack,
    /// Whoever takes signed JSON at this URL.
    Webhook(String),
}

/// Where PagerDuty takes events, unless it is somewhere else.
const PAGERDUTY: &str = "https://events.pagerduty.com/v2/enqueue";

impl FromStr for AlertTarget {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (kind, rest) = text.split_once(':').unwrap_or((text, ""));
        match (kind, rest) {
            ("file" | "elasticsearch", _) => text.parse().map(Self::Documents),
            ("alertmanager", url) => http::server(url).map(Self::Alertmanager),
            ("pagerduty", "") => Ok(Self::Pagerduty(PAGERDUTY.to_owned())),
            ("pagerduty", url) => http::server(url).map(Self::Pagerduty),
            ("slack", "") => Ok(Self::Slack),
            ("webhook", url) => http::server(url).map(Self::Webhook),
            _ => Err("is none of file:PATH, elasticsearch:URL, alertmanager:URL, \
                      pagerduty[:URL], slack, webhook:URL"),
        }
    }
}

impl AlertTarget {
    /// Its word, for metrics and messages.
    fn kind(&self) -> &'static str {
        match self {
            Self::Documents(Target::Elasticsearch(_)) => "elasticsearch",
            Self::Documents(_) => "file",
            Self::Alertmanager(_) => "alertmanager",
            Self::Pagerduty(_) => "pagerduty",
            Self::Slack => "slack",
            Self::Webhook(_) => "webhook",
        }
    }

    /// Name of its folder: the same at each start.
    fn folder(&self) -> String {
        let place = format!("{self:?}");
        format!("{}-{:08x}", self.kind(), crc32fast::hash(place.as_bytes()))
    }
}

/// How alerts are sent.
#[derive(Clone)]
pub struct Alerts {
    /// Where they go: at least one.
    pub targets: Vec<AlertTarget>,
    /// Index or data stream, and how to get there.
    pub index: Index,
    /// Least level of what people are told.
    pub least: Severity,
    /// After this time without another match a group is over.
    pub quiet: Duration,
    /// How often people are told of a group that goes on.
    pub repeat: Duration,
    /// What should not stop.
    pub stopped: Stopped,
    /// What opens doors.
    pub secrets: Secrets,
}

impl fmt::Debug for Alerts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Alerts").field("targets", &self.targets).finish_non_exhaustive()
    }
}

/// A sink for alerts that is not open yet, and the folder of its spool.
pub(crate) struct Lane<'a> {
    target: &'a AlertTarget,
    alerts: &'a Alerts,
    pub(crate) name: &'static str,
    pub(crate) folder: PathBuf,
}

impl Alerts {
    /// The lanes of all sinks below the folder of the spool.
    pub(crate) fn lanes(&self, spool: &Path) -> Result<Vec<Lane<'_>>, Error> {
        let below = spool.join("alerts");
        let mut lanes: Vec<Lane<'_>> = Vec::new();
        for target in &self.targets {
            let folder = below.join(target.folder());
            if lanes.iter().any(|lane| lane.folder == folder) {
                return Err(Error::Other(format!("{}: named twice as a sink", target.kind())));
            }
            lanes.push(Lane { target, alerts: self, name: target.kind(), folder });
        }
        // What waits for a sink that is gone would wait for ever.
        for entry in std::fs::read_dir(&below).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() && !lanes.iter().any(|lane| lane.folder == path) {
                let path = path.display();
                say(format_args!("{path}: alerts of a sink that is not named any more"));
            }
        }
        Ok(lanes)
    }
}

impl Lane<'_> {
    /// Opens the sink; its folder is there.
    pub(crate) fn open(
        &self,
        (rotation, format): (Rotation, Format),
        stop: &Stop,
        metrics: &Arc<Metrics>,
    ) -> Result<Box<dyn Sink>, Error> {
        let Alerts { index, least, quiet, repeat, secrets, .. } = self.alerts;
        let counters = metrics.alerts(self.name);
        let dead = self.folder.join("dead-letter.ndjson");
        let channel: Box<dyn Channel> = match self.target {
            AlertTarget::Documents(target) => {
                let index = Index { dead_letter: dead, ..index.clone() };
                let sink = sink::open(target, rotation, &index, counters)?;
                return Ok(Box::new(documents::AlertDocuments::new(sink, format)));
            }
            AlertTarget::Alertmanager(url) => {
                Box::new(channel::alertmanager::Alertmanager::new(url, secrets)?)
            }
            AlertTarget::Pagerduty(url) => {
                Box::new(channel::pagerduty::Pagerduty::new(url, secrets)?)
            }
            AlertTarget::Slack => Box::new(channel::slack::Slack::new(secrets)?),
            AlertTarget::Webhook(url) => Box::new(channel::webhook::Webhook::new(url, secrets)?),
        };
        let settings = notifier::Settings {
            name: self.name,
            least: *least,
            quiet: *quiet,
            repeat: *repeat,
            dead,
            state: self.folder.join("groups.json"),
        };
        let groups = metrics.alert_groups.get_or_create(&[("sink", self.name)]).clone();
        let retry = sink::Retry::new((self.name, "alerts"), stop.clone(), Arc::clone(&counters));
        let notifier = notifier::Notifier::open(
            channel,
            settings,
            index.ca.as_deref(),
            counters,
            groups,
            retry,
        )?;
        Ok(Box::new(notifier))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_read() {
        let read = |text: &str| text.parse::<AlertTarget>();
        assert!(read("slack").is_ok());
        assert_eq!(read("pagerduty"), Ok(AlertTarget::Pagerduty(PAGERDUTY.into())));
        assert_eq!(
            read("alertmanager:http://am:9093/"),
            Ok(AlertTarget::Alertmanager("http://am:9093".into()))
        );
        for wrong in [
            "slack:https://hooks.example",
            "stdout",
            "webhook:",
            "webhook:https://a:b@c",
            "alertmanager:am:9093",
            "pager",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_sink_has_the_same_folder_at_each_start_and_no_other_has_it() {
        let targets = ["file:/a", "file:/b", "webhook:http://a", "webhook:http://b", "slack"];
        let folders: std::collections::BTreeSet<_> =
            targets.map(|text| text.parse::<AlertTarget>().unwrap().folder()).into();
        assert_eq!(folders.len(), targets.len());
        assert!(folders.contains("slack-15c42b1e"), "{folders:?}");
    }
}
