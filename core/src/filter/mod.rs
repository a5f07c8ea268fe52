//! The one entry every host calls.

mod line;
mod time;

use std::sync::Arc;

use crate::compiled::CompiledPolicy;
use crate::decide;
use crate::emit::{Emission, Emitters, Format, Stub};
use crate::enrich::Enricher;
use crate::enrich::origin::Origin;
use crate::event::{Event, PathBuffer, Slot};
use crate::reason::Reason;
use crate::redact::{Harmless, Redactor};
use crate::redacted::Redacted;
use crate::scan::Tape;
use crate::scan::doc::Value;
use crate::stats::{AuditTotals, Stats, Verdict};
use crate::unwrap::{self, Envelope, Item, Unread, Unwrapper, Why};

pub use line::{Line, LineKind};
use time::{LastTime, when};

/// Why a host does not hand an input over; see [`Filter::refuse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// Longer than the policy's `limits.lineBytes`; stub reason `line-too-long`.
    LineTooLong,
    /// The filter failed on it; stub reason `internal`.
    Internal,
    /// The host cannot turn its record into text; this is the stub's reason.
    Host(Reason),
}

/// Most bytes of a head that are looked at.
const HEAD: usize = 64 << 10;

/// Who is told of each line.
type Each<'a, 'f> = Option<(&'a mut (dyn FnMut(Line<'_>) + 'f), After)>;

/// What becomes of a line that was told.
#[derive(Clone, Copy, PartialEq, Eq)]
enum After {
    /// It stays in the output.
    Stays,
    /// It was taken.
    Goes,
}

/// Turns lines or records into clean lines. Owns all scratch memory: once warm, an event costs no
/// heap allocation. One per thread; the policy behind it is shared.
pub struct Filter {
    policy: Arc<CompiledPolicy>,
    unwrapper: Unwrapper,
    paths: PathBuffer,
    redactor: Redactor,
    enricher: Enricher,
    emitter: Emitters,
    last: LastTime,
    #[cfg(feature = "rules")]
    watch: Option<crate::rules::Watch>,
    #[cfg(feature = "rules")]
    tell_dropped: bool,
    /// The current line of [`Filter::apply_each`].
    line: Vec<u8>,
    stats: Stats,
}

impl Filter {
    /// A filter for this policy and output shape.
    pub fn new(policy: Arc<CompiledPolicy>, format: Format) -> Self {
        let stats = Stats {
            redactions: vec![0; policy.rule_names().len()],
            audit: policy
                .decide
                .audit_rules()
                .map_or_else(Vec::new, |rules| vec![AuditTotals::default(); rules + 1]),
            ..Stats::default()
        };
        #[cfg(feature = "rules")]
        let watch = policy.rules.clone().map(crate::rules::Watch::new);
        Self {
            policy,
            unwrapper: Unwrapper::default(),
            paths: PathBuffer::default(),
            redactor: Redactor::default(),
            enricher: Enricher::default(),
            emitter: Emitters::new(format),
            last: LastTime::default(),
            #[cfg(feature = "rules")]
            watch,
            #[cfg(feature = "rules")]
            tell_dropped: false,
            line: Vec::new(),
            stats,
        }
    }

    /// Has rules look at every event, instead of those that the policy asks for. What they find
    /// stands in the event's `auditweir` object and is told with each line; see [`Line::findings`].
    #[cfg(feature = "rules")]
    pub fn watch(&mut self, rules: Arc<crate::rules::Rules>) {
        self.watch = Some(crate::rules::Watch::new(rules));
    }

    /// Has rules look at events that the policy drops, too, and each of them told: as
    /// [`LineKind::Dropped`], with no bytes.
    #[cfg(feature = "rules")]
    pub fn tell_dropped(&mut self, tell: bool) {
        self.tell_dropped = tell;
    }

    /// Whether events tell their part in rules over several events, as they do unless told
    /// otherwise. It is lost work for a host that holds no [`Windows`](crate::rules::Windows).
    #[cfg(feature = "rules")]
    pub fn tell_signals(&mut self, tell: bool) {
        if let Some(watch) = &mut self.watch {
            watch.tell_signals(tell);
        }
    }

    /// How often each exception took an event out of a rule, in the order of
    /// [`Rules::exceptions`](crate::rules::Rules::exceptions).
    #[cfg(feature = "rules")]
    pub fn exception_hits(&self) -> &[u64] {
        self.watch.as_ref().map_or(&[], |watch| watch.hits())
    }

