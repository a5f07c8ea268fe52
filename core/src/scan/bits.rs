//! One bit per input byte: where the unescaped quotes and the backslashes are.
//!
//! This is the only pass that looks at every byte to find structure; everything after it walks
//! from quote to quote. Vectors are as wide as the CPU has them; without any, 64-bit words do the
//! same exact test.

use fearless_simd::prelude::*;
use fearless_simd::{Level, Simd, dispatch, u8x32};

/// Bitmaps of one input, 64 input bytes per word, plus what the whole input contains.
pub(crate) struct Bits {
    level: Level,
    /// Quotes that are not escaped by a backslash.
    pub(crate) quotes: Vec<u64>,
    /// Every backslash.
    pub(crate) backslashes: Vec<u64>,
    /// Any byte below 0x20: illegal inside strings, white space (or an error) outside.
    pub(crate) any_control: bool,
    /// Any byte above 0x7f: the input must be checked as UTF-8.
    pub(crate) any_high: bool,
}

impl Default for Bits {
    fn default() -> Self {
        Self {
            level: Level::new(),
            quotes: Vec::new(),
            backslashes: Vec::new(),
            any_control: false,
            any_high: false,
        }
    }
}

/// What vectors have seen so far: the smallest bytes, and all bits of all bytes.
struct Seen<S: Simd> {
    least: u8x32<S>,
    all: u8x32<S>,
}

