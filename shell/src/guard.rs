//! A filter that survives its own faults.

use std::cell::RefCell;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use auditweir::{CompiledPolicy, Filter, Format, Line, LineKind, Reason, Refusal, Stats, Verdict};

use crate::counts::Counts;
use crate::lines::Piece;
use crate::setup::Ready;

/// Stands for an event when not even a stub can be made; ended by a newline.
pub const LAST_RESORT: &str = "{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\
    \"auditweir\":{\"v\":1,\"stub\":\"internal\"}}\n";

/// What is known of a line that was written.
#[derive(Clone, Debug)]
pub struct Mark {
    /// Where the line is in the output, newline included.
    pub range: Range<usize>,
    /// What stands in it.
    pub kind: LineKind,
    /// Its document id: 32 hex digits.
    pub id: [u8; 32],
    /// Values taken out.
    pub redactions: u32,
}

/// What a host keeps of lines while they are written. An input that fails half way is as if it had
/// never come, so what was kept of it goes again.
pub trait Notes {
    /// A point in them.
    type Place: Copy;

    /// A line was written, `from` or further into the output.
    fn put(&mut self, line: &Line<'_>, from: usize);

    /// How far they go, for [`Notes::forget`].
    fn place(&self) -> Self::Place;

    /// Forgets what was kept since.
    fn forget(&mut self, place: Self::Place);

    /// The stub of last resort stands in this part of the output.
    fn last_resort(&mut self, range: Range<usize>);
}

impl Notes for Vec<Mark> {
    type Place = usize;

    fn put(&mut self, line: &Line<'_>, from: usize) {
        Mark::put(line, from, self);
    }

    fn place(&self) -> usize {
        self.len()
    }

    fn forget(&mut self, place: usize) {
        self.truncate(place);
    }

    fn last_resort(&mut self, range: Range<usize>) {
        let kind = LineKind::Stub { reason: Reason::INTERNAL, offset: None };
        self.push(Mark { range, kind, id: [b'0'; 32], redactions: 0 });
    }
}

impl Mark {
    /// The mark of a line that was just appended, behind `from` and the lines that were marked.
    fn put(line: &Line<'_>, from: usize, marks: &mut Vec<Self>) {
        if line.bytes.is_empty() {
            // What the policy drops was told, and there is no line.
            return;
        }
        let from = marks.last().map_or(from, |last| last.range.end.max(from));
        let mut id = [b'0'; 32];
        id.iter_mut().zip(line.id.bytes()).for_each(|(to, byte)| *to = byte);
        let Line { kind, redactions, .. } = *line;
        marks.push(Self { range: from..from + line.bytes.len(), kind, id, redactions });
    }