    /// Processes one line or record (any envelope, any number of events, no newline needed) and
    /// appends one line, ended by `\n`, per event that goes on.
    ///
    /// Never fails and never lets raw input through: what cannot be read or judged becomes a stub,
    /// what no API server can have written becomes a stub marked `rejected`. Blank input gives
    /// nothing. Everything appended is valid UTF-8 and valid JSON.
    pub fn apply(&mut self, input: &[u8], out: &mut Vec<u8>) -> Verdict {
        self.run(input, out, None)
    }

    /// The same, line by line: hands each line to `each` with what is known of it, so that a host
    /// need not read it again.
    pub fn apply_each(&mut self, input: &[u8], each: &mut impl FnMut(Line<'_>)) -> Verdict {
        let mut out = std::mem::take(&mut self.line);
        let verdict = self.run(input, &mut out, Some((each, After::Goes)));
        if out.capacity() <= 1 << 20 {
            self.line = out;
        }
        verdict
    }

    /// [`Filter::apply`], which also tells `each` of every line that it appends.
    pub fn apply_into(
        &mut self,
        input: &[u8],
        out: &mut Vec<u8>,
        each: &mut impl FnMut(Line<'_>),
    ) -> Verdict {
        self.run(input, out, Some((each, After::Stays)))
    }

    /// Appends one stub for an input of `bytes` bytes that the host will not hand over, of which it
    /// still has the first bytes, `head` (64 KiB say all there is to say; may be empty).
    ///
    /// So a host can read past a line of any length in constant memory. The stub names level,
    /// auditID, stage, verb and time if the head has them; its id is a hash of head and length.
    pub fn refuse(&mut self, why: Refusal, head: &[u8], bytes: u64, out: &mut Vec<u8>) -> Verdict {
        self.run_refusal(why, head, bytes, out, None)
    }

    /// [`Filter::refuse`], whose line goes to `each` alone.
    pub fn refuse_each(
        &mut self,
        why: Refusal,
        head: &[u8],
        bytes: u64,
        each: &mut impl FnMut(Line<'_>),
    ) -> Verdict {
        let mut out = std::mem::take(&mut self.line);
        let verdict = self.run_refusal(why, head, bytes, &mut out, Some((each, After::Goes)));
        self.line = out;
        verdict
    }

    /// [`Filter::refuse`], which also tells `each` of the line.
    pub fn refuse_into(
        &mut self,
        why: Refusal,
        head: &[u8],
        bytes: u64,
        out: &mut Vec<u8>,
        each: &mut impl FnMut(Line<'_>),
    ) -> Verdict {
        self.run_refusal(why, head, bytes, out, Some((each, After::Stays)))
    }

    fn run(&mut self, input: &[u8], out: &mut Vec<u8>, each: Each<'_, '_>) -> Verdict {
        if input.iter().all(u8::is_ascii_whitespace) {
            return Verdict::default();
        }
        self.stats.inputs += 1;
        self.stats.bytes_in += input.len() as u64;
        // NUL bytes are what is left in front of a line when a file was truncated under its writer.
        let input = unwrap::trim(input);
        let (unwrapper, mut pipe) = self.pipe(out, each);
        let limits = &pipe.policy.policy().limits;
        if input.len() > limits.line_bytes as usize {
            pipe.too_long(unwrapper, input, input, input.len());
        } else {
            unwrapper.run(input, limits, &mut |item| pipe.item(item));
        }
        let verdict = pipe.done();
        if input.len() > 1 << 20 {
            self.unwrapper.shrink();
            self.redactor.shrink();
            self.enricher.shrink();
            self.emitter.shrink();
        }
        verdict
    }

    fn run_refusal(
        &mut self,
        why: Refusal,
        head: &[u8],
        bytes: u64,
        out: &mut Vec<u8>,
        each: Each<'_, '_>,
    ) -> Verdict {
        let head = &head[..head.len().min(HEAD)];
        let reason = match why {
            Refusal::LineTooLong => Reason::LINE_TOO_LONG,
            Refusal::Internal => Reason::INTERNAL,
            Refusal::Host(reason) => reason,
        };
        let mut identity = head.to_vec();
        identity.extend_from_slice(&bytes.to_le_bytes());
        let size = usize::try_from(bytes).unwrap_or(usize::MAX);
        self.stats.inputs += 1;
        self.stats.bytes_in += bytes;
        let (unwrapper, mut pipe) = self.pipe(out, each);
        // After an internal failure nothing is parsed again.
        if why == Refusal::LineTooLong {
            pipe.too_long(unwrapper, head, &identity, size);
        } else {
            pipe.refuse(&identity, size, &Refused::new(reason));
        }
        pipe.done()
    }

    /// Everything but the unwrapper, which hands over the items.
    fn pipe<'a, 'f>(
        &'a mut self,
        out: &'a mut Vec<u8>,
        each: Each<'a, 'f>,
    ) -> (&'a mut Unwrapper, Pipe<'a, 'f>) {
        let Self { policy, unwrapper, paths, redactor, enricher, emitter, last, stats, .. } = self;
        let verdict = Verdict::default();
        let pipe = Pipe {
            policy,
            paths,
            redactor,
            enricher,
            emitter,
            last,
            #[cfg(feature = "rules")]
            watch: &mut self.watch,
            #[cfg(feature = "rules")]
            tell_dropped: self.tell_dropped,
            stats,
            verdict,
            out,
            each,
        };
        (unwrapper, pipe)
    }

    /// Totals since the filter was made.
    pub fn stats(&self) -> &Stats {
        &self.stats
    }

    /// The policy in use.
    pub fn policy(&self) -> &Arc<CompiledPolicy> {
        &self.policy
    }
}

/// One call of [`Filter::apply`] under way.
struct Pipe<'a, 'f> {
    policy: &'a Arc<CompiledPolicy>,
    paths: &'a mut PathBuffer,
    redactor: &'a mut Redactor,
    enricher: &'a mut Enricher,
    emitter: &'a mut Emitters,
    last: &'a mut LastTime,
    #[cfg(feature = "rules")]
    watch: &'a mut Option<crate::rules::Watch>,
    #[cfg(feature = "rules")]
    tell_dropped: bool,
    stats: &'a mut Stats,
    verdict: Verdict,
    out: &'a mut Vec<u8>,
    /// Is told of each line.
    each: Each<'a, 'f>,
}

impl Pipe<'_, '_> {
    fn item(&mut self, item: Item<'_>) {
        match item {
            Item::Event { tape, event, envelope } => self.event(tape, event, envelope),
            Item::Stub(Unread { raw, found, reason, offset, rejected, envelope }) => {
                let refused = Refused { found, reason, offset, rejected, envelope: Some(envelope) };
                self.refuse(raw, raw.len(), &refused);
            }
            Item::Dropped { reason, why } => {
                if why == Why::Foreign {
                    self.stats.foreign += 1;
                    self.verdict.foreign += 1;
                }
                self.drop(reason);
            }
        }
    }

    fn event(&mut self, tape: &Tape, event: &Event<'_>, envelope: &Envelope) {
        let kept = match decide::decide(event, &self.policy.decide, self.paths, self.stats) {
            Ok(kept) => kept,
            // Nobody knows what stood behind the cut: such an event is not dropped.
            Err(_) if envelope.cut() => decide::Kept::default(),
            Err(reason) => {
                #[cfg(feature = "rules")]
                if self.tell_dropped && self.watch.is_some() && self.each.is_some() {
                    self.look_at_dropped(tape, event, envelope, reason);
                }
                return self.drop(reason);
            }
        };
        let mut id = [0; 32];
        let redacted = redact(self.policy, self.redactor, (tape, event, envelope), kept, &mut id);
        let (tables, output) = (&self.policy.tables, &self.policy.policy().output);
        let facts = self.enricher.facts(&redacted, tables);
        #[cfg(feature = "rules")]
        let found = match &mut self.watch {
            Some(watch) => watch.look(&redacted, &facts),
            None => crate::rules::Findings::default(),
        };
        let own = when(output.timestamp, &facts);
        if let Some(time) = envelope.time()
            && own.is_none()
        {
            self.last.set(time);
        }
        let emission = Emission {
            redacted,
            tables,
            output,
            time: own.or_else(|| self.last.get()),
            timed: own.is_some(),
            #[cfg(feature = "rules")]
            findings: found,
        };
        let before = self.out.len();
        self.emitter.event(&emission, &facts, self.out);
        if self.emitter.is_timed() {
            self.last.of_event(&facts);
        }
        self.verdict.events += 1;
        self.stats.events += 1;
        if envelope.cut() {
            self.verdict.cut += 1;
            self.stats.cut += 1;
        }
        for receipt in &redacted.redactor.receipts {
            self.stats.redactions[usize::from(receipt.rule)] += u64::from(receipt.count);
        }
        let redactions = redacted.redactor.count();
        self.verdict.redactions += redactions;
        self.stats.bytes_out += (self.out.len() - before) as u64;
        if let Some((each, after)) = &mut self.each {
            let bytes = &self.out[before..];
            let line = Line::new(bytes, LineKind::Event, redacted.id, redactions, Some(&facts));
            #[cfg(feature = "rules")]
            let line = line.with(found);
            each(line);
            if *after == After::Goes {
                self.out.clear();
            }
        }
    }

    /// Tells of an event that does not go on, with what rules find in it.
    #[cfg(feature = "rules")]
    fn look_at_dropped(
        &mut self,
        tape: &Tape,
        event: &Event<'_>,
        envelope: &Envelope,
        reason: Reason,
    ) {
        let (input, kept, mut id) = ((tape, event, envelope), decide::Kept::default(), [0; 32]);
        let redacted = redact(self.policy, self.redactor, input, kept, &mut id);
        let facts = self.enricher.facts(&redacted, &self.policy.tables);
        if let (Some(watch), Some((each, _))) = (&mut self.watch, &mut self.each) {
            let found = watch.look(&redacted, &facts);
            let line = Line::new(b"", LineKind::Dropped { reason }, redacted.id, 0, Some(&facts));
            each(line.with(found));
        }
    }

    fn drop(&mut self, reason: Reason) {
        Stats::count(&mut self.stats.dropped, reason.as_str());
        self.verdict.dropped += 1;
    }

    /// Writes the stub of an input of which only the head is looked at: for the event that the
    /// head ends in, which is cut off there.
    fn too_long(&mut self, unwrapper: &mut Unwrapper, input: &[u8], identity: &[u8], size: usize) {
        let head = &input[..input.len().min(HEAD)];
        let mut done = false;
        let refused = Refused::new(Reason::LINE_TOO_LONG);
        unwrapper.run(head, &self.policy.policy().limits, &mut |item| {
            let (found, envelope) = match &item {
                Item::Event { event, envelope, .. } => (Some(event.doc.at(event.root)), *envelope),
                Item::Stub(unread) => (unread.found, unread.envelope),
                Item::Dropped { .. } => return,
            };
            if found.is_some() && !std::mem::replace(&mut done, true) {
                let envelope = Some(envelope);
                self.refuse(identity, size, &Refused { found, envelope, ..refused });
            }
        });
        if !done {
            self.refuse(identity, size, &refused);
        }
    }

    /// Writes a stub. `identity` is hashed for its id.
    fn refuse(&mut self, identity: &[u8], bytes: usize, refused: &Refused<'_>) {
        let Refused { found, reason, offset, rejected, envelope } = *refused;
        if let Some(time) = envelope.and_then(Envelope::time) {
            self.last.set(time);
        }
        let id = self.policy.identity.stub(identity);
        let stub = Stub {
            reason,
            offset,
            bytes,
            id: &id,
            rejected,
            kept: Harmless::read(found, &self.policy.redact.detectors),
            origin: envelope.map(Origin::told).unwrap_or_default(),
            output: &self.policy.policy().output,
            last: self.last.get(),
        };
        let before = self.out.len();
        self.emitter.stub(&stub, self.out);
        self.stats.bytes_out += (self.out.len() - before) as u64;
        Stats::count(&mut self.stats.reasons, reason.as_str());
        if rejected {
            self.verdict.rejected += 1;
            self.stats.rejected += 1;
        } else {
            self.verdict.stubs += 1;
            self.stats.stubs += 1;
        }
        if let Some((each, after)) = &mut self.each {
            let kind = if rejected {
                LineKind::Rejected { reason, offset }
            } else {
                LineKind::Stub { reason, offset }
            };
            each(Line::new(&self.out[before..], kind, &id, 0, None));
            if *after == After::Goes {
                self.out.clear();
            }
        }
    }

    fn done(self) -> Verdict {
        self.verdict
    }
}

/// Redacts an event; its document id is written to `id`.
fn redact<'a>(
    policy: &'a CompiledPolicy,
    redactor: &'a mut Redactor,
    (tape, event, envelope): (&Tape, &'a Event<'a>, &'a Envelope),
    kept: decide::Kept,
    id: &'a mut [u8; 32],
) -> Redacted<'a> {
    redactor.redact(tape, event, kept, &policy.redact);
    *id = if event.names(Slot::Auditweir) {
        policy.identity.beside(event, &redactor.edits)
    } else {
        let node = event.doc.at(event.root).node();
        policy.identity.document(event.doc.src, node.start, node.end, &redactor.edits)
    };
    Redacted {
        event,
        redactor,
        rules: &policy.redact,
        identity: policy.identity,
        envelope,
        id,
        lowered: kept.lowered,
    }
}

/// Why there is a stub, and of what.
struct Refused<'a> {
    /// What was scanned of the event.
    found: Option<Value<'a>>,
    reason: Reason,
    offset: Option<u32>,
    rejected: bool,
    envelope: Option<&'a Envelope>,
}

impl Refused<'_> {
    fn new(reason: Reason) -> Self {
        Self { found: None, reason, offset: None, rejected: false, envelope: None }
    }
}
