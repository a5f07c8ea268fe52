//! Tells people, and programs that tell people, of groups of alerts.
//!
//! What comes from the spool goes into groups, which are on disk before the spool may forget it. So a
//! receiver that is down holds up nothing: groups grow, and one notice says how far. Notices are sent
//! at least once, under a fingerprint by which the receiver knows them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use auditweir::rules::Severity;
use auditweir_shell::group::{Groups, Times};
use prometheus_client::metrics::gauge::Gauge;
use ureq::Agent;

use super::channel::{Answer, Channel, Notice};
use super::record;
use super::stopped::millis;
use crate::Error;
use crate::metrics::Counters;
use crate::record::Documents;
use crate::sink::{DeadLetter, Fail, Refused, Retry, Sink, http};
use crate::spool::replace;
use crate::units;

/// For a request to be answered.
const REQUEST: Duration = Duration::from_secs(10);
/// The longest wait that a receiver may ask for.
const LONGEST: Duration = Duration::from_secs(300);

/// How a notifier is set up.
pub(super) struct Settings {
    pub(super) name: &'static str,
    pub(super) least: Severity,
    pub(super) quiet: Duration,
    pub(super) repeat: Duration,
    pub(super) dead: PathBuf,
    pub(super) state: PathBuf,
}

pub(super) struct Notifier {
    channel: Box<dyn Channel>,
    least: Severity,
    times: Times,
    state: PathBuf,
    groups: Groups,
    agent: Agent,
    dead: DeadLetter,
    counters: Arc<Counters>,
    open: Gauge,
    /// Pauses of its own: while it waits, alerts are taken.
    own: Retry,
    not_before: Option<Instant>,
}

impl Notifier {
    pub(super) fn open(
        channel: Box<dyn Channel>,
        settings: Settings,
        ca: Option<&Path>,
        counters: Arc<Counters>,
        open: Gauge,
        own: Retry,
    ) -> Result<Self, Error> {
        let Settings { name, least, quiet, repeat, dead, state } = settings;
        let kept = channel.repeats();
        let times = Times {
            quiet: millis(quiet),
            repeat: millis(kept.unwrap_or(repeat)),
            always: kept.is_some(),
        };
        let groups = match fs::read(&state) {
            Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_else(|_| {
                crate::say(format_args!(
                    "{name}: {} is damaged; what was told before is told again",
                    state.display()
                ));
                Groups::default()
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Groups::default(),
            Err(error) => return Err(Error::file(&state, error)),
        };
        Ok(Self {
            agent: http::agent(ca, REQUEST)?,
            dead: DeadLetter::open(&dead)?,
            channel,
            least,
            times,
            state,
            groups,
            counters,
            open,
            own,
            not_before: None,
        })
    }

    /// Keeps the groups, on disk before this returns.
    fn store(&self) -> io::Result<()> {
        replace(&self.state, &serde_json::to_vec(&self.groups)?)
    }

    fn keep(&self, retry: &mut Retry) -> Result<(), Fail> {
        self.open.set(i64::try_from(self.groups.len()).unwrap_or(i64::MAX));
        while let Err(error) = self.store() {
            retry.pause("state", format_args!("{}: {error}", self.state.display()))?;
        }
        Ok(())
    }

    /// Says what is to be said by now, until the receiver refuses.
    fn tell(&mut self, retry: &mut Retry) -> Result<(), Fail> {
        if self.not_before.is_some_and(|time| Instant::now() < time) {
            return Ok(());
        }
        let now = units::now();
        let notices: Vec<Notice> = self
            .groups
            .due(now, self.times)
            .into_iter()
            .map(|(say, group)| Notice { say, group: group.clone() })
            .collect();
        if notices.is_empty() {
            return Ok(());
        }
        self.not_before = None;
        // The next request is the last one here.
        let mut requests: Vec<Vec<Notice>> =
            notices.chunks(self.channel.most()).map(<[_]>::to_vec).rev().collect();
        while let Some(mut notices) = requests.pop() {
            match self.channel.send(&self.agent, &notices, now, self.times) {
                Answer::Taken => {
                    self.own.well();
                    self.counters.count("delivered", notices.len() as u64);
                }
                Answer::Refused(_) if notices.len() > 1 => {
                    let rest = notices.split_off(notices.len() / 2);
                    requests.push(rest);
                    requests.push(notices);
                    continue;
                }
                Answer::Refused(status) => self.bury(&notices, status, retry)?,
                Answer::Failed { kind, why, after } => {
                    let pause = self.own.failed(kind, why);
                    let pause = pause.max(after.unwrap_or_default().min(LONGEST));
                    self.not_before = Some(Instant::now() + pause);
                    break;
                }
            }
            for Notice { say, group } in &notices {
                self.groups.told(&group.fingerprint, *say, group.count, now);
            }
        }
        self.keep(retry)
    }

    /// Keeps what the receiver will never take.
    fn bury(&self, notices: &[Notice], status: u16, retry: &mut Retry) -> Result<(), Fail> {
        for Notice { group, .. } in notices {
            let document = serde_json::to_vec(group).unwrap_or_default();
            let refused = Refused {
                id: &group.fingerprint,
                status,
                reason: "request_refused",
                document: &document,
            };
            self.dead.keep(&[refused], retry)?;
        }
        self.counters.count("dead_letter", notices.len() as u64);
        Ok(())
    }
}

impl Sink for Notifier {
    fn deliver(&mut self, lines: &Documents, retry: &mut Retry) -> Result<(), Fail> {
        let Self { groups, least, counters, .. } = self;
        let (now, mut again) = (units::now(), 0);
        let odd = record::read(lines, &mut |id, alert| {
            let level = Severity::from_name(&alert.finding.rule.level);
            if level >= Some(*least) && !groups.take(id, alert, now) {
                again += 1;
            }
        });
        counters.count("already_there", again);
        counters.count("unreadable", odd);
        self.keep(retry)?;
        self.tell(retry)
    }

    fn idle(&mut self, retry: &mut Retry) -> Result<(), Fail> {
        self.tell(retry)
    }
}
