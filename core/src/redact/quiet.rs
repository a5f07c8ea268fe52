//! Short texts that were read before and hold nothing: the user agents, reasons and messages that
//! an API server writes again and again.
//!
//! A text is known only by all of its bytes and by how it was read, so that to know it is to have
//! read it. Whoever fills the memory with other texts makes everybody's texts be read again, which
//! is what they cost without it.

/// Ways to read, besides those that [`super::values`] numbers below them: with percent escapes
/// decoded, and as a list of arguments.
pub(super) const DECODED: u8 = 1 << 4;
pub(super) const LIST: u8 = 1 << 5;

/// Texts longer than this are read each time.
const LONGEST: usize = 8 << 10;
/// Shorter ones cost less to read than to look up.
const SHORTEST: usize = 8;
const SLOTS: usize = 512;
/// Bytes of all texts. When they are full all are forgotten, which costs less than to choose.
const ROOM: usize = 256 << 10;
/// The first step of it.
const FIRST: usize = 2 << 10;

/// The texts. Takes its memory as they come.
#[derive(Default)]
pub(super) struct Quiet {
    slots: Vec<Slot>,
    texts: Vec<u8>,
}

/// Where a text stands in `texts`, and how it was read. No length: none.
#[derive(Clone, Copy, Default)]
struct Slot {
    start: u32,
    len: u16,
    how: u8,
}

impl Quiet {
    /// Whether this text was read in this way and held nothing.
    pub(super) fn knows(&self, text: &[u8], how: u8) -> bool {
        if !(SHORTEST..=LONGEST).contains(&text.len()) || self.slots.is_empty() {
            return false;
        }
        let slot = self.slots[slot(text)];
        let start = slot.start as usize;
        usize::from(slot.len) == text.len()
            && slot.how == how
            && self.texts[start..start + text.len()] == *text
    }

    /// Remembers that this text, read in this way, holds nothing.
    pub(super) fn remember(&mut self, text: &[u8], how: u8) {
        if !(SHORTEST..=LONGEST).contains(&text.len()) {
            return;
        }
        if self.slots.is_empty() {
            self.slots.resize(SLOTS, Slot::default());
        }
        if self.texts.len() + text.len() > ROOM {
            self.slots.fill(Slot::default());
            self.texts.clear();
        }
        if self.texts.len() + text.len() > self.texts.capacity() {
            // In steps: a filter that lives for one event, as after a trap, must stay small.
            let room = (self.texts.capacity() * 4).clamp(FIRST, ROOM);
            self.texts.reserve_exact(room.max(self.texts.len() + text.len()) - self.texts.len());
        }
        let start = self.texts.len() as u32;
        self.slots[slot(text)] = Slot { start, len: text.len() as u16, how };
        self.texts.extend_from_slice(text);
    }
}

/// Where a text of [`SHORTEST`] bytes or more is kept.
fn slot(text: &[u8]) -> usize {
    const PRIME: u64 = 0x9e37_79b9_7f4a_7c15;
    let (words, _) = text.as_chunks::<8>();
    let last = text.last_chunk::<8>().copied().unwrap_or_default();
    let mix = |sum: u64, word: [u8; 8]| {
        (sum.rotate_left(5) ^ u64::from_le_bytes(word)).wrapping_mul(PRIME)
    };
    let sum = words.iter().fold(text.len() as u64, |sum, word| mix(sum, *word));
    (mix(sum, last) >> 32) as usize % SLOTS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_known_by_all_of_it_and_how_it_was_read() {
        let mut quiet = Quiet::default();
        let text = b"kube-apiserver/v1.37.2 (linux/amd64)";
        assert!(!quiet.knows(text, 1));
        quiet.remember(text, 1);
        assert!(quiet.knows(text, 1));
        assert!(!quiet.knows(text, 2));
        assert!(!quiet.knows(&text[..text.len() - 1], 1));
        let mut other = text.to_vec();
        for at in 0..other.len() {
            other[at] ^= 1;
            assert!(!quiet.knows(&other, 1), "byte {at}");
            other[at] ^= 1;
        }
    }

    #[test]
    fn a_flood_of_texts_takes_no_more_room() {
        let mut quiet = Quiet::default();
        let texts: Vec<String> =
            (0..4 * SLOTS).map(|n| format!("text number {n} {:1000}", "")).collect();
        for text in &texts {
            quiet.remember(text.as_bytes(), 0);
            assert!(quiet.knows(text.as_bytes(), 0));
        }
        let known = texts.iter().filter(|text| quiet.knows(text.as_bytes(), 0)).count();
        assert!(known > 0 && known <= ROOM / 1000, "{known}");
        assert!(quiet.texts.capacity() == ROOM);
        let long = vec![b'a'; LONGEST + 1];
        quiet.remember(&long, 0);
        assert!(!quiet.knows(&long, 0));
    }
}
