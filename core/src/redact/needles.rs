//! Many texts looked for in one pass.
//!
//! Each text is known by eight of its bytes, the first ones unless the text repeats them; a set of
//! bits tells at every place of the haystack whether any text may stand there. Time is linear in haystack and texts, also where both are
//! made to match almost everywhere: what is compared is bounded, and when that is used up, a text
//! counts as found that begins as one does.

/// Bytes that a text is known by.
pub(super) const HEAD: usize = 8;
/// Bytes compared before the whole of a text is.
const LONG_HEAD: usize = 32;
/// Bytes of a text that are enough before it is cut.
const CUT: usize = 12;
/// Texts that begin alike and are told apart.
const ALIKE: usize = 8;

#[derive(Clone, Copy)]
struct Key {
    head: u64,
    start: u32,
    end: u32,
    number: u32,
    /// Where in the text the head stands.
    at: u32,
}

/// Texts of [`HEAD`] bytes or more, each with a number.
#[derive(Default)]
pub(super) struct Needles {
    keys: Vec<Key>,
    text: Vec<u8>,
    bits: Vec<u64>,
    /// What a head's product is shifted by to be the number of a bit.
    shift: u32,
}

fn head(text: &[u8]) -> Option<u64> {
    text.first_chunk().map(|head| u64::from_le_bytes(*head))
}

impl Needles {
    pub(super) fn clear(&mut self) {
        self.keys.clear();
        self.text.clear();
    }

    /// Gives memory back.
    pub(super) fn shrink(&mut self) {
        if self.text.capacity() + self.keys.capacity() * size_of::<Key>() > 1 << 16 {
            *self = Self::default();
        }
    }

    /// Adds a text; shorter ones than [`HEAD`] are left out.
    pub(super) fn add(&mut self, number: u32, text: &[u8]) {
        self.add_with(number, |to| to.extend_from_slice(text));
    }

    /// Adds the text that `write` appends.
    pub(super) fn add_with(&mut self, number: u32, write: impl FnOnce(&mut Vec<u8>)) {
        let start = self.text.len();
        write(&mut self.text);
        if let Some(head) = head(&self.text[start..]) {
            let end = self.text.len() as u32;
            let at = rare(&self.text[start..]);
            let head =
                self.text[start + at..].first_chunk().map_or(head, |b| u64::from_le_bytes(*b));
            self.keys.push(Key { head, start: start as u32, end, number, at: at as u32 });
        } else {
            self.text.truncate(start);
        }
    }

    /// To be called when all are added.
    pub(super) fn prepare(&mut self) {
        let text = &self.text;
        let of = |key: &Key| &text[key.start as usize..key.end as usize];
        // Longer ones first, so that the longest that stands at a place is found.
        self.keys.sort_unstable_by(|a, b| {
            let lengths = (b.end - b.start).cmp(&(a.end - a.start));
            a.head.cmp(&b.head).then(lengths).then_with(|| of(a).cmp(of(b)))
        });
        let words: usize = if self.keys.len() > 64 { 1024 } else { 64 };
        self.shift = 64 - (words * 64).trailing_zeros();
        self.bits.clear();
        self.bits.resize(words, 0);
        for key in &self.keys {
            let bit = bit(key.head, self.shift);
            self.bits[bit / 64] |= 1 << (bit % 64);
        }
    }

    /// Gives where a text stands in `hay` and its number. Of those that overlap, each that goes on
    /// further.
    pub(super) fn find(&self, hay: &[u8], mut found: impl FnMut(usize, usize, u32)) {
        if self.keys.is_empty() {
            return;
        }
        let mut budget = 4 * hay.len() + (64 << 10);
        let mut done = 0;
        for (at, window) in hay.windows(HEAD).enumerate() {
            let Some(head) = head(window) else { return };
            let bit = bit(head, self.shift);
            if self.bits[bit / 64] >> (bit % 64) & 1 == 0 {
                continue;
            }
            let first = self.keys.partition_point(|key| key.head < head);
            let alike = self.keys[first..].iter().take(ALIKE).take_while(|key| key.head == head);
            for key in alike {
                let text = &self.text[key.start as usize..key.end as usize];
                let (before, after) = text.split_at(key.at as usize);
                let long_head = &after[..after.len().min(LONG_HEAD)];
                if let Some(len) = cut_copy(&hay[at..], text, key.at, &mut budget) {
                    found(at, at + len, key.number);
                    done = done.max(at + len);
                    break;
                }
                if !hay[at..].starts_with(long_head) {
                    continue;
                }
                let whole = budget >= text.len();
                budget -= text.len().min(budget);
                let (before, matched) = if whole { (before, after) } else { (&[][..], long_head) };
                if hay[at..].starts_with(matched) && hay[..at].ends_with(before) {
                    let end = at + matched.len();
                    if end > done {
                        found(at - before.len(), end, key.number);
                        done = end;
                    }
                    break;
                }
            }
        }
    }
}

