//! The groups of one correlation: a table of fixed size, eight groups to a set.

use std::fmt;

use sha2::{Digest as _, Sha256};

use super::super::correlation::Kind;
use super::marks::{KEPT, List, Mark, NEVER, Scratch};
use super::{Signal, Spec, WindowLimits, WindowStats};

/// Groups that a hash may lead to.
const WAYS: usize = 8;
/// Marks beyond what is counted, for events that come late.
const SPARE: usize = 16;
/// Requests remembered, to know one that comes again.
const REQUESTS: usize = 1 << 14;

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
    requests: Vec<u64>,
    scratch: Scratch,
}

impl Table {
    pub(super) fn new(spec: &Spec, limits: WindowLimits) -> Self {
        let rules = usize::from(spec.rules);
        // More than are counted: an event that comes late may make an older window full. Of one value
        // two marks stand in a window.
        let room = match spec.kind {
            Kind::EventCount(least) => 2 * least as usize + SPARE,
            Kind::ValueCount(least) => 4 * least as usize + SPARE,
            Kind::Temporal => 4 * rules + SPARE,
            Kind::TemporalOrdered => KEPT * rules,
            Kind::FirstSeen(_) => 0,
        };
        // What was seen once is remembered for long, and costs little.
        let more = if room == 0 { 16 } else { 1 };
        let sets = (limits.groups as usize * more).div_ceil(WAYS).max(1);
        Self {
            groups: vec![FREE; sets * WAYS],
            marks: vec![Mark::NONE; sets * WAYS * room],
            room,
            requests: vec![0; REQUESTS],
            scratch: Scratch::for_marks(room),
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
        let request = (signal.request ^ u64::from(signal.slot)) | 1;
        let seen = &mut self.requests[request as usize / 2 % REQUESTS];
        if std::mem::replace(seen, request) == request {
            stats.repeated += 1;
            return false;
        }
        let at = self.place(spec, signal, stats);
        let group = &mut self.groups[at];
        let before = group.last;
        group.last = group.last.max(signal.time);
        let time = signal.time;
        let marks = &mut self.marks[at * self.room..][..self.room];
        let mut list = List { marks, used: &mut group.used };
        let span = spec.milliseconds;
        let values = |value, least, list: &mut List<'_>, scratch: &mut Scratch| {
            list.put_value(Mark { time, value }, span);
            scratch.has_values(list.in_use(), Mark { time, value }, least, span)
        };
        let full = match spec.kind {
            Kind::EventCount(least) => {
                let mark = Mark { time, value: request };
                if list.in_use().iter().any(|known| known.value == request) {
                    stats.repeated += 1;
                    return false;
                }
                let at = list.put(mark);
                list.is_full_around(at, least as usize, span)
            }
            Kind::ValueCount(least) => values(signal.value, least, &mut list, &mut self.scratch),
            Kind::Temporal => {
                let rules = u32::from(spec.rules);
                values(u64::from(signal.slot), rules, &mut list, &mut self.scratch)
            }
            Kind::TemporalOrdered => list.follows(usize::from(signal.slot), time, span),
            Kind::FirstSeen(learning) => {
                let is_new = before == NEVER || time - before > span;
                return is_new && time.saturating_sub(begin) >= learning;
            }
        };
        if !full {
            return false;
        }
        let again = group.fired != NEVER && (time - group.fired).abs() <= span;
        group.fired = time.max(group.fired);
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
        self.marks[at * self.room..][..self.room].fill(Mark::NONE);
        at
    }
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

const MAGIC: &[u8; 8] = b"awwindw3";

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
        for request in &table.requests {
            out.extend_from_slice(&request.to_le_bytes());
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
        for request in &mut table.requests {
            *request = u64::from_le_bytes(from.take()?);
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
