//! One record of a segment: marker, length, checksum, clean lines.
//!
//! ```text
//! ff 61 77 fe | length, u32 LE | CRC-32 of length and lines, u32 LE | lines
//! ```
//!
//! Lines are UTF-8, so the marker's first byte never occurs in them: after damage the next record
//! is found by searching for the marker.

/// Begins a record.
pub(super) const MARKER: [u8; 4] = [0xff, b'a', b'w', 0xfe];
/// Bytes before the lines.
pub(super) const HEAD: usize = 12;

/// The first bytes of a record that holds `lines`.
pub(super) fn head(lines: &[u8]) -> [u8; HEAD] {
    let length = (lines.len() as u32).to_le_bytes();
    let mut head = [0; HEAD];
    head[..4].copy_from_slice(&MARKER);
    head[4..8].copy_from_slice(&length);
    head[8..].copy_from_slice(&checksum(length, lines).to_le_bytes());
    head
}

fn checksum(length: [u8; 4], lines: &[u8]) -> u32 {
    let mut hash = crc32fast::Hasher::new();
    hash.update(&length);
    hash.update(lines);
    hash.finalize()
}

/// What the head of a record says.
pub(super) struct Head {
    length: [u8; 4],
    checksum: u32,
}

impl Head {
    /// Reads a head; `None` when no record begins here.
    pub(super) fn read(bytes: [u8; HEAD]) -> Option<Self> {
        let [a, b, c, d, l0, l1, l2, l3, c0, c1, c2, c3] = bytes;
        let length = [l0, l1, l2, l3];
        // A record of nothing is never written: zeroes at the end of a file are not one.
        ([a, b, c, d] == MARKER && length != [0; 4])
            .then_some(Self { length, checksum: u32::from_le_bytes([c0, c1, c2, c3]) })
    }

    /// Bytes of lines that follow.
    pub(super) fn length(&self) -> u32 {
        u32::from_le_bytes(self.length)
    }

    /// Whether these are the lines that were written.
    pub(super) fn fits(&self, lines: &[u8]) -> bool {
        self.length() as usize == lines.len() && checksum(self.length, lines) == self.checksum
    }
}
