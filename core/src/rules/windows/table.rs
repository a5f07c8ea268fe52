//! The groups of one correlation: a table of fixed size, eight groups to a set.

use std::fmt;

use sha2::{Digest as _, Sha256};

use super::super::correlation::Kind;
use super::{Signal, Spec, WindowLimits, WindowStats};

/// Groups that a hash may lead to.
const WAYS: usize = 8;
/// Times kept for each rule of an ordered correlation: one would do if events came in order.
const KEPT: usize = 8;
/// Marks beyond twice the number that is counted.
const SPARE: usize = 16;
/// Documents remembered, to know one that is delivered again.
const DOCUMENTS: usize = 1 << 14;
const NEVER: i64 = i64::MIN;

/// One mark of a group: when, and what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Mark {
    time: i64,
    value: u64,
}

/// A group's place.
#[derive(Clone, Copy, Debug)]
struct Group {
    hash: u64,
    /// Newest event; [`NEVER`] for a free place.
    last: i64,
    fired: i64,
    /// Marks in use.
    used: u32,
}

const FREE: Group = Group { hash: 0, last: NEVER, fired: NEVER, used: 0 };

/// All groups of one correlation.
pub(super) struct Table {
    groups: Vec<Group>,
    marks: Vec<Mark>,
    /// Marks a group.
    room: usize,
    documents: Vec<u64>,
}

impl Table {
    pub(super) fn new(spec: &Spec, limits: WindowLimits) -> Self {
        let room = match spec.kind {
            // Twice as many as are counted: an event that comes late may make an older window full.
            Kind::EventCount(least) | Kind::ValueCount(least) => 2 * least as usize + SPARE,
            Kind::Temporal | Kind::TemporalOrdered => KEPT * usize::from(spec.rules),
            Kind::FirstSeen(_) => 0,
        };
        // What was seen once is remembered for long, and costs little.
        let more = if room == 0 { 16 } else { 1 };
        let sets = (limits.groups as usize * more).div_ceil(WAYS).max(1);
        Self {
            groups: vec![FREE; sets * WAYS],
            marks: vec![Mark { time: NEVER, value: 0 }; sets * WAYS * room],
            room,
            documents: vec![0; DOCUMENTS],
        }
    }

    /// How many groups there is room for.
    #[cfg(test)]
    pub(super) fn groups(&self) -> usize {
        self.groups.len()
    }

    /// Takes a signal; true when the group fires and has not just now. `begin` is when the first event
    /// of all was written.
    pub(super) fn take(
        &mut self,
        spec: &Spec,
        signal: &Signal,
        begin: i64,
        stats: &mut WindowStats,
    ) -> bool {
        // One event may be a signal of several rules of one correlation.
        let document = (signal.document ^ u64::from(signal.slot)) | 1;
        let seen = &mut self.documents[document as usize / 2 % DOCUMENTS];
        if std::mem::replace(seen, document) == document {
            stats.repeated += 1;
            return false;
        }
        let at = self.place(spec, signal, stats);
        let group = &mut self.groups[at];
        let before = group.last;
        group.last = group.last.max(signal.time);
        let marks = &mut self.marks[at * self.room..][..self.room];
        let full = match spec.kind {
            Kind::EventCount(least) => {
                put(group, marks, Mark { time: signal.time, value: 0 });
                let used = &marks[..group.used as usize];
                used.windows(least as usize).any(|window| within(window, spec.milliseconds))
            }
            Kind::ValueCount(least) => {
                let used = &mut marks[..group.used as usize];
                match used.iter().position(|mark| mark.value == signal.value) {
                    Some(known) => {
                        used[known].time = used[known].time.max(signal.time);
                        used.sort_unstable_by_key(|mark| mark.time);
                    }
                    None => put(group, marks, Mark { time: signal.time, value: signal.value }),
                }
                let used = &marks[..group.used as usize];
                used.windows(least as usize).any(|window| within(window, spec.milliseconds))
            }
            Kind::Temporal | Kind::TemporalOrdered => {
                keep(&mut marks[usize::from(signal.slot) * KEPT..][..KEPT], signal.time);
                chain(marks, spec)
            }
            Kind::FirstSeen(learning) => {
                let is_new = before == NEVER || signal.time - before > spec.milliseconds;
                return is_new && signal.time.saturating_sub(begin) >= learning;
            }
        };
        if !full {
            return false;
        }
        let again = group.fired != NEVER && (signal.time - group.fired).abs() <= spec.milliseconds;
        group.fired = signal.time.max(group.fired);
        !again
    }

