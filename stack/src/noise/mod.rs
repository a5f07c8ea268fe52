//! How many alerts come of logs in which nothing bad is known to happen: of our pack, of Elastic's rules in
//! a real server, of Falco's.
//!
//! Each finds matches; what becomes of matches is the same for all: each is an alert, as with Elastic
//! and Falco, or alerts are groups of them, as `serve` makes them, in the log's own time.

mod elastic;
mod falco;
mod kql;
mod logs;
mod report;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use auditweir::rules::{Rules, Severity, WindowLimits, Windows};
use auditweir::{Filter, Format, Policy};
use auditweir_shell::alert::Alert;
use auditweir_shell::group::{Groups, Say, Times};
use auditweir_shell::time::rfc3339_millis;
use serde_json::Value;

use crate::server::Server;
use logs::{Log, Visit};

type Error = Box<dyn std::error::Error>;
type Result<T> = std::result::Result<T, Error>;

/// A group is over after this time without a match, as `serve` has it if nobody says otherwise.
const QUIET: i64 = 15 * 60_000;

/// A rule that found something.
type Match = (Visit, Alert);

/// Some rules, and what they found in a log that was repeated for an hour.
struct Pack {
    name: String,
    /// How many rules were asked.
    asked: usize,
    found: Vec<Match>,
    /// Rules of ours that could not tell in the log itself: why, and which each time.
    untold: BTreeMap<String, Vec<String>>,
}

/// What is counted in matches.
struct Counts {
    matches: usize,
    alerts: usize,
}

impl Counts {
    fn of<'m>(found: impl IntoIterator<Item = &'m Match>) -> Self {
        let times = Times { quiet: QUIET, repeat: i64::MAX, always: false };
        let mut counts = Self { matches: 0, alerts: 0 };
        let mut groups = Groups::default();
        for (visit, alert) in found {
            counts.matches += 1;
            counts.tell(&mut groups, visit.time, times);
            groups.take(&auditweir_shell::known::id(alert), alert.clone(), visit.time);
            counts.tell(&mut groups, visit.time, times);
        }
        counts
    }

    /// Tells of what is due, as long as there is something.
    fn tell(&mut self, groups: &mut Groups, now: i64, times: Times) {
        loop {
            let due: Vec<_> = groups
                .due(now, times)
                .into_iter()
                .map(|(say, group)| (say, group.fingerprint.clone(), group.count, group.notices))
                .collect();
            if due.is_empty() {
                return;
            }
            for (say, fingerprint, count, notices) in due {
                self.alerts += usize::from(say == Say::Firing && notices == 0);
                groups.told(&fingerprint, say, count, now);
            }
        }
    }
}

/// An event as our filter has it.
struct Event {
    id: String,
    document: String,
    alert: Alert,
}

/// The document, its id and what alerts say of it, for each event of a log.
fn events(log: &Log) -> Result<Vec<Event>> {
    let mut filter = Filter::new(Arc::new(Policy::default().compile()?), Format::Ecs);
    let mut events = Vec::new();
    for event in &log.events {
        filter.apply_each(event.to_string().as_bytes(), &mut |line| {
            let document = String::from_utf8_lossy(line.bytes).trim_end().to_owned();
            events.push(Event { id: line.id.to_owned(), document, alert: Alert::of(&line) });
        });
    }
    if events.len() == log.events.len() {
        Ok(events)
    } else {
        Err(format!("{}: {} events became {}", log.name, log.events.len(), events.len()).into())
    }
}

/// What our pack finds, as `serve` asks it.
fn ours(log: &Log, visits: &[Visit]) -> Result<Pack> {
    let rules = Arc::new(Rules::pack()?);
    let mut filter = Filter::new(Arc::new(Policy::default().compile()?), Format::Native);
    filter.watch(Arc::clone(&rules));
    let mut windows = Windows::new(WindowLimits::default());
    let (mut found, mut untold) = (Vec::new(), BTreeMap::<_, Vec<_>>::new());
    for &visit in visits {
        let event = again(&log.events[visit.at], visit);
        filter.apply_each(event.to_string().as_bytes(), &mut |line| {
            let alert = Alert::of(&line);
            let mut each = |finding: auditweir::rules::Finding<'_>| match finding.cannot_tell {
                None => found.push((visit, alert.clone().with(finding.rule, finding.outcome))),
                Some(_) if visit.round == 0 => {
                    untold.entry(finding.why()).or_default().push(finding.rule.intent.clone());
                }
                Some(_) => {}
            };
            line.findings().iter().for_each(&mut each);
            line.findings().over_time(&mut windows, &mut each);
        });
    }
    Ok(Pack { name: "auditweir, all levels".into(), asked: rules.telling().count(), found, untold })
}

/// An event that comes again is another one.
fn again(event: &Value, visit: Visit) -> Value {
    let mut event = event.clone();
    let micros = |text: &Value| {
        let text = text.as_str().unwrap_or_default();
        text.get(23..26)
            .filter(|micros| micros.bytes().all(|b| b.is_ascii_digit()))
            .unwrap_or("000")
            .to_owned()
    };
    let lasted = {
        let staged =
            auditweir_shell::time::parse(event["stageTimestamp"].as_str().unwrap_or_default());
        staged.unwrap_or_default() * 1000 - logs::received(&event) / 1000 * 1000
    };
    for (member, shift) in [("requestReceivedTimestamp", 0), ("stageTimestamp", lasted.max(0))] {
        let micros = micros(&event[member]);
        let time = rfc3339_millis(visit.time + shift);
        event[member] = time.replace('Z', &format!("{micros}Z")).into();
    }
    if visit.round > 0 {
        let id = event["auditID"].as_str().unwrap_or_default();
        event["auditID"] = format!("{id}-{}", visit.round).into();
    }
    event
}