    /// The document id as text.
    pub fn id(&self) -> &str {
        // Hex digits are ASCII.
        std::str::from_utf8(&self.id).unwrap_or_default()
    }
}

thread_local! {
    static PLACE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Keeps the texts of panics off the process's streams: they could hold parts of an event. Where it
/// was is remembered for [`Guard::place`] and handed to `say`.
///
/// Sets the hook of this copy of the standard library. A shared library has its own copy, so its
/// host's panics are not touched.
pub fn hide_panics(say: impl Fn(&str) + Send + Sync + 'static) {
    std::panic::set_hook(Box::new(move |info| {
        let place = info.location().map(|at| format!("{}:{}", at.file(), at.line()));
        let place = place.unwrap_or_default();
        say(&place);
        PLACE.set(place);
    }));
}

/// A [`Filter`] that outlives a panic.
///
/// A panic costs the input it happened on: the output gets one stub for it, the filter with its
/// half-written memory is thrown away and a new one made from the policy, which nothing can
/// change. The totals are those of an input that was never begun, plus that of its stub.
///
/// Where a panic ends the process, as on WebAssembly, there is nothing to catch; the guard then is
/// the filter and its totals.
pub struct Guard {
    policy: Arc<CompiledPolicy>,
    format: Format,
    filter: Filter,
    /// Totals of filters thrown away, without what they failed on.
    past: Stats,
    /// Totals of the filter in use before the input it is at.
    before: Stats,
    panics: u64,
    poisoned: bool,
    place: String,
    check: fn(&[u8]),
    /// What alerts are made of is told.
    for_alerts: bool,
}

impl Guard {
    /// A guarded filter.
    pub fn new(ready: Ready) -> Self {
        let Ready { policy, format } = ready;
        let filter = Self::filter(&policy, format, false);
        Self {
            policy,
            format,
            filter,
            past: Stats::default(),
            before: Stats::default(),
            panics: 0,
            poisoned: false,
            place: String::new(),
            check: |_| {},
            for_alerts: false,
        }
    }

    /// Has all told that alerts are made of: events that the policy drops, with what rules find in
    /// them, and each event's part in rules over several events.
    #[cfg(not(target_family = "wasm"))]
    #[must_use]
    pub fn for_alerts(mut self) -> Self {
        self.for_alerts = true;
        self.filter = self.another();
        self
    }

    /// A filter in place of one that failed.
    fn another(&self) -> Filter {
        Self::filter(&self.policy, self.format, self.for_alerts)
    }

    fn filter(policy: &Arc<CompiledPolicy>, format: Format, for_alerts: bool) -> Filter {
        let filter = Filter::new(Arc::clone(policy), format);
        #[cfg(not(target_family = "wasm"))]
        let filter = {
            let mut filter = filter;
            filter.tell_dropped(for_alerts);
            filter.tell_signals(for_alerts);
            filter
        };
        #[cfg(target_family = "wasm")]
        let _ = for_alerts;
        filter
    }

    /// Has `check` called on each input, inside the guard. Tests of a host make it panic.
    #[must_use]
    pub fn checked_by(mut self, check: fn(&[u8])) -> Self {
        self.check = check;
        self
    }

    /// [`Filter::apply`]; what it fails on is answered by a stub.
    pub fn apply(&mut self, input: &[u8], out: &mut Vec<u8>) -> Counts {
        match self.attempt(input, out) {
            Some(verdict) => verdict.into(),
            None => self.fault(input, input.len() as u64, out),
        }
    }

    /// [`Guard::apply`], or [`Filter::refuse`] for what is longer than a line may be.
    pub fn apply_piece(&mut self, piece: Piece<'_>, out: &mut Vec<u8>) -> Counts {
        if piece.is_cut() {
            self.refuse(Refusal::LineTooLong, piece.bytes, piece.size, out)
        } else {
            self.apply(piece.bytes, out)
        }
    }

    /// [`Guard::apply_piece`], which also says what each line is that it appended.
    pub fn mark_piece(
        &mut self,
        piece: Piece<'_>,
        out: &mut Vec<u8>,
        notes: &mut impl Notes,
    ) -> Counts {
        let Piece { bytes, size, .. } = piece;
        let done = if piece.is_cut() {
            self.mark_refused(Refusal::LineTooLong, bytes, size, out, notes)
        } else {
            self.mark_attempt(bytes, out, notes)
        };
        if let Some(verdict) = done {
            return verdict.into();
        }
        let from = out.len();
        if let Some(stub) = self.mark_refused(Refusal::Internal, bytes, size, out, notes) {
            return Counts { faults: 1, ..stub.into() };
        }
        let counts = self.last_resort(size, out);
        notes.last_resort(from..out.len());
        counts
    }

    /// [`Guard::attempt`], which also says what each line is that it appended.
    pub fn mark_attempt(
        &mut self,
        input: &[u8],
        out: &mut Vec<u8>,
        notes: &mut impl Notes,
    ) -> Option<Verdict> {
        let (before, from, check) = (notes.place(), out.len(), self.check);
        let done = self.run(out, |filter, out| {
            check(input);
            filter.apply_into(input, out, &mut |line| notes.put(&line, from))
        });
        if done.is_none() {
            notes.forget(before);
        }
        done
    }

    fn mark_refused(
        &mut self,
        why: Refusal,
        head: &[u8],
        bytes: u64,
        out: &mut Vec<u8>,
        notes: &mut impl Notes,
    ) -> Option<Verdict> {
        let (before, from) = (notes.place(), out.len());
        let done = self.run(out, |filter, out| {
            let mut each = |line: Line<'_>| notes.put(&line, from);
            filter.refuse_into(why, head, bytes, out, &mut each)
        });
        if done.is_none() {
            notes.forget(before);
        }
        done
    }

    /// [`Filter::refuse`].
    pub fn refuse(&mut self, why: Refusal, head: &[u8], bytes: u64, out: &mut Vec<u8>) -> Counts {
        match self.run(out, |filter, out| filter.refuse(why, head, bytes, out)) {
            Some(verdict) => verdict.into(),
            None => self.fault(head, bytes, out),
        }
    }

    /// [`Filter::apply`], or `None` if it failed: then nothing was appended and nothing counted
    /// but the panic, and the input can be handed in again in parts.
    pub fn attempt(&mut self, input: &[u8], out: &mut Vec<u8>) -> Option<Verdict> {
        let check = self.check;
        self.run(out, |filter, out| {
            check(input);
            filter.apply(input, out)
        })
    }

    fn run(
        &mut self,
        out: &mut Vec<u8>,
        call: impl FnOnce(&mut Filter, &mut Vec<u8>) -> Verdict,
    ) -> Option<Verdict> {
        if self.poisoned {
            return None;
        }
        let from = out.len();
        let filter = &mut self.filter;
        if cfg!(panic = "unwind") {
            self.before.clone_from(filter.stats());
        }
        if let Ok(verdict) = catch_unwind(AssertUnwindSafe(|| call(filter, out))) {
            return Some(verdict);
        }
        // What a failing filter wrote is not trusted, and neither is the filter.
        out.truncate(from);
        self.panics += 1;
        self.place = PLACE.take();
        self.past.add(&self.before);
        match catch_unwind(AssertUnwindSafe(|| self.another())) {
            Ok(filter) => self.filter = filter,
            Err(_) => self.poisoned = true,
        }
        None
    }

    /// The stub of an input that the filter failed on.
    fn fault(&mut self, head: &[u8], bytes: u64, out: &mut Vec<u8>) -> Counts {
        let stub = self.run(out, |filter, out| filter.refuse(Refusal::Internal, head, bytes, out));
        match stub {
            Some(verdict) => Counts { faults: 1, ..verdict.into() },
            None => self.last_resort(bytes, out),
        }
    }

    fn last_resort(&mut self, bytes: u64, out: &mut Vec<u8>) -> Counts {
        self.poisoned = true;
        out.extend_from_slice(LAST_RESORT.as_bytes());
        self.past.inputs += 1;
        self.past.bytes_in += bytes;
        self.past.bytes_out += LAST_RESORT.len() as u64;
        self.past.stubs += 1;
        Counts { stubs: 1, faults: 1, ..Counts::default() }
    }

    /// Totals since the guard was made.
    pub fn stats(&self) -> Stats {
        let mut stats = self.past.clone();
        if !self.poisoned {
            stats.add(self.filter.stats());
        }
        stats
    }

    /// Totals of the filter in use; less than [`Guard::stats`] after a panic, and borrowed.
    pub fn current(&self) -> &Stats {
        self.filter.stats()
    }

    /// Panics caught.
    pub fn panics(&self) -> u64 {
        self.panics
    }

    /// Whether no new filter could be made after a panic. Every input then becomes a stub.
    pub fn is_poisoned(&self) -> bool {
        self.poisoned
    }

    /// Source line of the last panic, if [`hide_panics`] was called.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// The policy in use.
    pub fn policy(&self) -> &CompiledPolicy {
        &self.policy
    }

    /// The format in use.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Most bytes of one line.
    pub fn line_bytes(&self) -> usize {
        self.policy.policy().limits.line_bytes as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENT: &[u8] = br#"{"kind":"Event","verb":"get","auditID":"1","user":{"username":"u"}}"#;

    fn trap(input: &[u8]) {
        assert!(memchr::memmem::find(input, b"auditweir-trap").is_none(), "trap");
    }

    fn guard() -> Guard {
        let policy = crate::default_policy().unwrap();
        Guard::new(Ready { policy, format: Format::Native }).checked_by(trap)
    }

    #[test]
    fn a_panic_costs_one_event_and_counts_once() {
        let mut guard = guard();
        let mut out = Vec::new();
        assert_eq!(guard.apply(EVENT, &mut out).faults, 0);
        let clean = out.clone();
        let bad = br#"{"secret":"auditweir-trap"}"#;
        let counts = guard.apply(bad, &mut out);
        assert_eq!((counts.stubs, counts.lines(), counts.faults), (1, 1, 1));
        let stub = std::str::from_utf8(&out[clean.len()..]).unwrap();
        assert!(stub.contains(r#""stub":"internal""#) && !stub.contains("trap"), "{stub}");
        let both = out.len() as u64;
        out.clear();
        guard.apply(EVENT, &mut out);
        assert_eq!(out, clean, "a new filter answers as the old one did");
        let stats = guard.stats();
        assert_eq!((stats.inputs, stats.events, stats.stubs), (3, 2, 1));
        assert_eq!(stats.bytes_in, (EVENT.len() * 2 + bad.len()) as u64);
        assert_eq!(stats.bytes_out, both + clean.len() as u64);
        assert_eq!(guard.panics(), 1);
    }

    /// What a filter had counted of an input before it failed is not in the totals.
    #[test]
    fn what_a_failed_input_had_counted_is_taken_back() {
        let mut guard = guard();
        let mut out = Vec::new();
        guard.apply(EVENT, &mut out);
        let (stats, length) = (guard.stats(), out.len());
        let failed = guard.run(&mut out, |filter, out| {
            filter.apply(EVENT, out);
            filter.apply(b"42", out);
            panic!("after an event and a stub");
        });
        assert!(failed.is_none());
        assert_eq!((guard.stats(), out.len()), (stats, length));
    }

    #[test]
    fn poisoned_never_lets_anything_out() {
        let mut guard = guard();
        guard.apply(EVENT, &mut Vec::new());
        guard.past = guard.stats();
        guard.poisoned = true;
        let mut out = b"before\n".to_vec();
        let counts = guard.apply(b"{\"password\":\"x\"}", &mut out);
        assert_eq!((counts.stubs, counts.faults), (1, 1));
        assert_eq!(out, [b"before\n", LAST_RESORT.as_bytes()].concat());
        assert_eq!((guard.stats().inputs, guard.stats().stubs), (2, 1));
    }
}
