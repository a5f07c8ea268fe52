//! Where a literal of the detectors may stand: a look at every byte, 32 at a time.
//!
//! The Teddy method: each literal is known by four of its bytes (its window) and belongs to one of
//! eight buckets. For every byte of the window there is a table from the low and one from the high
//! half of a byte to the set of buckets that allow it. Where the eight sets met at four bytes in a
//! row have a bucket in common, a literal of that bucket may stand.
//!
//! CPUs with byte shuffles (SSE4.2, AVX2, AVX-512, NEON, wasm SIMD; chosen at run time on x86) look
//! up all halves of a vector at once. Others, of which an interpreter of wasm counts most, look up
//! pairs of bytes, every second byte; where a pair may belong to a literal, tables over whole bytes
//! tell.

use fearless_simd::prelude::*;
use fearless_simd::{Level, Simd, dispatch, u8x32};

use super::prefixed::{PREFIXES, Prefix};

const WINDOW: usize = 4;
const BLOCK: usize = 32;
/// Bytes that one block looks at.
const REACH: usize = BLOCK + WINDOW - 1;

/// One literal of a bucket: its window as a number, which bytes of that count, and its row.
#[derive(Clone, Copy, Debug)]
struct Row {
    word: u32,
    mask: u32,
    prefix: u8,
}

/// Tables for a set of literals. Immutable.
#[derive(Debug)]
pub(super) struct Prefilter {
    level: Level,
    /// Buckets allowed per half byte, twice over for the two halves of a vector.
    low: [[u8; BLOCK]; WINDOW],
    high: [[u8; BLOCK]; WINDOW],
    /// Buckets allowed per byte.
    bytes: Box<[[u8; 256]; WINDOW]>,
    /// What two bytes in a row may be, for CPUs without byte shuffles.
    pairs: Option<Pairs>,
    buckets: [Vec<Row>; 8],
    /// A bit for every [`print`] that a literal's window can have.
    prints: [u64; PRINTS / 64],
}

const PRINTS: usize = 1024;

/// A fingerprint of the first three bytes of a window; every literal has as many.
#[inline(always)]
fn print(window: u32) -> usize {
    ((window & 0x00ff_ffff).wrapping_mul(0x9e37_79b1) >> (32 - PRINTS.trailing_zeros())) as usize
}

/// Places found, in order block by block: position of a window and its set of buckets, or position
/// of a sign and no bucket.
pub(super) struct Candidates {
    list: [(u32, u8); 3 * BLOCK],
    len: usize,
}

impl Default for Candidates {
    fn default() -> Self {
        Self { list: [(0, 0); 3 * BLOCK], len: 0 }
    }
}

impl Candidates {
    pub(super) fn list(&self) -> &[(u32, u8)] {
        &self.list[..self.len]
    }

    fn has_room(&self) -> bool {
        self.len <= self.list.len() - 2 * BLOCK
    }

    #[inline(always)]
    fn push(&mut self, at: usize, buckets: u8) {
        if let Some(place) = self.list.get_mut(self.len) {
            *place = (at as u32, buckets);
            self.len += 1;
        }
    }
}

impl Prefilter {
    /// For the literals that `wanted` says.
    pub(super) fn new(wanted: impl Fn(&Prefix) -> bool) -> Self {
        let mut low = [[0; BLOCK]; WINDOW];
        let mut high = [[0; BLOCK]; WINDOW];
        let mut buckets: [Vec<Row>; 8] = Default::default();
        let mut prints = [0; PRINTS / 64];
        for (number, prefix) in PREFIXES.iter().enumerate().filter(|(_, prefix)| wanted(prefix)) {
            let from = usize::from(prefix.window);
            let window = &prefix.text[from..prefix.text.len().min(from + WINDOW)];
            let bucket = 1u8 << prefix.bucket;
            let (mut word, mut mask) = ([0; WINDOW], [0; WINDOW]);
            for place in 0..WINDOW {
                for half in [0, BLOCK / 2] {
                    if let Some(byte) = window.get(place) {
                        (word[place], mask[place]) = (*byte, 0xff);
                        low[place][half + usize::from(byte & 15)] |= bucket;
                        high[place][half + usize::from(byte >> 4)] |= bucket;
                    } else {
                        low[place][half..half + 16].iter_mut().for_each(|set| *set |= bucket);
                        high[place][half..half + 16].iter_mut().for_each(|set| *set |= bucket);
                    }
                }
            }
            assert!(window.len() >= 3, "literals of three bytes or more");
            let print = print(u32::from_le_bytes(word));
            prints[print / 64] |= 1 << (print % 64);
            buckets[usize::from(prefix.bucket)].push(Row {
                word: u32::from_le_bytes(word),
                mask: u32::from_le_bytes(mask),
                prefix: number as u8,
            });
        }
        let mut bytes = Box::new([[0; 256]; WINDOW]);
        for place in 0..WINDOW {
            for (byte, set) in bytes[place].iter_mut().enumerate() {
                *set = low[place][byte & 15] & high[place][byte >> 4];
            }
        }
        let level = Level::new();
        let pairs = (!has_shuffle(level)).then(|| pairs(&buckets));
        Self { level, low, high, bytes, pairs, buckets, prints }
    }

