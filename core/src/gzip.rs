//! Gzip streams (RFC 1952), inflated with memory that is kept for the next one.
//!
//! `flate2` reads such streams, too, but takes some 80 KB anew for each; here only its inflater is
//! used, and the frame around it is read by hand.

use flate2::{Crc, Decompress, FlushDecompress, Status};

/// Bytes to make room for at a time.
const CHUNK: usize = 16 << 10;

/// Why a stream cannot be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fault {
    /// No gzip, cut short, or not what its checksum says.
    Broken,
    TooLarge,
}

/// Whether a text begins as gzip does.
pub(crate) fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}

/// Whether a text begins as zlib (RFC 1950) does. One in some hundred texts at random does.
pub(crate) fn may_be_zlib(bytes: &[u8]) -> bool {
    let Some([method, flags]) = bytes.first_chunk() else { return false };
    method & 15 == 8
        && method >> 4 <= 7
        && flags & 0x20 == 0
        && u16::from_be_bytes([*method, *flags]) % 31 == 0
}

/// Inflates streams; about 43 KB once it had one.
#[derive(Default)]
pub(crate) struct Gunzip {
    state: Option<Box<Decompress>>,
}

impl Gunzip {
    /// Appends what the members of `stream` hold, at most `limit` bytes. After a fault `out` holds
    /// some of it.
    pub(crate) fn inflate(
        &mut self,
        mut stream: &[u8],
        limit: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), Fault> {
        let end = out.len().saturating_add(limit);
        loop {
            let start = out.len();
            let body = body(stream).ok_or(Fault::Broken)?;
            let rest = self.member(body, end, out)?;
            let Some((trailer, rest)) = rest.split_first_chunk::<8>() else {
                return Err(Fault::Broken);
            };
            let mut crc = Crc::new();
            crc.update(&out[start..]);
            let said = u64::from(crc.amount()) << 32 | u64::from(crc.sum());
            if u64::from_le_bytes(*trailer) != said {
                return Err(Fault::Broken);
            }
            if rest.is_empty() {
                return Ok(());
            }
            stream = rest;
        }
    }

    /// Appends what a zlib stream holds, at most `limit` bytes. Its checksum is not looked at: what
    /// inflates to its end is one.
    pub(crate) fn inflate_zlib(
        &mut self,
        stream: &[u8],
        limit: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), Fault> {
        let end = out.len().saturating_add(limit);
        self.member(stream.get(2..).ok_or(Fault::Broken)?, end, out).map(|_| ())
    }

    /// Inflates one member. Gives what follows its compressed bytes.
    fn member<'a>(
        &mut self,
        mut bytes: &'a [u8],
        end: usize,
        out: &mut Vec<u8>,
    ) -> Result<&'a [u8], Fault> {
        if out.len() >= end {
            return Err(Fault::TooLarge);
        }
        // The inflater fills all the room there is, also past the end.
        out.shrink_to(end.saturating_add(CHUNK));
        let state = self.state.get_or_insert_with(|| Box::new(Decompress::new(false)));
        state.reset(false);
        loop {
            if out.capacity() - out.len() < CHUNK / 4 {
                out.reserve(CHUNK);
            }
            let (before, read) = (out.len(), state.total_in());
            let status = state
                .decompress_vec(bytes, out, FlushDecompress::None)
                .map_err(|_| Fault::Broken)?;
            let used = (state.total_in() - read) as usize;
            bytes = &bytes[used..];
            if out.len() > end {
                return Err(Fault::TooLarge);
            }
            if status == Status::StreamEnd {
                return Ok(bytes);
            }
            if used == 0 && out.len() == before {
                return Err(Fault::Broken);
            }
        }
    }
}

