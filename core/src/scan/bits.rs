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

struct Block {
    quote: u64,
    backslash: u64,
    control: u64,
    high: u64,
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

#[inline(always)]
fn vector_block<S: Simd>(simd: S, bytes: &[u8; 64]) -> Block {
    let (quote, backslash) = (u8x32::splat(simd, b'"'), u8x32::splat(simd, b'\\'));
    let (space, high) = (u8x32::splat(simd, b' '), u8x32::splat(simd, 0x7f));
    let mut out = Block { quote: 0, backslash: 0, control: 0, high: 0 };
    let (halves, _) = bytes.as_chunks::<32>();
    for (half, bytes) in halves.iter().enumerate() {
        let v = u8x32::simd_from(simd, *bytes);
        let shift = half * 32;
        out.quote |= v.simd_eq(quote).to_bitmask() << shift;
        out.backslash |= v.simd_eq(backslash).to_bitmask() << shift;
        out.control |= v.simd_lt(space).to_bitmask() << shift;
        out.high |= v.simd_gt(high).to_bitmask() << shift;
    }
    out
}

/// The form without vectors.
#[inline(always)]
fn swar_block(bytes: &[u8; 64]) -> Block {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    // High bit of every zero byte, exact (no carries between bytes).
    let zero = |v: u64| !(((v & !HIGH) + !HIGH) | v | !HIGH);
    let gather = |m: u64| ((m >> 7).wrapping_mul(0x0102_0408_1020_4080)) >> 56;
    let mut out = Block { quote: 0, backslash: 0, control: 0, high: 0 };
    let (words, _) = bytes.as_chunks::<8>();
    for (lane, word) in words.iter().enumerate() {
        let v = u64::from_le_bytes(*word);
        let shift = lane * 8;
        out.quote |= gather(zero(v ^ (ONES * u64::from(b'"')))) << shift;
        out.backslash |= gather(zero(v ^ (ONES * u64::from(b'\\')))) << shift;
        // Bytes below 0x20 have their top three bits clear.
        out.control |= gather(zero(v & (ONES * 0xe0))) << shift;
        out.high |= gather(v & HIGH) << shift;
    }
    out
}

impl Bits {
    /// Fills the bitmaps for `src`, reusing their memory.
    pub(crate) fn fill(&mut self, src: &[u8]) {
        let words = src.len().div_ceil(64);
        self.quotes.clear();
        self.quotes.resize(words, 0);
        self.backslashes.clear();
        self.backslashes.resize(words, 0);
        if self.level.is_fallback() {
            self.blocks(src, swar_block);
        } else {
            dispatch!(self.level, simd => self.blocks(src, |bytes| vector_block(simd, bytes)));
        }
    }

    #[inline(always)]
    fn blocks(&mut self, src: &[u8], block: impl Fn(&[u8; 64]) -> Block) {
        let (mut any_control, mut any_high) = (0, 0);
        let mut escaped_carry = 0u64;
        let (blocks, tail) = src.as_chunks::<64>();
        let mut last = [b' '; 64];
        last[..tail.len()].copy_from_slice(tail);
        let last = (!tail.is_empty()).then_some(&last);
        for ((bytes, quotes), backslashes) in
            blocks.iter().chain(last).zip(&mut self.quotes).zip(&mut self.backslashes)
        {
            let b = block(bytes);
            any_control |= b.control;
            any_high |= b.high;
            *quotes = b.quote & !escaped(b.backslash, &mut escaped_carry);
            *backslashes = b.backslash;
        }
        self.any_control = any_control != 0;
        self.any_high = any_high != 0;
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
    fn both_block_forms_agree() {
        let mut bytes = [0u8; 64];
        for round in 0..=255u8 {
            for (at, byte) in bytes.iter_mut().enumerate() {
                *byte = round.wrapping_mul(31).wrapping_add((at as u8).wrapping_mul(7));
            }
            let level = Level::new();
            let a = dispatch!(level, simd => vector_block(simd, &bytes));
            let b = swar_block(&bytes);
            assert_eq!(a.quote, b.quote);
            assert_eq!(a.backslash, b.backslash);
            assert_eq!(a.control, b.control);
            assert_eq!(a.high, b.high);
        }
    }
}
