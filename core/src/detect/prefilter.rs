//! Where a literal of the detectors may stand: a look at every byte, 32 at a time.
//!
//! Signs (`=`, `@`, `~`) are always candidates. A literal with a separator in it is known by the
//! separator and the two bytes before it, of which a set of bits tells whether any literal has
//! them. For the others, the Teddy method: each is known by four of its bytes (its window) and
//! belongs to one of sixteen buckets. For every byte of the window there is a table from the low and one from the high
//! half of a byte to the set of buckets that allow it. Where the eight sets met at four bytes in a
//! row have a bucket in common, a literal of that bucket may stand.
//!
//! CPUs with byte shuffles (SSE4.2, AVX2, AVX-512, NEON, wasm SIMD; chosen at run time on x86) look
//! up all halves of a vector at once. Others, of which an interpreter of wasm counts most, look up
//! pairs of bytes, every second byte; where a pair may belong to a literal, tables over whole bytes
//! tell.

use fearless_simd::prelude::*;
use fearless_simd::{Level, Simd, dispatch, u8x32};

use super::windows::{BUCKETS, Place, SEPARATORS, WINDOW, place_of};

const BLOCK: usize = 32;
/// Bytes that one block looks at.
const REACH: usize = BLOCK + WINDOW - 1;

/// One literal: three bytes that tell it from most, where in it they are looked for, its number.
#[derive(Clone, Copy, Debug)]
struct Row {
    key: u32,
    offset: u16,
    literal: u16,
}

/// For each eight buckets and each byte of a window, the buckets that allow half of a byte.
type Tables = [[[u8; BLOCK]; WINDOW]; BUCKETS / 8];

/// Tables for a set of literals. Immutable.
#[derive(Debug)]
pub(super) struct Prefilter {
    level: Level,
    /// Buckets allowed per half byte, twice over for the two halves of a vector.
    low: Tables,
    high: Tables,
    /// Buckets allowed per byte.
    bytes: Box<[[u16; 256]; WINDOW]>,
    /// What two bytes in a row may be, for CPUs without byte shuffles.
    pairs: Option<Pairs>,
    literals: Vec<&'static [u8]>,
    windows: Keys,
    separators: Keys,
}

/// Literals by three bytes: the first of a window, or a separator and the two before it.
#[derive(Debug)]
struct Keys {
    /// In the order of their [`print`]s.
    rows: Vec<Row>,
    /// Where the rows of each sixteen prints start.
    heads: Box<[u16]>,
    /// A bit for every [`print`] of a key.
    prints: Box<[u64; PRINTS / 64]>,
}

impl Keys {
    fn new(unsorted: Vec<Row>) -> Self {
        // They are few; a sort of their own would make each module five kilobytes larger.
        let mut rows: Vec<Row> = Vec::with_capacity(unsorted.len());
        for row in unsorted {
            let at = rows.partition_point(|known| print(known.key) <= print(row.key));
            rows.insert(at, row);
        }
        // By way of vectors: arrays would pass over the stack, which is small in some hosts.
        let mut prints: Box<[u64; PRINTS / 64]> =
            vec![0; PRINTS / 64].into_boxed_slice().try_into().expect("as long as the type says");
        let mut heads = vec![rows.len() as u16; PRINTS / 16 + 1].into_boxed_slice();
        let mut headed = 0;
        for (number, row) in rows.iter().enumerate() {
            let print = print(row.key);
            prints[print / 64] |= 1 << (print % 64);
            // Where none starts, the next one does.
            let more = (print / 16 + 1).saturating_sub(headed);
            heads[headed..headed + more].fill(number as u16);
            headed += more;
        }
        Self { rows, heads, prints }
    }

    /// Whether any literal has this key, or another of the same print.
    #[inline(always)]
    fn may_have(&self, key: u32) -> bool {
        self.prints[print(key) / 64] >> (print(key) % 64) & 1 == 1
    }

    /// The literals with this key.
    fn of(&self, key: u32) -> impl Iterator<Item = &Row> {
        let sixteen = print(key) / 16;
        let (from, to) = (self.heads[sixteen], self.heads[sixteen + 1]);
        let rows = self.rows.get(usize::from(from)..usize::from(to)).unwrap_or_default();
        rows.iter().filter(move |row| row.key == key)
    }
}

