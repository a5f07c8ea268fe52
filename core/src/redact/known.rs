//! Short texts that were read before, and what was found in them: the user agents, reasons, messages
//! and arguments that an API server writes again and again.
//!
//! A text is known only by all of its bytes and by how it was read, so that to know it is to have
//! read it. Whoever fills the memory with other texts makes everybody's texts be read again, which
//! is what they cost without it.

use crate::detect::Hit;

/// Ways to read, besides those that [`super::values`] numbers below them: with percent escapes
/// decoded, and as a list of arguments.
pub(super) const DECODED: u8 = 1 << 4;
pub(super) const LIST: u8 = 1 << 5;

/// Texts longer than this are read each time.
const LONGEST: usize = 8 << 10;
/// Shorter ones cost less to read than to look up.
const SHORTEST: usize = 8;
/// Texts in which more was found are read each time.
const MOST_HITS: usize = 8;
/// Places for texts, at first and at most.
const FEW: usize = 512;
const MANY: usize = 4096;
/// Bytes of all texts. When they are full all are forgotten, which costs less than to choose.
const ROOM: usize = 256 << 10;
/// The first step of it.
const FIRST: usize = 2 << 10;

/// The texts. Takes its memory as they come.
#[derive(Default)]
pub(super) struct Known {
    slots: Vec<Slot>,
    /// How many texts were taken up.
    count: usize,
    texts: Vec<u8>,
    hits: Vec<Hit>,
}

/// Where a text stands in `texts` and what was found in it in `hits`, and how it was read. No
/// length: none.
#[derive(Clone, Copy, Default)]
struct Slot {
    start: u32,
    hits: u32,
    len: u16,
    how: u8,
    count: u8,
}

impl Known {
    /// What was found in this text when it was read in this way.
    pub(super) fn recall(&self, text: &[u8], how: u8) -> Option<&[Hit]> {
        if !(SHORTEST..=LONGEST).contains(&text.len()) || self.slots.is_empty() {
            return None;
        }
        self.places(text, how).iter().find_map(|place| {
            let slot = self.slots[*place];
            let (start, hits) = (slot.start as usize, slot.hits as usize);
            let same = usize::from(slot.len) == text.len()
                && slot.how == how
                && self.texts[start..start + text.len()] == *text;
            same.then(|| &self.hits[hits..hits + usize::from(slot.count)])
        })
    }

    /// Remembers what was found in this text, read in this way.
    pub(super) fn remember(&mut self, text: &[u8], how: u8, found: &[Hit]) {
        if !(SHORTEST..=LONGEST).contains(&text.len()) || found.len() > MOST_HITS {
            return;
        }
        if self.texts.len() + text.len() > ROOM {
            self.slots.fill(Slot::default());
            self.texts.clear();
            self.hits.clear();
        }
        // Places for few texts first: a filter that lives for one event, as after a trap, must stay
        // small.
        if self.slots.is_empty() || self.count > FEW / 2 && self.slots.len() < MANY {
            self.make_places();
        }
        self.count += 1;
        if self.texts.len() + text.len() > self.texts.capacity() {
            let room = (self.texts.capacity() * 16).clamp(FIRST, ROOM);
            self.texts.reserve_exact(room.max(self.texts.len() + text.len()) - self.texts.len());
        }
        let place = self.free(text, how);
        self.slots[place] = Slot {
            start: self.texts.len() as u32,
            hits: self.hits.len() as u32,
            len: text.len() as u16,
            how,
            count: found.len() as u8,
        };
        self.texts.extend_from_slice(text);
        self.hits.extend_from_slice(found);
    }

    /// Places for few texts, or for many in which those that are known find theirs.
    fn make_places(&mut self) {
        let places = if self.slots.is_empty() { FEW } else { MANY };
        let few = std::mem::replace(&mut self.slots, vec![Slot::default(); places]);
        for slot in few.into_iter().filter(|slot| slot.len > 0) {
            let start = slot.start as usize;
            let place = self.free(&self.texts[start..start + usize::from(slot.len)], slot.how);
            self.slots[place] = slot;
        }
    }

    /// The one of its two places that a text is to be put into.
    fn free(&self, text: &[u8], how: u8) -> usize {
        let places = self.places(text, how);
        places.into_iter().find(|place| self.slots[*place].len == 0).unwrap_or(places[0])
    }

