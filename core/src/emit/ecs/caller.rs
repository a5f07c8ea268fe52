//! What documents say about the caller alone, remembered from event to event.
//!
//! Controllers and kubelets send most events, each with the same `user`, `userAgent`, `sourceIPs`
//! and `annotations` again and again, and much of a document follows from these four members
//! alone. When all four are byte for byte those of an earlier event, and redaction took
//! nothing out of either event, the members written then are copied. Everything else takes the
//! usual way, so the output does not depend on what is remembered.
//!
//! Bounded: [`SLOTS`] callers of [`ROOM`] bytes each, found by a fingerprint and compared whole.

use crate::emit::Emission;
use crate::enrich::tables::CompiledTables;
use crate::enrich::{Decision, Facts, Known};
use crate::event::Slot;
use crate::redacted::Redacted;

/// How many callers are remembered; a power of two.
const SLOTS: usize = 256;
/// Most bytes of the four members and the pieces together.
const ROOM: usize = 6 << 10;

/// The members of the event that a caller is known by.
const SOURCES: [Slot; 4] = [Slot::User, Slot::UserAgent, Slot::SourceIps, Slot::Annotations];

/// A part of a document that follows from the four members.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Piece {
    /// Members of `user` but for `target`.
    User,
    /// `source`, `client` and `user_agent`.
    Network,
    /// Members of `related` but for `hash`.
    Related,
    /// `kubernetes.audit.user`.
    AuditUser,
    /// `kubernetes.audit.annotations`.
    AuditAnnotations,
    /// `client_ip_trusted`, `client` and `authorization` of `kubernetes.audit`.
    Authorization,
}

const PIECES: usize = 6;

/// Where in the output the pieces of the current event are.
#[derive(Default)]
pub(super) struct Pieces {
    ranges: [(usize, usize); PIECES],
    from: usize,
    /// Something was written that is no piece, so that the event teaches nothing.
    pub(super) odd: bool,
}

impl Pieces {
    /// Notes where a piece begins.
    pub(super) fn begin(&mut self, from: usize) {
        self.from = from;
    }

    /// Notes where it ends.
    pub(super) fn end(&mut self, piece: Piece, to: usize) {
        self.set(piece, self.from, to);
    }

    pub(super) fn set(&mut self, piece: Piece, from: usize, to: usize) {
        self.ranges[piece as usize] = (from, to);
    }
}

/// One caller.
pub(super) struct Caller {
    bytes: Box<[u8; ROOM]>,
    /// Where each of the four members ends in `bytes`; one after another from 0.
    sources: [u16; SOURCES.len()],
    /// Where each piece ends; they follow the members.
    pieces: [u16; PIECES],
    /// Where `cloud.account.id` ends, which follows the pieces.
    account: u16,
    known: Known,
}

impl Caller {
    pub(super) fn piece(&self, piece: Piece) -> &[u8] {
        let at = piece as usize;
        let start = if at == 0 { self.sources[SOURCES.len() - 1] } else { self.pieces[at - 1] };
        &self.bytes[usize::from(start)..usize::from(self.pieces[at])]
    }

    /// `cloud.account.id`; empty when the caller has none.
    pub(super) fn account(&self) -> &[u8] {
        &self.bytes[usize::from(self.pieces[PIECES - 1])..usize::from(self.account)]
    }

    fn is(&self, sources: &[&[u8]; SOURCES.len()]) -> bool {
        let mut start = 0;
        self.sources.iter().zip(sources).all(|(end, source)| {
            let known = &self.bytes[start..usize::from(*end)];
            start = usize::from(*end);
            same(known, source)
        })
    }
}

/// What the search for the current event's caller gave.
#[derive(Clone, Copy, Default)]
enum Found {
    /// Its events are not remembered.
    #[default]
    Nothing,
    /// It may be learnt, at this place.
    New(usize),
    /// It is here.
    At(usize),
}

/// The callers remembered.
#[derive(Default)]
pub(super) struct Callers {
    slots: Vec<Option<Caller>>,
    found: Found,
}

impl Callers {
    /// Looks for the caller of an event. [`Callers::current`] gives it until the next call.
    pub(super) fn find(
        &mut self,
        emission: &Redacted<'_>,
        tables: &CompiledTables,
    ) -> Option<Known> {
        self.found = Found::Nothing;
        let event = emission.event;
        let unusual = !emission.redactor.edits.is_empty()
            || !tables.is_empty()
            || event.get(Slot::ImpersonatedUser).is_some()
            || event.get(Slot::Gke).is_some()
            || event.raw_text(Slot::Username).is_empty()
            || matches!(event.raw_text(Slot::Subresource), b"exec" | b"attach");
        if unusual {
            return None;
        }
        let sources = sources(emission);
        let place = place(&sources);
        for at in [place, place ^ 1] {
            if let Some(Some(caller)) = self.slots.get(at)
                && caller.is(&sources)
            {
                self.found = Found::At(at);
                return Some(caller.known);
            }
        }
        self.found = Found::New(place);
        None
    }