    /// Collects candidates from `from` on until there is no room for more. Returns where to go on;
    /// at the end that is the end of the haystack.
    pub(super) fn collect(&self, hay: &[u8], from: usize, found: &mut Candidates) -> usize {
        found.len = 0;
        let mut at = from;
        if has_shuffle(self.level) {
            at = dispatch!(self.level, simd => self.blocks(simd, hay, from, from, found));
            if at + REACH > hay.len() && at < hay.len() && found.has_room() {
                // What is left, with zeros after it: no literal has one.
                let mut tail = [0; 2 * BLOCK + REACH];
                let rest = &hay[at..];
                tail[..rest.len()].copy_from_slice(rest);
                let tail = &tail[..rest.len().next_multiple_of(BLOCK) + REACH - BLOCK];
                let base = at;
                let end = dispatch!(self.level, simd => self.blocks(simd, tail, 0, base, found));
                at = (base + end).min(hay.len());
            }
            return at;
        }
        if let Some(pairs) = &self.pairs {
            while let Some(bytes) = hay.get(at..).and_then(<[u8]>::first_chunk::<EIGHT>)
                && found.has_room()
            {
                let (two, _) = bytes.as_chunks::<2>();
                let what = |place: usize| pairs[usize::from(u16::from_le_bytes(two[place]))];
                if what(0) | what(1) | what(2) | what(3) != 0 {
                    for place in 0..two.len() {
                        self.pair(hay, at + 2 * place, what(place), found);
                    }
                }
                at += EIGHT;
            }
            if !found.has_room() {
                return at;
            }
            // The rest at once, for which there is room: on a second call, the window whose second
            // pair is not whole would be looked at again.
            if let Some(before) = at.checked_sub(1) {
                self.window(hay, before, found);
            }
            self.each_byte(hay, at, hay.len(), found)
        } else {
            self.each_byte(hay, at, 0, found)
        }
    }

    /// Collects byte by byte, at least up to `least`, then until there is no room for more.
    fn each_byte(&self, hay: &[u8], from: usize, least: usize, found: &mut Candidates) -> usize {
        let mut at = from;
        while at < hay.len() && (at < least || found.has_room()) {
            if is_sign(hay[at]) {
                found.push(at, 0);
            }
            self.window(hay, at, found);
            at += 1;
        }
        at
    }

    /// Collects what the pair at `at` tells of.
    fn pair(&self, hay: &[u8], at: usize, what: u8, found: &mut Candidates) {
        if what & SECOND != 0 && at > 0 {
            self.window(hay, at - 1, found);
        }
        if what & SIGN != 0 {
            found.push(at, 0);
        }
        if what & FIRST != 0 {
            self.window(hay, at, found);
        }
        if what & SIGN_AFTER != 0 {
            found.push(at + 1, 0);
        }
    }

    /// Collects the window at `at` if a literal may stand there.
    #[inline(always)]
    fn window(&self, hay: &[u8], at: usize, found: &mut Candidates) {
        let byte = |place: usize| usize::from(hay.get(at + place).copied().unwrap_or(0));
        let mut set = self.bytes[0][byte(0)] & self.bytes[1][byte(1)];
        if set != 0 {
            set &= self.bytes[2][byte(2)] & self.bytes[3][byte(3)];
            if set != 0 {
                found.push(at, set);
            }
        }
    }