/// What follows the header of a member.
fn body(member: &[u8]) -> Option<&[u8]> {
    const HEADER_CRC: u8 = 1 << 1;
    const EXTRA: u8 = 1 << 2;
    const NAME: u8 = 1 << 3;
    const COMMENT: u8 = 1 << 4;
    const RESERVED: u8 = 0b1110_0000;
    let (head, mut rest) = member.split_first_chunk::<10>()?;
    let [0x1f, 0x8b, 8, flags, ..] = *head else { return None };
    if flags & RESERVED != 0 {
        return None;
    }
    if flags & EXTRA != 0 {
        let (len, after) = rest.split_first_chunk::<2>()?;
        rest = after.get(usize::from(u16::from_le_bytes(*len))..)?;
    }
    for text in [NAME, COMMENT] {
        if flags & text != 0 {
            rest = &rest[memchr::memchr(0, rest)? + 1..];
        }
    }
    if flags & HEADER_CRC != 0 {
        rest = rest.get(2..)?;
    }
    Some(rest)
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    use flate2::read::MultiGzDecoder;
    use flate2::{Compression, GzBuilder};

    use super::*;

    fn gzip(text: &[u8], level: u32, named: bool) -> Vec<u8> {
        let builder = if named {
            GzBuilder::new().filename("audit.log").comment("c").extra(&b"abc"[..])
        } else {
            GzBuilder::new()
        };
        let mut encoder = builder.write(Vec::new(), Compression::new(level));
        encoder.write_all(text).expect("memory");
        encoder.finish().expect("memory")
    }

    fn oracle(stream: &[u8]) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        MultiGzDecoder::new(stream).read_to_end(&mut out).ok().map(|_| out)
    }

    /// The same as flate2's own reader, for whole, cut, joined and damaged streams.
    #[test]
    fn reads_what_flate2_reads() {
        let mut gunzip = Gunzip::default();
        let mut noise = 7u64;
        let mut random = move || {
            noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (noise >> 33) as usize
        };
        for len in [0, 1, 20, 5_000, 70_000] {
            let text: Vec<u8> = (0..len).map(|_| b'a' + (random() % 7) as u8).collect();
            for level in [0, 1, 9] {
                let mut stream = gzip(&text, level, level == 9);
                stream.extend(gzip(b"second", 6, false));
                for _ in 0..60 {
                    let mut broken = stream.clone();
                    match random() % 4 {
                        0 => broken.truncate(random() % (stream.len() + 1)),
                        1 => {
                            let at = random() % stream.len();
                            broken[at] ^= 1 << (random() % 8);
                        }
                        2 => broken.push(0),
                        _ => {}
                    }
                    let mut out = b"before".to_vec();
                    let done = gunzip.inflate(&broken, usize::MAX, &mut out);
                    match oracle(&broken) {
                        Some(text) => {
                            assert_eq!(done, Ok(()));
                            assert_eq!(out, [b"before", text.as_slice()].concat());
                        }
                        None => assert!(done.is_err()),
                    }
                }
            }
        }
    }

    #[test]
    fn zlib_is_known_and_read() {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(b"ordinary text").expect("memory");
        let stream = encoder.finish().expect("memory");
        let mut out = Vec::new();
        assert!(may_be_zlib(&stream) && !may_be_zlib(b"ordinary text"));
        assert_eq!(Gunzip::default().inflate_zlib(&stream, 100, &mut out), Ok(()));
        assert_eq!(out, b"ordinary text");
        assert!(Gunzip::default().inflate_zlib(&stream[..9], 100, &mut Vec::new()).is_err());
    }

    #[test]
    fn stops_at_the_limit() {
        let stream = gzip(&vec![b'x'; 8 << 20], 9, false);
        let mut out = Vec::new();
        let mut gunzip = Gunzip::default();
        assert_eq!(gunzip.inflate(&stream, 100_000, &mut out), Err(Fault::TooLarge));
        assert!(out.capacity() < 400_000, "{} bytes taken", out.capacity());
        out.clear();
        assert_eq!(gunzip.inflate(&stream, 8 << 20, &mut out), Ok(()));
    }
}