const PRINTS: usize = 1 << 15;

/// A fingerprint of three bytes.
#[inline(always)]
fn print(key: u32) -> usize {
    (key.wrapping_mul(0x9e37_79b1) >> (32 - PRINTS.trailing_zeros())) as usize
}

/// A place where a literal or a sign may stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord, Default)]
pub(super) struct Candidate(u32);

impl Candidate {
    fn new(at: usize, is_window: bool) -> Self {
        Self((at as u32) << 1 | u32::from(is_window))
    }

    /// Where the sign, the separator or the window stands.
    #[inline(always)]
    pub(super) fn at(self) -> usize {
        (self.0 >> 1) as usize
    }

    /// Whether it is a window.
    #[inline(always)]
    pub(super) fn is_window(self) -> bool {
        self.0 & 1 == 1
    }
}

/// Places found, in order.
pub(super) struct Candidates {
    list: [Candidate; 3 * BLOCK],
    len: usize,
}

impl Default for Candidates {
    fn default() -> Self {
        Self { list: [Candidate(0); 3 * BLOCK], len: 0 }
    }
}

impl Candidates {
    pub(super) fn list(&self) -> &[Candidate] {
        &self.list[..self.len]
    }

    fn has_room(&self) -> bool {
        self.len <= self.list.len() - 2 * BLOCK
    }

    #[inline(always)]
    fn push(&mut self, at: usize, is_window: bool) {
        if let Some(place) = self.list.get_mut(self.len) {
            *place = Candidate::new(at, is_window);
            self.len += 1;
        }
    }
}

impl Prefilter {
    /// For these literals, of three bytes or more each. Matches give their place in the list.
    pub(super) fn new(literals: Vec<&'static [u8]>) -> Self {
        let mut low: Tables = Default::default();
        let mut high: Tables = Default::default();
        let (mut windows, mut separators) = (Vec::new(), Vec::new());
        for (number, text) in literals.iter().copied().enumerate() {
            let literal = number as u16;
            let (offset, bucket) = match place_of(text) {
                Place::Window { offset, bucket } => (usize::from(offset), usize::from(bucket)),
                Place::Separator(at) => {
                    let at = usize::from(at);
                    let key = three([text[at - 2], text[at - 1], text[at]]);
                    separators.push(Row { key, offset: at as u16, literal });
                    continue;
                }
            };
            let window = &text[offset..text.len().min(offset + WINDOW)];
            let (low, high, set) =
                (&mut low[bucket / 8], &mut high[bucket / 8], 1u8 << (bucket % 8));
            for place in 0..WINDOW {
                for half in [0, BLOCK / 2] {
                    if let Some(byte) = window.get(place) {
                        low[place][half + usize::from(byte & 15)] |= set;
                        high[place][half + usize::from(byte >> 4)] |= set;
                    } else {
                        low[place][half..half + 16].iter_mut().for_each(|all| *all |= set);
                        high[place][half..half + 16].iter_mut().for_each(|all| *all |= set);
                    }
                }
            }
            let [a, b, c, ..] = *window else { panic!("literals of three bytes or more") };
            windows.push(Row { key: three([a, b, c]), offset: offset as u16, literal });
        }
        let (windows, separators) = (Keys::new(windows), Keys::new(separators));
        let mut bytes = Box::new([[0; 256]; WINDOW]);
        for place in 0..WINDOW {
            for (byte, set) in bytes[place].iter_mut().enumerate() {
                let of =
                    |eight: usize| low[eight][place][byte & 15] & high[eight][place][byte >> 4];
                *set = u16::from_le_bytes([of(0), of(1)]);
            }
        }
        let level = Level::new();
        let pairs = (!has_shuffle(level)).then(|| pairs(&windows, &separators));
        Self { level, low, high, bytes, pairs, literals, windows, separators }
    }

