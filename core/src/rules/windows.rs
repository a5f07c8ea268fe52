//! Rules over several events: what was seen of each group, in event time and bounded memory.
//!
//! A [`Signal`] is all that goes in: which correlation, which group, which value, when, as hashes
//! and numbers. So filters on many threads can hand their signals to one [`Windows`], and the state
//! holds no text of any event.
//!
//! Memory is a fixed table for each correlation. A group that does not fit puts out the one that
//! was quiet for longest, which is counted. Events may come out of order within
//! [`WindowLimits::lateness`]. A request counts once, delivered twice or logged at several stages: the
//! first that comes counts.

mod marks;
mod table;
#[cfg(test)]
mod tests;

use super::correlation::Kind;
use super::{Rule, Rules};
use table::Table;

pub use table::WindowError;

/// One event's part in one correlation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signal {
    /// Number of the correlation.
    pub(super) correlation: u16,
    /// Which of its rules matched.
    pub(super) slot: u8,
    pub(super) group: u64,
    pub(super) value: u64,
    /// Milliseconds since 1970.
    pub(super) time: i64,
    /// Of the request: the same at all its stages.
    pub(super) request: u64,
}

impl Signal {
    /// Bytes of a signal in a journal.
    pub const BYTES: usize = 35;

    /// The signal as bytes, which mean something to the same rules only.
    pub fn to_bytes(self) -> [u8; Self::BYTES] {
        let Self { correlation, slot, group, value, time, request } = self;
        let mut bytes = [0; Self::BYTES];
        bytes[..2].copy_from_slice(&correlation.to_le_bytes());
        bytes[2] = slot;
        for (at, number) in [group, value, time.cast_unsigned(), request].into_iter().enumerate() {
            bytes[3 + at * 8..][..8].copy_from_slice(&number.to_le_bytes());
        }
        bytes
    }

    /// The signal that these bytes are.
    pub fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        let number = |at: usize| {
            let mut eight = [0; 8];
            eight.copy_from_slice(&bytes[3 + at * 8..][..8]);
            u64::from_le_bytes(eight)
        };
        Self {
            correlation: u16::from_le_bytes([bytes[0], bytes[1]]),
            slot: bytes[2],
            group: number(0),
            value: number(1),
            time: number(2).cast_signed(),
            request: number(3),
        }
    }
}

/// What state may cost and wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WindowLimits {
    /// Groups remembered for each correlation. Default 4096.
    pub groups: u32,
    /// How many milliseconds behind the newest event one may come. Default one minute.
    pub lateness: u32,
}

impl Default for WindowLimits {
    fn default() -> Self {
        Self { groups: 4096, lateness: 60_000 }
    }
}

impl WindowLimits {
    /// For logs that are read as they lie: rotated, of several API servers, in whatever order. None of
    /// it comes late.
    pub fn for_files() -> Self {
        Self { lateness: u32::MAX, ..Self::default() }
    }
}

/// What windows have counted since they were made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct WindowStats {
    /// Groups put out before their time for want of room.
    pub evicted: u64,
    /// Signals too late to count.
    pub late: u64,
    /// Signals of requests seen before.
    pub repeated: u64,
}

/// What one correlation asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spec {
    pub(super) kind: Kind,
    pub(super) rules: u8,
    pub(super) milliseconds: i64,
    /// Number of the rule that it is.
    pub(super) rule: u16,
}

/// The state of all correlations of a set of rules.
pub struct Windows {
    limits: WindowLimits,
    tables: Vec<Table>,
    stats: WindowStats,
    /// When the first and the newest event were written.
    begin: i64,
    newest: i64,
}

impl Windows {
    /// Nothing seen yet.
    pub fn new(limits: WindowLimits) -> Self {
        Self {
            limits,
            tables: Vec::new(),
            stats: WindowStats::default(),
            begin: i64::MAX,
            newest: i64::MIN,
        }
    }

    /// Takes note of signals, and hands each rule that fires to `fires`.
    ///
    /// A group that has fired is silent for a timespan: more of the same is the same incident.
    pub fn observe<'r>(
        &mut self,
        rules: &'r Rules,
        signals: &[Signal],
        fires: &mut dyn FnMut(&'r Rule),
    ) {
        let Self { limits, tables, stats, begin, newest } = self;
        for signal in signals {
            let at = usize::from(signal.correlation);
            let Some(spec) = rules.correlations().get(at) else { continue };
            while tables.len() <= at {
                let spec = &rules.correlations()[tables.len()];
                tables.push(Table::new(spec, *limits));
            }
            *begin = (*begin).min(signal.time);
            *newest = (*newest).max(signal.time);
            if signal.time < newest.saturating_sub(spec.milliseconds + i64::from(limits.lateness)) {
                stats.late += 1;
                continue;
            }
            let rule = usize::from(spec.rule);
            if tables[at].take(spec, signal, *begin, stats) && !rules.off[rule] {
                fires(&rules.rules[rule]);
            }
        }
    }

    /// What was counted.
    pub fn stats(&self) -> WindowStats {
        self.stats
    }

    /// The whole state as bytes, with a checksum, for [`Windows::restore`].
    pub fn snapshot(&self, rules: &Rules) -> Vec<u8> {
        table::write(&self.tables, rules.fingerprint(), (self.begin, self.newest))
    }

    /// The state that a snapshot holds. One of other rules or limits, or a damaged one, is refused:
    /// then begin with none.
    pub fn restore(bytes: &[u8], rules: &Rules, limits: WindowLimits) -> Result<Self, WindowError> {
        let mut tables: Vec<Table> =
            rules.correlations().iter().map(|spec| Table::new(spec, limits)).collect();
        let (begin, newest) = table::read(bytes, rules.fingerprint(), &mut tables)?;
        Ok(Self { limits, tables, stats: WindowStats::default(), begin, newest })
    }
}

impl std::fmt::Debug for Windows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Windows").field("stats", &self.stats).finish_non_exhaustive()
    }
}