#[inline(always)]
fn vector_block<S: Simd>(simd: S, bytes: &[u8; 64], seen: &mut Seen<S>) -> (u64, u64) {
    let (quote, backslash) = (u8x32::splat(simd, b'"'), u8x32::splat(simd, b'\\'));
    let (halves, _) = bytes.as_chunks::<32>();
    let (mut quotes, mut backslashes) = (0, 0);
    for (half, bytes) in halves.iter().enumerate() {
        let v = u8x32::simd_from(simd, *bytes);
        quotes |= v.simd_eq(quote).to_bitmask() << (half * 32);
        backslashes |= v.simd_eq(backslash).to_bitmask() << (half * 32);
        seen.least = seen.least.min(v);
        seen.all |= v;
    }
    (quotes, backslashes)
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// The form without vectors: quotes, backslashes, whether there is a byte below 0x20, and whether
/// there is one above 0x7f. An interpreter pays by the operation, so ASCII takes a short way.
#[inline(always)]
fn word_block(bytes: &[u8; 64]) -> (u64, u64, bool, bool) {
    let (words, _) = bytes.as_chunks::<8>();
    // The high bit of a byte stays set in `printable` while all are 0x20 or more, and comes into
    // `all` with the first above 0x7f.
    let (mut all, mut printable) = (0, HIGH);
    // Bit W of byte B: byte B of word W is one.
    let (mut quotes, mut backslashes) = (0, 0);
    for (lane, word) in words.iter().enumerate() {
        let v = u64::from_le_bytes(*word);
        all |= v;
        printable &= v.wrapping_add(ONES * 0x60);
        // As long as no byte is above 0x7f, this borrows nothing and only zeros keep the high bit.
        let zero = |v: u64| HIGH.wrapping_sub(v) & HIGH;
        quotes |= zero(v ^ (ONES * u64::from(b'"'))) >> (7 - lane);
        backslashes |= zero(v ^ (ONES * u64::from(b'\\'))) >> (7 - lane);
    }
    if all & HIGH != 0 {
        let [quotes, backslashes, controls, highs] = any_block(bytes);
        return (quotes, backslashes, controls != 0, highs != 0);
    }
    if backslashes != 0 {
        backslashes = transpose(backslashes);
    }
    (transpose(quotes), backslashes, printable & HIGH != HIGH, false)
}

/// Swaps bits and bytes: bit W of byte B becomes bit B of byte W.
#[inline(always)]
fn transpose(mut bits: u64) -> u64 {
    for (shift, mask) in
        [(7, 0x00aa_00aa_00aa_00aa), (14, 0x0000_cccc_0000_cccc), (28, 0x0000_0000_f0f0_f0f0)]
    {
        let differ = (bits ^ (bits >> shift)) & mask;
        bits ^= differ ^ (differ << shift);
    }
    bits
}

/// The same for any bytes: quotes, backslashes, bytes below 0x20, bytes above 0x7f.
#[cold]
#[inline(never)]
fn any_block(bytes: &[u8; 64]) -> [u64; 4] {
    // High bit of every zero byte, exact (no carries between bytes).
    let zero = |v: u64| !(((v & !HIGH) + !HIGH) | v | !HIGH);
    let gather = |m: u64| ((m >> 7).wrapping_mul(0x0102_0408_1020_4080)) >> 56;
    let mut out = [0; 4];
    let (words, _) = bytes.as_chunks::<8>();
    for (lane, word) in words.iter().enumerate() {
        let v = u64::from_le_bytes(*word);
        let shift = lane * 8;
        out[0] |= gather(zero(v ^ (ONES * u64::from(b'"')))) << shift;
        out[1] |= gather(zero(v ^ (ONES * u64::from(b'\\')))) << shift;
        // Bytes below 0x20 have their top three bits clear.
        out[2] |= gather(zero(v & (ONES * 0xe0))) << shift;
        out[3] |= gather(v & HIGH) << shift;
    }
    out
}

impl Bits {
    /// Fills the bitmaps for `src`, reusing their memory.
    pub(crate) fn fill(&mut self, src: &[u8]) {
        let words = src.len().div_ceil(64);
        // Every word is written below: what stands there needs no zeroing.
        self.quotes.resize(words, 0);
        self.backslashes.resize(words, 0);
        if self.level.is_fallback() {
            let (mut control, mut high) = (false, false);
            self.blocks(src, |bytes| {
                let (quotes, backslashes, controls, highs) = word_block(bytes);
                control |= controls;
                high |= highs;
                (quotes, backslashes)
            });
            (self.any_control, self.any_high) = (control, high);
        } else {
            dispatch!(self.level, simd => self.vectors(simd, src));
        }
    }

    #[inline(always)]
    fn vectors<S: Simd>(&mut self, simd: S, src: &[u8]) {
        let mut seen = Seen { least: u8x32::splat(simd, b' '), all: u8x32::splat(simd, 0) };
        self.blocks(src, |bytes| vector_block(simd, bytes, &mut seen));
        let (least, all): ([u8; 32], [u8; 32]) = (seen.least.into(), seen.all.into());
        self.any_control = least.iter().any(|byte| *byte < b' ');
        self.any_high = all.iter().any(|byte| *byte > 0x7f);
    }

    #[inline(always)]
    fn blocks(&mut self, src: &[u8], mut block: impl FnMut(&[u8; 64]) -> (u64, u64)) {
        let mut escaped_carry = 0u64;
        let (blocks, tail) = src.as_chunks::<64>();
        let mut last = [b' '; 64];
        last[..tail.len()].copy_from_slice(tail);
        let last = (!tail.is_empty()).then_some(&last);
        for ((bytes, quotes), backslashes) in
            blocks.iter().chain(last).zip(&mut self.quotes).zip(&mut self.backslashes)
        {
            (*quotes, *backslashes) = block(bytes);
            *quotes &= !escaped(*backslashes, &mut escaped_carry);
        }
    }
}

/// Bits of the bytes that a backslash escapes; `carry` says whether byte 0 of this word is one.
#[inline(always)]
fn escaped(backslash: u64, carry: &mut u64) -> u64 {
    const EVEN: u64 = 0x5555_5555_5555_5555;
    if backslash == 0 {
        return core::mem::take(carry);
    }
    let backslash = backslash & !*carry;
    let follows = (backslash << 1) | *carry;
    let odd_starts = backslash & !EVEN & !follows;
    let (even_sequences, overflow) = odd_starts.overflowing_add(backslash);
    *carry = u64::from(overflow);
    (EVEN ^ (even_sequences << 1)) & follows
}

/// Walks the set bits of a bitmap in order.
pub(crate) struct Cursor<'a> {
    words: &'a [u64],
    at: usize,
    word: u64,
}