    /// Where a group's state is; a new group takes the place of the one quiet for longest.
    fn place(&mut self, spec: &Spec, signal: &Signal, stats: &mut WindowStats) -> usize {
        let sets = self.groups.len() / WAYS;
        let from = signal.group as usize % sets * WAYS;
        let set = &self.groups[from..from + WAYS];
        let known = set.iter().position(|group| group.last != NEVER && group.hash == signal.group);
        if let Some(way) = known {
            return from + way;
        }
        let oldest = set.iter().enumerate().min_by_key(|(_, group)| group.last);
        let way = oldest.map_or(0, |(way, _)| way);
        let at = from + way;
        let last = self.groups[at].last;
        if last != NEVER && signal.time.saturating_sub(last) <= spec.milliseconds {
            stats.evicted += 1;
        }
        self.groups[at] = Group { hash: signal.group, ..FREE };
        self.marks[at * self.room..][..self.room].fill(Mark { time: NEVER, value: 0 });
        at
    }
}

/// Puts a mark among the others by time; the oldest goes when there is no room.
fn put(group: &mut Group, marks: &mut [Mark], mark: Mark) {
    let used = group.used as usize;
    let at = marks[..used].partition_point(|known| known.time <= mark.time);
    if used < marks.len() {
        marks.copy_within(at..used, at + 1);
        marks[at] = mark;
        group.used += 1;
    } else if at > 0 {
        marks.copy_within(1..at, 0);
        marks[at - 1] = mark;
    }
}

fn within(window: &[Mark], milliseconds: i64) -> bool {
    match (window.first(), window.last()) {
        (Some(first), Some(last)) => last.time - first.time <= milliseconds,
        _ => false,
    }
}

/// Keeps a time among the newest, in order.
fn keep(times: &mut [Mark], time: i64) {
    let at = times.partition_point(|mark| mark.time <= time);
    if at > 0 {
        times.copy_within(1..at, 0);
        times[at - 1] = Mark { time, value: 0 };
    }
}

/// Whether there is an event of each rule within the timespan, in order if that is asked for.
/// Going back from each last event, the latest one before it is always the best choice.
fn chain(marks: &[Mark], spec: &Spec) -> bool {
    let ordered = spec.kind == Kind::TemporalOrdered;
    let rules = usize::from(spec.rules);
    let of = |rule: usize| marks[rule * KEPT..][..KEPT].iter().filter(|mark| mark.time != NEVER);
    // In any order, some rule's event is the last: the others are looked for before it.
    let lasts = if ordered { rules - 1..rules } else { 0..rules };
    lasts.into_iter().any(|last| {
        of(last).any(|end| {
            let mut before = end.time;
            (0..rules).rev().filter(|rule| *rule != last).all(|rule| {
                let limit = if ordered { before } else { end.time };
                let latest = of(rule).rev().find(|mark| mark.time <= limit);
                latest.is_some_and(|mark| {
                    before = mark.time;
                    end.time - mark.time <= spec.milliseconds
                })
            })
        })
    })
}

/// Why a snapshot is of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WindowError {
    /// It is damaged, or none.
    Damaged,
    /// It was made by other rules or under other limits.
    Other,
}

impl fmt::Display for WindowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Damaged => "the snapshot is damaged",
            Self::Other => "the snapshot is of other rules or limits",
        })
    }
}