    /// Looks at whole blocks of `hay` from `from` on, which is `base` in the haystack.
    #[inline(always)]
    fn blocks<S: Simd>(
        &self,
        simd: S,
        hay: &[u8],
        from: usize,
        base: usize,
        found: &mut Candidates,
    ) -> usize {
        let low = self.low.map(|table| u8x32::simd_from(simd, table));
        let high = self.high.map(|table| u8x32::simd_from(simd, table));
        let half = u8x32::splat(simd, 15);
        let none = u8x32::splat(simd, 0);
        let signs = [b'=', b'@', b'~'].map(|sign| u8x32::splat(simd, sign));
        let mut at = from;
        while let Some(bytes) = hay.get(at..at + REACH)
            && found.has_room()
        {
            let first = u8x32::from_slice(simd, &bytes[..BLOCK]);
            let sign = first.simd_eq(signs[0]) | first.simd_eq(signs[1]) | first.simd_eq(signs[2]);
            let mut bits = sign.to_bitmask() as u32;
            while bits != 0 {
                found.push(base + at - from + bits.trailing_zeros() as usize, 0);
                bits &= bits - 1;
            }
            let mut sets = u8x32::splat(simd, 0xff);
            for place in 0..WINDOW {
                let v = u8x32::from_slice(simd, &bytes[place..place + BLOCK]);
                sets = sets
                    & low[place].swizzle_dyn_within_blocks(v & half)
                    & high[place].swizzle_dyn_within_blocks(v >> 4);
            }
            let mut bits = !sets.simd_eq(none).to_bitmask() as u32;
            if bits != 0 {
                let sets: [u8; BLOCK] = sets.into();
                while bits != 0 {
                    let bit = bits.trailing_zeros() as usize;
                    bits &= bits - 1;
                    found.push(base + at - from + bit, sets[bit]);
                }
            }
            at += BLOCK;
        }
        at
    }

