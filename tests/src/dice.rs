//! Choices made from bytes: a property test or a fuzzer gives the bytes, generators spend them.

/// Spends bytes; once they are used up it goes on with pseudo-random ones that depend on them.
pub struct Dice<'a> {
    bytes: &'a [u8],
    at: usize,
    state: u64,
}

impl<'a> Dice<'a> {
    /// Dice that fall as `bytes` say.
    pub fn new(bytes: &'a [u8]) -> Self {
        let state = bytes.iter().fold(0x9e37_79b9_7f4a_7c15, |sum: u64, byte| {
            (sum ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3)
        });
        Self { bytes, at: 0, state: state | 1 }
    }

    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        if let Some(byte) = self.bytes.get(self.at) {
            self.at += 1;
            return *byte;
        }
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state >> 32) as u8
    }

    /// Whether any given byte is left.
    pub fn is_fresh(&self) -> bool {
        self.at < self.bytes.len()
    }

    /// A number from 0 to `count - 1`.
    pub fn below(&mut self, count: usize) -> usize {
        if count <= 256 {
            usize::from(self.byte()) % count.max(1)
        } else {
            (usize::from(self.byte()) << 8 | usize::from(self.byte())) % count
        }
    }

    /// True once in `times`.
    pub fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One of `list`.
    pub fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }

    /// Letters and digits.
    pub fn letters(&mut self, count: usize) -> String {
        const LETTERS: &[u8; 62] =
            b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
        (0..count).map(|_| char::from(LETTERS[self.below(62)])).collect()
    }
}
