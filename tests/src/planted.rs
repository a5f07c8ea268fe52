//! Judges what a real API server logged while secrets were planted: the log must show them, what
//! auditweir makes of it none, and every ordinary value must still be there.
//!
//! The files come from the driver in `tests/apiserver`, whose `main.go` says what is in them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use aho_corasick::AhoCorasick;
use auditweir::{CompiledPolicy, Filter, Format, Stats};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::reveal::Revealed;

/// How the webhook's batches start.
const EVENT_LIST: &[u8] = br#"{"kind":"EventList""#;

/// The driver's `planted.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Planted {
    /// What the driver's dice started from.
    pub seed: u64,
    /// Version of the API server.
    pub version: String,
    /// Which shapes of tokens were planted: `all` or `public`.
    pub shapes: String,
    /// Time at which the driver had the server end; what it logs later is about itself.
    pub until: String,
    /// Texts that no output may hold.
    pub canaries: Vec<Canary>,
    /// Texts that the output of every event must hold that holds them.
    pub innocents: Vec<Innocent>,
}

/// A secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Canary {
    /// It, or the part of it that can stand nowhere else.
    pub text: String,
    /// What it looks like.
    pub shape: String,
    /// When it was made up.
    pub scenario: String,
}

/// An ordinary value.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Innocent {
    /// The whole of it.
    pub text: String,
    /// When it was made up.
    pub scenario: String,
}

/// What became of a log.
pub struct Judged {
    /// Lines of the log.
    pub events_in: usize,
    /// Lines made of them.
    pub events_out: usize,
    /// Counters of the filter.
    pub stats: Stats,
    /// Canaries (by position) that the log shows.
    pub logged: BTreeSet<usize>,
    /// Canaries that the output shows.
    pub leaks: Vec<Finding>,
    /// How often an innocent is in an event.
    pub kept: usize,
    /// Innocents that are in an event and not in its output.
    pub lost: Vec<Finding>,
    /// The output.
    pub out: Vec<u8>,
}

/// Where something is that should not be, or is not that should be.
#[derive(Debug)]
pub struct Finding {
    /// Line of the log, from 1.
    pub line: usize,
    /// The text.
    pub text: String,
    /// Its scenario and shape.
    pub what: String,
    /// The event's auditID, stage and verb, and what stands around the text if that is known.
    pub event: String,
}

/// Looks for many texts in all encodings at once.
pub struct Seeker {
    patterns: AhoCorasick,
    /// Which text each pattern is of.
    owner: Vec<usize>,
}

impl Seeker {
    /// A seeker of these texts.
    ///
    /// Encodings are opened by [`Revealed`]; what it cannot open because it stands in the middle of
    /// something is looked for as it would look: hex, and base64 in all three alignments.
    pub fn new<'t>(texts: impl Iterator<Item = &'t str>, encodings: bool) -> Self {
        let mut patterns = Vec::new();
        let mut owner = Vec::new();
        for (at, text) in texts.enumerate() {
            patterns.push(text.as_bytes().to_vec());
            if encodings && text.len() >= 8 {
                let hex = text.bytes().fold(String::new(), |mut hex, byte| {
                    let _ = write!(hex, "{byte:02x}");
                    hex
                });
                patterns.push(hex.to_uppercase().into_bytes());
                patterns.push(hex.into_bytes());
                for shift in 0..3 {
                    let mut shifted = vec![b' '; shift];
                    shifted.extend_from_slice(text.as_bytes());
                    let letters = STANDARD.encode(&shifted);
                    // Only the letters that nothing before or after it has a share in.
                    let whole = &letters[[0, 2, 3][shift]..shifted.len() * 4 / 3];
                    patterns.push(whole.as_bytes().to_vec());
                }
            }
            owner.resize(patterns.len(), at);
        }
        let patterns = AhoCorasick::new(patterns).expect("texts to look for");
        Self { patterns, owner }
    }

    /// The texts (by position) in any encoding of `text`.
    pub fn find(&self, text: &[u8]) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        for part in Revealed::new(text).texts() {
            let hits = self.patterns.find_overlapping_iter(part);
            found.extend(hits.map(|hit| self.owner[hit.pattern().as_usize()]));
        }
        found
    }
}

impl Planted {
    /// Reads a `planted.json`.
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// Looks for canaries.
    pub fn canary_seeker(&self) -> Seeker {
        Seeker::new(self.canaries.iter().map(|canary| canary.text.as_str()), true)
    }

    /// Looks for innocents.
    pub fn innocent_seeker(&self) -> Seeker {
        Seeker::new(self.innocents.iter().map(|innocent| innocent.text.as_str()), false)
    }