impl std::error::Error for WindowError {}

const MAGIC: &[u8; 8] = b"awwindw2";

/// Magic, fingerprint of the rules, first and newest time, groups in use of each table, checksum.
pub(super) fn write(
    tables: &[Table],
    fingerprint: [u8; 32],
    (begin, newest): (i64, i64),
) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    out.extend_from_slice(&fingerprint);
    out.extend_from_slice(&begin.to_le_bytes());
    out.extend_from_slice(&newest.to_le_bytes());
    out.extend_from_slice(&(tables.len() as u32).to_le_bytes());
    for table in tables {
        out.extend_from_slice(&(table.groups.len() as u32).to_le_bytes());
        out.extend_from_slice(&(table.room as u32).to_le_bytes());
        let used = table.groups.iter().filter(|group| group.last != NEVER).count();
        out.extend_from_slice(&(used as u32).to_le_bytes());
        for (at, group) in table.groups.iter().enumerate().filter(|(_, group)| group.last != NEVER)
        {
            out.extend_from_slice(&(at as u32).to_le_bytes());
            out.extend_from_slice(&group.hash.to_le_bytes());
            out.extend_from_slice(&group.last.to_le_bytes());
            out.extend_from_slice(&group.fired.to_le_bytes());
            out.extend_from_slice(&group.used.to_le_bytes());
            for mark in &table.marks[at * table.room..][..table.room] {
                out.extend_from_slice(&mark.time.to_le_bytes());
                out.extend_from_slice(&mark.value.to_le_bytes());
            }
        }
        for document in &table.documents {
            out.extend_from_slice(&document.to_le_bytes());
        }
    }
    let checksum = Sha256::digest(&out);
    out.extend_from_slice(&checksum);
    out
}

/// Reads what [`write`] wrote into tables of the same rules and limits.
pub(super) fn read(
    bytes: &[u8],
    fingerprint: [u8; 32],
    tables: &mut [Table],
) -> Result<(i64, i64), WindowError> {
    let (body, checksum) = bytes.split_last_chunk::<32>().ok_or(WindowError::Damaged)?;
    if Sha256::digest(body)[..] != checksum[..] {
        return Err(WindowError::Damaged);
    }
    let mut from = Bytes(body);
    if from.take::<8>()? != *MAGIC || from.take::<32>()? != fingerprint {
        return Err(WindowError::Other);
    }
    let begin = i64::from_le_bytes(from.take()?);
    let newest = i64::from_le_bytes(from.take()?);
    let count = from.number()?;
    if count > tables.len() {
        return Err(WindowError::Other);
    }
    for table in &mut tables[..count] {
        if from.number()? != table.groups.len() || from.number()? != table.room {
            return Err(WindowError::Other);
        }
        for _ in 0..from.number()? {
            let at = from.number()?;
            let group = table.groups.get_mut(at).ok_or(WindowError::Damaged)?;
            *group = Group {
                hash: u64::from_le_bytes(from.take()?),
                last: i64::from_le_bytes(from.take()?),
                fired: i64::from_le_bytes(from.take()?),
                used: u32::from_le_bytes(from.take()?).min(table.room as u32),
            };
            for mark in &mut table.marks[at * table.room..][..table.room] {
                let time = i64::from_le_bytes(from.take()?);
                *mark = Mark { time, value: u64::from_le_bytes(from.take()?) };
            }
        }
        for document in &mut table.documents {
            *document = u64::from_le_bytes(from.take()?);
        }
    }
    Ok((begin, newest))
}

struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], WindowError> {
        let (head, rest) = self.0.split_first_chunk::<N>().ok_or(WindowError::Damaged)?;
        self.0 = rest;
        Ok(*head)
    }

    fn number(&mut self) -> Result<usize, WindowError> {
        Ok(u32::from_le_bytes(self.take()?) as usize)
    }
}