    /// The literals that stand with their window at `at`.
    #[inline(always)]
    pub(super) fn literals(
        &self,
        hay: &[u8],
        at: usize,
        buckets: u8,
        mut found: impl FnMut(usize, &'static Prefix),
    ) {
        let window = if let Some(bytes) = hay.get(at..at + WINDOW) {
            u32::from_le_bytes(*bytes.first_chunk().unwrap_or(&[0; WINDOW]))
        } else {
            let mut bytes = [0; WINDOW];
            let rest = &hay[at..];
            bytes[..rest.len()].copy_from_slice(rest);
            u32::from_le_bytes(bytes)
        };
        let print = print(window);
        if self.prints[print / 64] >> (print % 64) & 1 == 0 {
            return;
        }
        let mut buckets = buckets;
        while buckets != 0 {
            let bucket = buckets.trailing_zeros() as usize;
            buckets &= buckets - 1;
            for row in &self.buckets[bucket] {
                if window & row.mask != row.word {
                    continue;
                }
                let prefix = &PREFIXES[usize::from(row.prefix)];
                let start = at.checked_sub(usize::from(prefix.window));
                if let Some(start) = start
                    && hay[start..].starts_with(prefix.text)
                {
                    found(start, prefix);
                }
            }
        }
    }
}

/// For every two bytes (little-endian), what they may be.
type Pairs = Box<[u8; 1 << 16]>;

/// A literal's window may start with the pair.
const FIRST: u8 = 1;
/// The pair may be the second and third byte of a literal's window.
const SECOND: u8 = 2;
/// The first byte is a sign.
const SIGN: u8 = 4;
/// The second byte is a sign.
const SIGN_AFTER: u8 = 8;
/// Bytes that are looked at together.
const EIGHT: usize = 8;

#[inline(always)]
fn is_sign(byte: u8) -> bool {
    matches!(byte, b'=' | b'@' | b'~')
}

/// The table of pairs. Every literal has three bytes or more, so one of the two pairs stands at an
/// even place, wherever the literal stands. It is made of the literals, not of the tables: those
/// mix the halves of bytes, and three times as many pairs would pass.
fn pairs(buckets: &[Vec<Row>; 8]) -> Pairs {
    // By way of a vector: an array would pass over the stack, which is small in some hosts.
    let mut all: Pairs =
        vec![0; 1 << 16].into_boxed_slice().try_into().expect("as long as the type says");
    for row in buckets.iter().flatten() {
        all[(row.word & 0xffff) as usize] |= FIRST;
        all[(row.word >> 8 & 0xffff) as usize] |= SECOND;
    }
    for sign in (0..=u8::MAX).filter(|byte| is_sign(*byte)) {
        for other in 0..=u8::MAX {
            all[usize::from(u16::from_le_bytes([sign, other]))] |= SIGN;
            all[usize::from(u16::from_le_bytes([other, sign]))] |= SIGN_AFTER;
        }
    }
    all
}

/// Whether a level looks up bytes in a vector in one instruction.
#[inline]
fn has_shuffle(level: Level) -> bool {
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    return level.as_sse4_2().is_some();
    #[cfg(not(any(target_arch = "x86", target_arch = "x86_64")))]
    return !level.is_fallback();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(prefilter: &Prefilter, hay: &[u8]) -> Vec<(usize, &'static [u8])> {
        let mut all = Vec::new();
        let mut candidates = Candidates::default();
        let mut at = 0;
        while at < hay.len() {
            at = prefilter.collect(hay, at, &mut candidates);
            for (place, buckets) in candidates.list() {
                prefilter.literals(hay, *place as usize, *buckets, |start, prefix| {
                    all.push((start, prefix.text));
                });
            }
        }
        all.sort_unstable();
        all
    }

    fn naive(hay: &[u8]) -> Vec<(usize, &'static [u8])> {
        let mut all: Vec<_> = (0..hay.len())
            .flat_map(|at| PREFIXES.iter().map(move |prefix| (at, prefix.text)))
            .filter(|(at, text)| hay[*at..].starts_with(text))
            .collect();
        all.sort_unstable();
        all
    }

    /// Vectors where there are any, pairs, and byte by byte.
    fn forms() -> [Prefilter; 3] {
        let vectors = Prefilter::new(|_| true);
        // The baseline of x86-64 has no shuffle.
        let level = Level::baseline();
        let tables = Prefilter { level, pairs: None, ..Prefilter::new(|_| true) };
        let pairs = Some(pairs(&tables.buckets));
        [vectors, Prefilter { level, pairs, ..Prefilter::new(|_| true) }, tables]
    }

    fn candidates(prefilter: &Prefilter, hay: &[u8]) -> Vec<(u32, u8)> {
        let mut all = Vec::new();
        let mut candidates = Candidates::default();
        let mut at = 0;
        while at < hay.len() {
            at = prefilter.collect(hay, at, &mut candidates);
            all.extend_from_slice(candidates.list());
        }
        all
    }

    #[test]
    fn all_forms_give_the_same_signs_and_literals() {
        let [vectors, pairs, tables] = forms();
        let mut state = 7u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) as usize
        };
        let check = |hay: &[u8]| {
            let mut all = candidates(&tables, hay);
            let few = candidates(&pairs, hay);
            // In order, each once, and none that the tables do not give.
            let mut rest = all.iter();
            assert!(few.iter().all(|one| rest.any(|other| one == other)), "{}", hay.escape_ascii());
            let signs = |list: &[(u32, u8)]| -> Vec<_> {
                list.iter().filter(|(_, buckets)| *buckets == 0).copied().collect()
            };
            assert_eq!(signs(&few), signs(&all), "{}", hay.escape_ascii());
            assert_eq!(found(&pairs, hay), naive(hay), "{}", hay.escape_ascii());
            // Vectors put the signs of a block first.
            let mut blocks = candidates(&vectors, hay);
            blocks.sort_unstable();
            all.sort_unstable();
            assert_eq!(blocks, all, "{}", hay.escape_ascii());
        };
        for len in 0..300 {
            // Floods: every place a candidate, so that room runs out at every place of a chunk.
            for byte in [b'=', b'~', b'-', b'e'] {
                check(&vec![byte; len]);
            }
            let text = PREFIXES[next() % PREFIXES.len()].text;
            check(
                &text
                    .iter()
                    .copied()
                    .cycle()
                    .skip(next() % text.len())
                    .take(len)
                    .collect::<Vec<_>>(),
            );
            let mixed: Vec<u8> = (0..len)
                .map(|_| match next() % 3 {
                    0 => b"=@~"[next() % 3],
                    1 => PREFIXES[next() % PREFIXES.len()].text[next() % 3],
                    _ => next() as u8,
                })
                .collect();
            check(&mixed);
        }
    }

    #[test]
    fn every_literal_is_found_wherever_it_stands() {
        for prefilter in forms() {
            for prefix in PREFIXES {
                for before in 0..70 {
                    for after in [0, 1, 3, 30, 40] {
                        let mut hay = vec![b'.'; before];
                        hay.extend_from_slice(prefix.text);
                        hay.resize(hay.len() + after, b'.');
                        assert_eq!(found(&prefilter, &hay), naive(&hay), "{before} {after}");
                        assert!(!naive(&hay).is_empty());
                    }
                }
            }
        }
    }

    #[test]
    fn floods_and_other_bytes_give_what_a_search_gives() {
        let mut state = 1u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) as usize
        };
        for prefilter in forms() {
            for round in 0..300 {
                let mut hay = Vec::new();
                while hay.len() < 200 {
                    let text = PREFIXES[next() % PREFIXES.len()].text;
                    match next() % 3 {
                        0 => hay.extend_from_slice(text),
                        1 => hay.extend_from_slice(&text[..next() % text.len()]),
                        _ => hay.push(next() as u8),
                    }
                }
                assert_eq!(found(&prefilter, &hay), naive(&hay), "round {round}");
            }
        }
    }
}