    /// Filters a log, a record a line, and searches it and what comes out.
    pub fn judge(&self, log: &[u8], policy: &Arc<CompiledPolicy>, format: Format) -> Judged {
        let (canaries, innocents) = (self.canary_seeker(), self.innocent_seeker());
        let mut filter = Filter::new(Arc::clone(policy), format);
        let mut judged = Judged {
            events_in: 0,
            events_out: 0,
            stats: Stats::default(),
            logged: BTreeSet::new(),
            leaks: Vec::new(),
            kept: 0,
            lost: Vec::new(),
            out: Vec::new(),
        };
        for (at, record) in
            log.split(|byte| *byte == b'\n').enumerate().filter(|(_, record)| !record.is_empty())
        {
            let mut out = Vec::new();
            filter.apply(record, &mut out);
            judged.events_in += items(record);
            judged.events_out += memchr::memchr_iter(b'\n', &out).count();
            judged.logged.extend(canaries.find(record));
            for number in canaries.find(&out) {
                let canary = &self.canaries[number];
                let what = format!("{} ({})", canary.scenario, canary.shape);
                judged.leaks.push(finding(at, &canary.text, what, &out));
            }
            // In a batch any event may hold it; the log file says the same event by event.
            let batch = record.starts_with(EVENT_LIST);
            let before = if batch { BTreeSet::new() } else { innocents.find(record) };
            let after = innocents.find(&out);
            // A message that quotes a whole object may go whole.
            let told = if before.is_subset(&after) {
                before.clone()
            } else {
                innocents.find(&without_messages(record))
            };
            for number in before {
                judged.kept += 1;
                if !after.contains(&number) && told.contains(&number) {
                    let innocent = &self.innocents[number];
                    let what = innocent.scenario.clone();
                    judged.lost.push(finding(at, &innocent.text, what, record));
                }
            }
            judged.out.append(&mut out);
        }
        judged.stats = filter.stats().clone();
        judged
    }
}

/// Events in a record: the items of an EventList, else one. By their text, because bodies may be
/// deeper than serde_json reads; no string holds an unescaped quote.
fn items(record: &[u8]) -> usize {
    let item = br#"{"level":"RequestResponse","auditID":"#;
    if record.starts_with(EVENT_LIST) { memchr::memmem::find_iter(record, item).count() } else { 1 }
}

/// An event without its status messages; as it is when it cannot be read.
fn without_messages(record: &[u8]) -> Vec<u8> {
    let Ok(mut event) = serde_json::from_slice::<Value>(record) else { return record.to_vec() };
    for place in ["/responseStatus", "/responseObject"] {
        if let Some(status) = event.pointer_mut(place).and_then(Value::as_object_mut) {
            for name in ["message", "details"] {
                status.shift_remove(name);
            }
        }
    }
    event.to_string().into_bytes()
}

fn finding(at: usize, text: &str, what: String, lines: &[u8]) -> Finding {
    let lossy = String::from_utf8_lossy(lines);
    let line = lossy.lines().find(|line| line.contains(text)).unwrap_or_default();
    let mut event = String::new();
    if let Ok(value) = serde_json::from_str::<Value>(lossy.lines().next().unwrap_or_default()) {
        for name in ["auditID", "stage", "verb", "requestURI"] {
            event.push_str(value[name].as_str().unwrap_or_default());
            event.push(' ');
        }
    }
    if let Some(place) = line.find(text) {
        let around: Vec<char> = line.chars().collect();
        let place = line[..place].chars().count();
        event.push('…');
        event.extend(&around[place.saturating_sub(120)..(place + 80).min(around.len())]);
        event.push('…');
    }
    Finding { line: at + 1, text: text.to_owned(), what, event }
}

/// Native output by event (auditID and stage), each without what only one backend writes: the
/// envelope's type, and auditweir's own member. Equal events stand side by side, sorted.
pub fn by_event(out: &[u8]) -> BTreeMap<(String, String), Vec<String>> {
    let mut events: BTreeMap<_, Vec<String>> = BTreeMap::new();
    for line in out.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let mut value: Value = serde_json::from_slice(line).unwrap_or_default();
        let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
        let key = (text("auditID"), text("stage"));
        if let Some(members) = value.as_object_mut() {
            for name in ["kind", "apiVersion", "auditweir"] {
                members.shift_remove(name);
            }
        }
        events.entry(key).or_default().push(value.to_string());
    }
    for equal in events.values_mut() {
        equal.sort_unstable();
    }
    events
}