impl<'a> Cursor<'a> {
    /// A cursor that starts at byte `from`.
    pub(crate) fn new(words: &'a [u64], from: usize) -> Self {
        let at = from >> 6;
        let word = words.get(at).map_or(0, |word| word & (!0u64 << (from & 63)));
        Self { words, at, word }
    }

    /// Moves past the next set bit, which is there.
    #[inline(always)]
    pub(crate) fn skip(&mut self) {
        if self.word == 0 {
            let _ = self.next();
        } else {
            self.word &= self.word - 1;
        }
    }

    /// The next set bit, or `None` at the end.
    #[inline(always)]
    pub(crate) fn next(&mut self) -> Option<usize> {
        while self.word == 0 {
            self.at += 1;
            self.word = *self.words.get(self.at)?;
        }
        let bit = self.word.trailing_zeros() as usize;
        self.word &= self.word - 1;
        Some(self.at * 64 + bit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn naive(src: &[u8]) -> Vec<usize> {
        let mut escaped = false;
        let mut quotes = Vec::new();
        for (at, byte) in src.iter().enumerate() {
            if escaped {
                escaped = false;
            } else if *byte == b'\\' {
                escaped = true;
            } else if *byte == b'"' {
                quotes.push(at);
            }
        }
        quotes
    }

    #[test]
    fn quotes_match_a_byte_by_byte_reading() {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let alphabet = b"\\\\\\\"\"a \n\xc3";
        for len in 0..400 {
            let src: Vec<u8> = (0..len)
                .map(|_| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    alphabet[(state >> 33) as usize % alphabet.len()]
                })
                .collect();
            let mut bits = Bits::default();
            bits.fill(&src);
            let mut cursor = Cursor::new(&bits.quotes, 0);
            let got: Vec<usize> = core::iter::from_fn(|| cursor.next()).collect();
            assert_eq!(got, naive(&src));
            assert_eq!(bits.any_control, src.iter().any(|b| *b < 0x20));
            assert_eq!(bits.any_high, src.iter().any(|b| *b > 0x7f));
        }
    }

    #[test]
    fn all_forms_agree() {
        let mut state = 1u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) as usize
        };
        // ASCII at the edges of every test, all of it, and what is close to a quote or backslash.
        let alphabets: [&[u8]; 4] = [
            b"\"\\ !#[]~\x7f\x1f\x20\x00",
            b"\"\\",
            b"\"\\\x1f\x20\x7f\x80\xa2\xdc\xff\x00",
            b"abc\"",
        ];
        let mut bytes = [0u8; 64];
        for round in 0..4000 {
            for byte in &mut bytes {
                *byte = match round % 6 {
                    4 => next() as u8,
                    5 => next() as u8 & 0x7f,
                    alphabet => alphabets[alphabet][next() % alphabets[alphabet].len()],
                };
            }
            let mut bits = Bits::default();
            bits.fill(&bytes);
            let words = any_block(&bytes);
            let [quotes, backslashes, controls, highs] = words;
            assert_eq!(word_block(&bytes), (quotes, backslashes, controls != 0, highs != 0));
            for (at, byte) in bytes.iter().enumerate() {
                let is = [*byte == b'"', *byte == b'\\', *byte < 0x20, *byte > 0x7f];
                assert_eq!(words.map(|word| word >> at & 1 == 1), is, "{bytes:?}");
            }
            assert_eq!(bits.backslashes, [backslashes]);
            assert_eq!(bits.quotes, [quotes & !escaped(backslashes, &mut 0)]);
            assert_eq!(bits.any_control, controls != 0);
            assert_eq!(bits.any_high, highs != 0);
        }
    }
}