    /// Where a text of [`SHORTEST`] bytes or more, read in this way, may be kept.
    fn places(&self, text: &[u8], how: u8) -> [usize; 2] {
        const PRIME: u64 = 0x9e37_79b9_7f4a_7c15;
        let (words, _) = text.as_chunks::<8>();
        let last = text.last_chunk::<8>().copied().unwrap_or_default();
        let mix = |sum: u64, word: [u8; 8]| {
            (sum.rotate_left(5) ^ u64::from_le_bytes(word)).wrapping_mul(PRIME)
        };
        let first = text.len() as u64 | u64::from(how) << 32;
        let sum = words.iter().fold(first, |sum, word| mix(sum, *word));
        let sum = mix(sum, last);
        // The last byte is all that tells many texts apart: it must reach every bit that is used.
        // The number of places is a power of two.
        let place = ((sum ^ sum >> 32).wrapping_mul(PRIME) >> 40) as usize & (self.slots.len() - 1);
        [place, place ^ 1]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::Detector;

    #[test]
    fn a_text_is_known_by_all_of_it_and_how_it_was_read() {
        let mut known = Known::default();
        let text = b"kube-apiserver/v1.37.2 (linux/amd64)";
        assert!(known.recall(text, 1).is_none());
        known.remember(text, 1, &[]);
        assert_eq!(known.recall(text, 1), Some([].as_slice()));
        assert!(known.recall(text, 2).is_none());
        assert!(known.recall(&text[..text.len() - 1], 1).is_none());
        known.remember(text, 2, &[]);
        assert!(known.recall(text, 1).is_some() && known.recall(text, 2).is_some());
        let mut other = text.to_vec();
        for at in 0..other.len() {
            other[at] ^= 1;
            assert!(known.recall(&other, 1).is_none(), "byte {at}");
            other[at] ^= 1;
        }
    }

    #[test]
    fn texts_that_differ_in_one_byte_have_places_of_their_own() {
        let mut known = Known::default();
        let texts: Vec<String> = (0..100).map(|n| format!("--tls-cert=user-cert-{n:03}")).collect();
        for text in &texts {
            known.remember(text.as_bytes(), 0, &[]);
        }
        let still = texts.iter().filter(|text| known.recall(text.as_bytes(), 0).is_some()).count();
        assert!(still > 95, "{still}");
    }

    #[test]
    fn what_was_found_comes_back() {
        let mut known = Known::default();
        let hit = |start| Hit { start, end: start + 3, detector: Detector::SecretAssignment };
        for nth in 0..300u32 {
            let text = format!("password=x{nth:03} and more");
            known.remember(text.as_bytes(), 0, &[hit(nth), hit(nth + 10)]);
            assert_eq!(known.recall(text.as_bytes(), 0).unwrap(), [hit(nth), hit(nth + 10)]);
        }
        // Found in one, nothing in the next.
        known.remember(b"nothing in here", 0, &[]);
        assert_eq!(known.recall(b"nothing in here", 0), Some([].as_slice()));
        let many = vec![hit(0); MOST_HITS + 1];
        known.remember(b"too much in here", 0, &many);
        assert!(known.recall(b"too much in here", 0).is_none());
    }

    #[test]
    fn what_was_known_is_known_when_places_were_made_for_more() {
        let mut known = Known::default();
        let texts: Vec<String> = (0..FEW).map(|n| format!("text number {n:04}")).collect();
        for text in &texts {
            known.remember(text.as_bytes(), 0, &[]);
        }
        assert_eq!(known.slots.len(), MANY);
        let first = &texts[..FEW / 2];
        let still = first.iter().filter(|text| known.recall(text.as_bytes(), 0).is_some()).count();
        assert!(still > FEW * 3 / 8, "{still}");
    }

    #[test]
    fn a_flood_of_texts_takes_no_more_room() {
        let mut known = Known::default();
        let found = [Hit { start: 0, end: 1, detector: Detector::SecretAssignment }; MOST_HITS];
        let texts: Vec<String> =
            (0..4 * MANY).map(|n| format!("text number {n} {:1000}", "")).collect();
        for text in &texts {
            known.remember(text.as_bytes(), 0, &found);
            assert!(known.recall(text.as_bytes(), 0).is_some());
        }
        let still = texts.iter().filter(|text| known.recall(text.as_bytes(), 0).is_some()).count();
        assert!(still > 0 && still <= ROOM / 1000, "{still}");
        assert!(known.texts.capacity() == ROOM && known.slots.len() == MANY);
        // The shortest texts, with all that may be found in them.
        for n in 0..ROOM {
            known.remember(format!("{n:08}").as_bytes(), 0, &found);
        }
        assert!(known.hits.capacity() <= 4 * ROOM / SHORTEST * MOST_HITS);
        let long = vec![b'a'; LONGEST + 1];
        known.remember(&long, 0, &[]);
        assert!(known.recall(&long, 0).is_none());
    }
}