/// How much of a text stands in front of three dots, which say that the rest of it was cut.
fn cut_copy(hay: &[u8], text: &[u8], head: u32, budget: &mut usize) -> Option<usize> {
    if head != 0 || *budget < text.len() {
        return None;
    }
    let same = hay.iter().zip(text).take_while(|(a, b)| a == b).count();
    *budget -= same;
    let cut = [b"...".as_slice(), "\u{2026}".as_bytes(), b" ..."];
    (same >= CUT && cut.iter().any(|dots| hay[same..].starts_with(dots))).then_some(same)
}

/// Where in a text the eight bytes stand that it is looked for by. A long text that starts with a
/// thousand dashes would be compared at each of them, so it is one of the places it has least often.
fn rare(text: &[u8]) -> usize {
    const SLOTS: usize = 256;
    let slot = |window: &[u8]| head(window).map_or(0, |head| bit(head, 56));
    if text.len() <= 2 * LONG_HEAD {
        return 0;
    }
    let mut counts = [0u16; SLOTS];
    let windows = || text.windows(HEAD).take(1 << 12);
    windows().for_each(|window| {
        let count = &mut counts[slot(window)];
        *count = count.saturating_add(1);
    });
    let first = counts[slot(text)];
    let least = windows().enumerate().min_by_key(|(_, window)| counts[slot(window)]);
    // The first ones of a text that does not repeat them are as good, and leave the order alone.
    if usize::from(first) * 8 <= text.len() { 0 } else { least.map_or(0, |(at, _)| at) }
}

#[inline(always)]
fn bit(head: u64, shift: u32) -> usize {
    (head.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> shift) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(texts: &[&str], hay: &str) -> Vec<(usize, usize, u32)> {
        let mut needles = Needles::default();
        for (number, text) in texts.iter().enumerate() {
            needles.add(number as u32, text.as_bytes());
        }
        needles.prepare();
        let mut all = Vec::new();
        needles.find(hay.as_bytes(), |start, end, number| all.push((start, end, number)));
        all
    }

    #[test]
    fn texts_are_found_whole_and_where_they_overlap() {
        assert_eq!(found(&["hunter22-xyz"], "a hunter22-xyz b hunter22-xy"), [(2, 14, 0)]);
        assert_eq!(found(&["short"], "short short"), []);
        assert_eq!(found(&["aaaaaaaa", "aaaaaaaabb"], "aaaaaaaabb"), [(0, 10, 1)]);
        assert_eq!(
            found(&["abcdefgh1234", "1234XXXX"], "abcdefgh1234XXXX"),
            [(0, 12, 0), (8, 16, 1)]
        );
    }

    #[test]
    fn what_stands_before_dots_is_a_copy_that_was_cut() {
        let text = "hunter22-correct-horse";
        assert_eq!(found(&[text], "a hunter22-correct... b"), [(2, 18, 0)]);
        assert_eq!(found(&[text], "a hunter22-correct b, hunter22... c"), []);
    }

    #[test]
    fn a_long_text_of_dashes_is_found_each_time() {
        let long = format!("{0}hunter22-xyz{0}", "-".repeat(700));
        let hay = format!("value {long} is weak; ").repeat(40);
        let all = found(&[&long], &hay);
        assert_eq!(all.len(), 40, "{all:?}");
        assert!(all.iter().all(|(start, end, _)| end - start == long.len()));
    }

    #[test]
    fn what_almost_matches_everywhere_costs_no_square() {
        let long = format!("{}b", "a".repeat(100_000));
        let hay = "a".repeat(1_000_000);
        let clock = std::time::Instant::now();
        assert!(!found(&[&long], &hay).is_empty(), "counts as found");
        assert!(clock.elapsed().as_secs() < 5);
    }
}