    /// Collects candidates from `from` on until there is no room for more. Returns where to go on;
    /// at the end that is the end of the haystack.
    pub(super) fn collect(&self, hay: &[u8], from: usize, found: &mut Candidates) -> usize {
        found.len = 0;
        let mut at = from;
        if has_shuffle(self.level) {
            at = dispatch!(self.level, simd => self.blocks(simd, hay, from, from, found));
            if at + REACH > hay.len() && at < hay.len() && found.has_room() {
                // What is left, with zeros after it: no literal has one. Two bytes before it are for
                // separators.
                let mut tail = [0; 2 + 2 * BLOCK + REACH];
                let before = at.min(2);
                let rest = &hay[at - before..];
                tail[..rest.len()].copy_from_slice(rest);
                let whole = (hay.len() - at).next_multiple_of(BLOCK);
                let tail = &tail[..before + whole + REACH - BLOCK];
                let base = at;
                let end =
                    dispatch!(self.level, simd => self.blocks(simd, tail, before, base, found));
                at = (base + end - before).min(hay.len());
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
            self.sign(hay, at, found);
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
            self.sign(hay, at, found);
        }
        if what & FIRST != 0 {
            self.window(hay, at, found);
        }
        if what & SIGN_AFTER != 0 {
            self.sign(hay, at + 1, found);
        }
    }

    /// Collects the sign or separator at `at`, unless no literal has what stands before it.
    #[inline(always)]
    fn sign(&self, hay: &[u8], at: usize, found: &mut Candidates) {
        let byte = hay[at];
        let known = || {
            at.checked_sub(2).is_some_and(|before| {
                self.separators.may_have(three([hay[before], hay[before + 1], byte]))
            })
        };
        if is_sign(byte) || SEPARATORS.contains(&byte) && known() {
            found.push(at, false);
        }
    }

    /// Collects the window at `at` if a literal may stand there.
    #[inline(always)]
    fn window(&self, hay: &[u8], at: usize, found: &mut Candidates) {
        let byte = |place: usize| hay.get(at + place).copied().unwrap_or(0);
        let bytes = [0, 1, 2, 3].map(byte);
        let set = |place: usize| self.bytes[place][usize::from(bytes[place])];
        let both = set(0) & set(1);
        if both != 0
            && both & set(2) & set(3) != 0
            && self.windows.may_have(three([bytes[0], bytes[1], bytes[2]]))
        {
            found.push(at, true);
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
        // One by one: `map` of an array is a call for each that no compiler takes apart here.
        let vectors = |[a, b, c, d]: &[[u8; BLOCK]; WINDOW]| {
            let vector = |table: &[u8; BLOCK]| u8x32::simd_from(simd, *table);
            [vector(a), vector(b), vector(c), vector(d)]
        };
        let low = [vectors(&self.low[0]), vectors(&self.low[1])];
        let high = [vectors(&self.high[0]), vectors(&self.high[1])];
        let half = u8x32::splat(simd, 15);
        let none = u8x32::splat(simd, 0);
        let (signs_low, signs_high) = SIGNS;
        let signs_low = u8x32::simd_from(simd, signs_low);
        let signs_high = u8x32::simd_from(simd, signs_high);
        let mut at = from;
        while let Some(bytes) = hay.get(at..at + REACH)
            && found.has_room()
        {
            let first = u8x32::from_slice(simd, &bytes[..BLOCK]);
            let sign = signs_low.swizzle_dyn_within_blocks(first & half)
                & signs_high.swizzle_dyn_within_blocks(first >> 4);
            let signs = !sign.simd_eq(none).to_bitmask() as u32;
            let mut sets = [u8x32::splat(simd, 0xff); 2];
            for place in 0..WINDOW {
                let v = u8x32::from_slice(simd, &bytes[place..place + BLOCK]);
                let (low_half, high_half) = (v & half, v >> 4);
                for eight in 0..2 {
                    sets[eight] = sets[eight]
                        & low[eight][place].swizzle_dyn_within_blocks(low_half)
                        & high[eight][place].swizzle_dyn_within_blocks(high_half);
                }
            }
            let windows = !(sets[0] | sets[1]).simd_eq(none).to_bitmask() as u32;
            let first = found.len;
            let mut bits = windows;
            while bits != 0 {
                let bit = bits.trailing_zeros() as usize;
                bits &= bits - 1;
                if self.windows.may_have(four(bytes, bit) & 0x00ff_ffff) {
                    found.push(base + at - from + bit, true);
                }
            }
            let second = found.len;
            let mut bits = signs;
            while bits != 0 {
                let bit = bits.trailing_zeros() as usize;
                bits &= bits - 1;
                // A separator and the two bytes before it: three of four.
                let key = || match at.checked_sub(2) {
                    Some(before) => four(&hay[before..], bit) & 0x00ff_ffff,
                    None if bit >= 2 => four(bytes, bit - 2) & 0x00ff_ffff,
                    None => 0,
                };
                if is_sign(bytes[bit]) || self.separators.may_have(key()) {
                    found.push(base + at - from + bit, false);
                }
            }
            if first < second && second < found.len {
                found.list[first..found.len].sort_unstable();
            }
            at += BLOCK;
        }
        at
    }

    /// The literals that stand around a candidate: where they start, and their numbers.
    #[inline(always)]
    pub(super) fn literals(
        &self,
        hay: &[u8],
        candidate: Candidate,
        mut found: impl FnMut(usize, usize),
    ) {
        let at = candidate.at();
        let (keys, first) = match at.checked_sub(2) {
            _ if candidate.is_window() => (&self.windows, at),
            Some(before) => (&self.separators, before),
            None => return,
        };
        let Some(key) = hay[first..].first_chunk().copied().map(three) else { return };
        for row in keys.of(key) {
            let number = usize::from(row.literal);
            if let Some(start) = at.checked_sub(usize::from(row.offset))
                && hay[start..].starts_with(self.literals[number])
            {
                found(start, number);
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
/// The first byte is a sign, or may be a literal's separator.
const SIGN: u8 = 4;
/// The second byte is a sign or a literal's separator.
const SIGN_AFTER: u8 = 8;
/// Bytes that are looked at together.
const EIGHT: usize = 8;

/// Whether signs.rs or a row looks at every such byte.
#[inline(always)]
pub(super) fn is_sign(byte: u8) -> bool {
    matches!(byte, b'=' | b'@' | b'~')
}

/// Three bytes as a number.
#[inline(always)]
fn three([a, b, c]: [u8; 3]) -> u32 {
    u32::from_le_bytes([a, b, c, 0])
}

/// The four bytes at `at`, little-endian. There are as many.
#[inline(always)]
fn four(bytes: &[u8], at: usize) -> u32 {
    bytes
        .get(at..at + 4)
        .map_or(0, |bytes| u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
}

/// A bit for each sign and separator at the halves of its byte, and at no other byte's.
const SIGNS: ([u8; BLOCK], [u8; BLOCK]) = {
    let bytes = *b"=@~_-.$";
    let (mut low, mut high) = ([0; BLOCK], [0; BLOCK]);
    let mut at = 0;
    while at < bytes.len() {
        let mut half = 0;
        while half < BLOCK {
            low[half + (bytes[at] & 15) as usize] |= 1 << at;
            high[half + (bytes[at] >> 4) as usize] |= 1 << at;
            half += BLOCK / 2;
        }
        at += 1;
    }
    (low, high)
};

/// The table of pairs. Every literal has three bytes or more, so one of the two pairs stands at an
/// even place, wherever the literal stands. It is made of the literals, not of the tables: those
/// mix the halves of bytes, and three times as many pairs would pass.
fn pairs(windows: &Keys, separators: &Keys) -> Pairs {
    // By way of a vector: an array would pass over the stack, which is small in some hosts.
    let mut all: Pairs =
        vec![0; 1 << 16].into_boxed_slice().try_into().expect("as long as the type says");
    for row in &windows.rows {
        all[(row.key & 0xffff) as usize] |= FIRST;
        all[(row.key >> 8 & 0xffff) as usize] |= SECOND;
    }
    for row in &separators.rows {
        let [_, before, separator, _] = row.key.to_le_bytes();
        all[usize::from(u16::from_le_bytes([before, separator]))] |= SIGN_AFTER;
    }
    // What stands before a separator that comes first in a pair is in the pair before it.
    for separator in SEPARATORS.iter().copied().filter(|byte| {
        !is_sign(*byte) && separators.rows.iter().any(|row| row.key.to_le_bytes()[2] == *byte)
    }) {
        for other in 0..=u8::MAX {
            all[usize::from(u16::from_le_bytes([separator, other]))] |= SIGN;
        }
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

    /// Literals as tokens have them: short and long, alike and not.
    fn all() -> Vec<&'static [u8]> {
        crate::detect::rules::ALL
            .iter()
            .flat_map(|rule| rule.literals)
            .map(|literal| literal.text.as_bytes())
            .collect()
    }

    fn found(prefilter: &Prefilter, hay: &[u8]) -> Vec<(usize, &'static [u8])> {
        let mut all = Vec::new();
        let mut candidates = Candidates::default();
        let mut at = 0;
        while at < hay.len() {
            at = prefilter.collect(hay, at, &mut candidates);
            for candidate in candidates.list() {
                prefilter.literals(hay, *candidate, |start, number| {
                    all.push((start, prefilter.literals[number]));
                });
            }
        }
        all.sort_unstable();
        all
    }

    fn naive(hay: &[u8]) -> Vec<(usize, &'static [u8])> {
        let texts = all();
        let mut all: Vec<_> = (0..hay.len())
            .flat_map(|at| texts.iter().map(move |text| (at, *text)))
            .filter(|(at, text)| hay[*at..].starts_with(text))
            .collect();
        all.sort_unstable();
        all
    }

    /// Vectors where there are any, pairs, and byte by byte.
    fn forms() -> [Prefilter; 3] {
        let vectors = Prefilter::new(all());
        // The baseline of x86-64 has no shuffle.
        let level = Level::baseline();
        let tables = Prefilter { level, pairs: None, ..Prefilter::new(all()) };
        let pairs = Some(pairs(&tables.windows, &tables.separators));
        [vectors, Prefilter { level, pairs, ..Prefilter::new(all()) }, tables]
    }

    fn candidates(prefilter: &Prefilter, hay: &[u8]) -> Vec<Candidate> {
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
        let texts = all();
        let mut state = 7u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) as usize
        };
        let check = |hay: &[u8]| {
            let all = candidates(&tables, hay);
            let few = candidates(&pairs, hay);
            // In order, each once, and none that the tables do not give.
            let mut rest = all.iter();
            assert!(few.iter().all(|one| rest.any(|other| one == other)), "{}", hay.escape_ascii());
            let signs = |list: &[Candidate]| -> Vec<_> {
                let sign = |c: &&Candidate| !c.is_window() && is_sign(hay[c.at()]);
                list.iter().filter(sign).copied().collect()
            };
            assert_eq!(signs(&few), signs(&all), "{}", hay.escape_ascii());
            assert_eq!(found(&pairs, hay), naive(hay), "{}", hay.escape_ascii());
            assert_eq!(candidates(&vectors, hay), all, "{}", hay.escape_ascii());
        };
        for len in 0..300 {
            // Floods: every place a candidate, so that room runs out at every place of a chunk.
            for byte in [b'=', b'~', b'-', b'_', b'e'] {
                check(&vec![byte; len]);
            }
            let text = texts[next() % texts.len()];
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
                    0 => b"=@~_-.$"[next() % 7],
                    1 => texts[next() % texts.len()][next() % 3],
                    _ => next() as u8,
                })
                .collect();
            check(&mixed);
        }
    }

    #[test]
    fn every_literal_is_found_wherever_it_stands() {
        for prefilter in forms() {
            for text in all() {
                for before in [0, 1, 2, 3, 8, 30, 31, 32, 33] {
                    for after in [0, 3, 40] {
                        let mut hay = vec![b'.'; before];
                        hay.extend_from_slice(text);
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
        let texts = all();
        let mut state = 1u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) as usize
        };
        for prefilter in forms() {
            for round in 0..100 {
                let mut hay = Vec::new();
                while hay.len() < 200 {
                    let text = texts[next() % texts.len()];
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