    /// The caller that [`Callers::find`] found.
    pub(super) fn current(&self) -> Option<&Caller> {
        match self.found {
            Found::At(at) => self.slots[at].as_ref(),
            _ => None,
        }
    }

    /// Remembers the caller of an event that was just written, if it is to be.
    pub(super) fn learn(
        &mut self,
        emission: &Emission<'_>,
        facts: &Facts<'_>,
        pieces: &Pieces,
        out: &[u8],
    ) {
        let Found::New(place) = self.found else { return };
        let account = facts.account.map_or(&b""[..], |account| account.bytes);
        let odd = pieces.odd
            || facts.latency
            || facts.admission
            || facts.is_login
            || facts.decision == Decision::Forbid
            || facts.account.is_some_and(|account| !account.ready);
        let sources = sources(emission);
        let length = sources.iter().map(|source| source.len()).sum::<usize>()
            + pieces.ranges.iter().map(|(from, to)| to - from).sum::<usize>()
            + account.len();
        if odd || length > ROOM {
            return;
        }
        if self.slots.is_empty() {
            self.slots.resize_with(SLOTS, || None);
        }
        // Two callers that clash share two places: the one that came last stands in the first.
        self.slots.swap(place, place ^ 1);
        let caller = self.slots[place].get_or_insert_with(|| Caller {
            bytes: Box::new([0; ROOM]),
            sources: [0; SOURCES.len()],
            pieces: [0; PIECES],
            account: 0,
            known: Known::default(),
        });
        let mut end = 0;
        let mut put = |bytes: &[u8]| {
            caller.bytes[end..end + bytes.len()].copy_from_slice(bytes);
            end += bytes.len();
            end as u16
        };
        caller.sources = sources.map(&mut put);
        caller.pieces = pieces.ranges.map(|(from, to)| put(&out[from..to]));
        caller.account = put(account);
        // The object around these two may have ended with them, its bracket in place of the comma.
        for piece in [Piece::User, Piece::Related] {
            let end = usize::from(caller.pieces[piece as usize]);
            if !caller.piece(piece).is_empty() {
                caller.bytes[end - 1] = b',';
            }
        }
        caller.known = Known {
            decision: facts.decision,
            deprecated: facts.deprecated,
            truncated: facts.truncated,
            platform: facts.actor.platform,
        };
    }
}

/// The four members as they stand; empty for those that are absent.
fn sources<'a>(emission: &Redacted<'a>) -> [&'a [u8]; SOURCES.len()] {
    SOURCES.map(|slot| emission.event.get(slot).map_or(&b""[..], |value| value.raw()))
}

/// Whether both are the same bytes. WebAssembly has no instruction for it and the compiler's own
/// function goes byte by byte; these texts are the only long ones that are compared.
fn same(one: &[u8], other: &[u8]) -> bool {
    if cfg!(target_family = "wasm") { same_in_chunks(one, other) } else { one == other }
}

fn same_in_chunks(one: &[u8], other: &[u8]) -> bool {
    const WIDE: usize = 16;
    let (ones, end) = one.as_chunks::<WIDE>();
    let (others, other_end) = other.as_chunks::<WIDE>();
    one.len() == other.len()
        && ones.iter().zip(others).all(|(one, other)| one == other)
        && match (one.last_chunk::<WIDE>(), other.last_chunk::<WIDE>()) {
            // What is left over, with bytes that were compared already.
            (Some(end), Some(other_end)) => end == other_end,
            _ => end.iter().zip(other_end).all(|(one, other)| one == other),
        }
}

/// The first place of a caller: from lengths and some bytes. Callers that differ elsewhere only
/// push each other out.
fn place(sources: &[&[u8]; SOURCES.len()]) -> usize {
    let word = |text: &[u8], at: usize| {
        text.get(at..)
            .and_then(|text| text.first_chunk())
            .map_or(0, |word| u64::from_le_bytes(*word))
    };
    let mut sum = 0u64;
    let mut mix = |word: u64| sum = (sum.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for text in sources {
        let end = text.len();
        mix(end as u64 ^ word(text, end.saturating_sub(12)));
        mix(word(text, end.saturating_sub(30)) ^ word(text, end / 2).rotate_left(31));
    }
    (sum >> (64 - SLOTS.trailing_zeros())) as usize
}

#[cfg(test)]
mod tests {
    use super::same_in_chunks;

    #[test]
    fn chunks_find_every_difference() {
        let text: Vec<u8> = (0..70).collect();
        for len in 0..text.len() {
            let one = &text[..len];
            assert!(same_in_chunks(one, one), "{len} bytes");
            assert!(!same_in_chunks(one, &text[..=len]), "{len} bytes and one more");
            assert!(!same_in_chunks(&text[..=len], one), "{len} bytes and one more");
            for at in 0..len {
                let mut other = one.to_vec();
                other[at] ^= 0x80;
                assert!(!same_in_chunks(one, &other), "{len} bytes, other at {at}");
            }
        }
    }
}