/// The alert of somebody else's rule about an event.
fn foreign(event: &Event, visit: Visit, name: &str, level: &str) -> Alert {
    let mut alert = event.alert.clone();
    let finding = &mut alert.finding;
    name.clone_into(&mut finding.rule.id);
    name.clone_into(&mut finding.rule.intent);
    level.clone_into(&mut finding.rule.level);
    if let Some(id) = &mut finding.audit_id {
        id.push_str(&format!("-{}", visit.round));
    }
    alert
}

/// What Falco's rules find.
fn falcos(log: &Log, visits: &[Visit], events: &[Event]) -> Result<Pack> {
    let rules = falco::rules(&logs::falco()?)?;
    let finds: Vec<Vec<&falco::Rule>> = log
        .events
        .iter()
        .map(|event| rules.iter().filter(|rule| rule.finds(event)).collect())
        .collect();
    let mut found = Vec::new();
    for &visit in visits {
        for rule in &finds[visit.at] {
            let level = rule.priority.to_ascii_lowercase();
            found.push((visit, foreign(&events[visit.at], visit, &rule.name, &level)));
        }
    }
    let name = "Falco, all priorities".into();
    Ok(Pack { name, asked: rules.len(), found, untold: BTreeMap::new() })
}

impl Pack {
    /// Only what is of these levels.
    fn only(&self, name: &str, asked: usize, levels: &[&str]) -> Self {
        let kept = |(_, alert): &&Match| levels.contains(&alert.finding.rule.level.as_str());
        let found = self.found.iter().filter(kept).cloned().collect();
        Self { name: name.into(), asked, found, untold: BTreeMap::new() }
    }
}

/// What `serve` tells people of if nobody says otherwise.
fn told(pack: &Pack) -> Result<Pack> {
    let rules = Rules::pack()?;
    let asked = rules.telling().filter(|rule| rule.level >= Severity::Medium).count();
    Ok(pack.only("auditweir, medium and above", asked, &["medium", "high", "critical"]))
}

/// What all of them find.
fn packs(
    log: &Log,
    visits: &[Visit],
    elastic: Option<&(&Server, elastic::Rules)>,
) -> Result<Vec<Pack>> {
    let events = events(log)?;
    let all = ours(log, visits)?;
    let mut packs = vec![told(&all)?, all];
    if let Some((server, rules)) = elastic {
        packs.push(elastic::ask(server, rules, visits, &events)?);
    }
    let falco = falcos(log, visits, &events)?;
    let levels = ["emergency", "alert", "critical", "error", "warning"];
    let asked = falco::rules(&logs::falco()?)?;
    let asked =
        asked.iter().filter(|rule| levels.contains(&&*rule.priority.to_ascii_lowercase())).count();
    packs.push(falco.only("Falco, warning and above", asked, &levels));
    packs.push(falco);
    Ok(packs)
}

/// The report, as Markdown. Elastic's rules are asked in `server`; they stand in a checkout of theirs.
pub fn run(elastic: Option<(&Server, &Path)>) -> Result<String> {
    let elastic = match elastic {
        Some((server, folder)) => {
            elastic::prepare(server)?;
            Some((server, elastic::rules(folder)?))
        }
        None => None,
    };
    let mut logs = Vec::new();
    for log in Log::all()? {
        let packs = packs(&log, &log.hour(), elastic.as_ref())?;
        logs.push((log, packs));
    }
    let acts = Log::acts()?;
    let found = packs(&acts, &acts.once(), elastic.as_ref())?;
    let rules = elastic.as_ref().map(|(_, rules)| rules);
    Ok(report::markdown(&logs, (&acts, &found), rules))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is promised: of either log at most five alerts an hour, as `serve` sends them by default.
    #[test]
    fn our_pack_is_quiet_where_nothing_happens() {
        for log in Log::all().unwrap() {
            let told = told(&ours(&log, &log.hour()).unwrap()).unwrap();
            let alerts = Counts::of(&told.found).alerts;
            assert!(alerts <= 5, "{}: {alerts}", log.name);
        }
    }

    /// Two rules about one act are two alerts, and one of them is noise.
    #[test]
    fn no_act_is_told_of_twice() {
        for log in Log::all().unwrap() {
            let mut rules = BTreeMap::<_, Vec<_>>::new();
            for (visit, alert) in told(&ours(&log, &log.hour()).unwrap()).unwrap().found {
                rules.entry((visit.round, visit.at)).or_default().push(alert.finding.rule.intent);
            }
            assert!(!rules.is_empty() && rules.values().all(|rules| rules.len() == 1), "{rules:?}");
        }
    }

    #[test]
    fn groups_end_in_the_time_of_the_log() {
        let at = |time: i64, round: i64| {
            let mut alert = Alert::default();
            alert.finding.id = format!("{time}");
            (Visit { time, round, at: 0 }, alert)
        };
        let found = [at(0, 0), at(QUIET - 1, 1), at(2 * QUIET - 2, 2), at(3 * QUIET - 2, 3)];
        let counts = Counts::of(&found);
        assert_eq!((counts.matches, counts.alerts), (4, 2));
    }
}
