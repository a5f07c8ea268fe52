//! MessagePack one token at a time: nothing recurses and nothing is trusted.

use std::ops::Range;

use rmp::Marker;

/// One value, or the head of a container.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Token<'a> {
    Nil,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    F32(f32),
    F64(f64),
    /// Any bytes, whether the sender said that they are text or not.
    Text(&'a [u8]),
    Ext(i8, &'a [u8]),
    /// Number of items.
    Array(u32),
    /// Number of pairs.
    Map(u32),
}

/// The token at `at` and where the next one starts; none if `src` ends before or the byte has no
/// meaning.
pub(super) fn token(src: &[u8], at: usize) -> Option<(Token<'_>, usize)> {
    let rest = src.get(at..)?;
    let marker = Marker::from_u8(*rest.first()?);
    let head = at + 1;
    let body = &rest[1..];
    let sized = |size: usize, len: u32| {
        let end = size.checked_add(len as usize)?;
        Some((body.get(size..end)?, head + end))
    };
    let text = |size, len| sized(size, len).map(|(bytes, next)| (Token::Text(bytes), next));
    let ext = |size: usize, len: u32| {
        let kind = body.get(size)?.cast_signed();
        sized(size + 1, len).map(|(bytes, next)| (Token::Ext(kind, bytes), next))
    };
    let whole = |token, size| Some((token, head + size));
    match marker {
        Marker::FixPos(n) => whole(Token::Unsigned(n.into()), 0),
        Marker::FixNeg(n) => whole(Token::Signed(n.into()), 0),
        Marker::Null => whole(Token::Nil, 0),
        Marker::True => whole(Token::Bool(true), 0),
        Marker::False => whole(Token::Bool(false), 0),
        Marker::U8 => whole(Token::Unsigned(be::<1>(body)?), 1),
        Marker::U16 => whole(Token::Unsigned(be::<2>(body)?), 2),
        Marker::U32 => whole(Token::Unsigned(be::<4>(body)?), 4),
        Marker::U64 => whole(Token::Unsigned(be::<8>(body)?), 8),
        Marker::I8 => whole(Token::Signed((be::<1>(body)? as i8).into()), 1),
        Marker::I16 => whole(Token::Signed((be::<2>(body)? as i16).into()), 2),
        Marker::I32 => whole(Token::Signed((be::<4>(body)? as i32).into()), 4),
        Marker::I64 => whole(Token::Signed(be::<8>(body)?.cast_signed()), 8),
        Marker::F32 => whole(Token::F32(f32::from_bits(be::<4>(body)? as u32)), 4),
        Marker::F64 => whole(Token::F64(f64::from_bits(be::<8>(body)?)), 8),
        Marker::FixStr(len) => text(0, len.into()),
        Marker::Str8 | Marker::Bin8 => text(1, be::<1>(body)? as u32),
        Marker::Str16 | Marker::Bin16 => text(2, be::<2>(body)? as u32),
        Marker::Str32 | Marker::Bin32 => text(4, be::<4>(body)? as u32),
        Marker::FixExt1 => ext(0, 1),
        Marker::FixExt2 => ext(0, 2),
        Marker::FixExt4 => ext(0, 4),
        Marker::FixExt8 => ext(0, 8),
        Marker::FixExt16 => ext(0, 16),
        Marker::Ext8 => ext(1, be::<1>(body)? as u32),
        Marker::Ext16 => ext(2, be::<2>(body)? as u32),
        Marker::Ext32 => ext(4, be::<4>(body)? as u32),
        Marker::FixArray(len) => whole(Token::Array(len.into()), 0),
        Marker::Array16 => whole(Token::Array(be::<2>(body)? as u32), 2),
        Marker::Array32 => whole(Token::Array(be::<4>(body)? as u32), 4),
        Marker::FixMap(len) => whole(Token::Map(len.into()), 0),
        Marker::Map16 => whole(Token::Map(be::<2>(body)? as u32), 2),
        Marker::Map32 => whole(Token::Map(be::<4>(body)? as u32), 4),
        Marker::Reserved => None,
    }
}

/// A big-endian number of `N` bytes.
fn be<const N: usize>(body: &[u8]) -> Option<u64> {
    Some(body.get(..N)?.iter().fold(0, |n, byte| n << 8 | u64::from(*byte)))
}

/// Where the value at `at` ends, with all that is in it.
pub(super) fn skip(src: &[u8], mut at: usize) -> Option<usize> {
    // Each value counted here takes at least a byte, so a false length ends at the end of `src`.
    let mut left: u64 = 1;
    while left > 0 {
        let (token, next) = token(src, at)?;
        left -= 1;
        left += match token {
            Token::Array(len) => u64::from(len),
            Token::Map(len) => u64::from(len) * 2,
            _ => 0,
        };
        at = next;
    }
    Some(at)
}

/// One top-level value of a chunk.
#[derive(Debug, PartialEq)]
pub(super) enum Entry {
    /// `[[time, metadata], body]` or `[time, body]`: where the first item and the body are.
    Event { head: Range<usize>, body: Range<usize>, end: usize },
    /// Start or end of a group of events.
    Group { end: usize },
    /// A whole value that is no event.
    Other { end: usize },
}

/// The value at `at`; none if the rest of the chunk cannot be read.
pub(super) fn entry(src: &[u8], at: usize) -> Option<Entry> {
    let end = skip(src, at)?;
    let Some((Token::Array(2), first)) = token(src, at) else {
        return Some(Entry::Other { end });
    };
    let body = skip(src, first)?;
    let (time, inner) = token(src, first)?;
    let time = match time {
        Token::Array(2) => match token(src, inner)? {
            (time, metadata) if matches!(token(src, metadata)?, (Token::Map(_), _)) => time,
            _ => return Some(Entry::Other { end }),
        },
        time => time,
    };
    match time {
        // Seconds -1 and -2 with no fraction are markers to Fluent Bit; any other is a time.
        Token::Ext(0, [0xff, 0xff, 0xff, 0xff | 0xfe, 0, 0, 0, 0]) => Some(Entry::Group { end }),
        Token::Ext(0, [_, _, _, _, _, _, _, _]) | Token::Unsigned(_) | Token::F64(_) => {
            Some(Entry::Event { head: first..body, body: body..end, end })
        }
        _ => Some(Entry::Other { end }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_marker() {
        for byte in 0..=u8::MAX {
            // A marker alone is whole or cut off, never a panic; with zeros behind it is whole.
            let _ = token(&[byte], 0);
            let mut long = vec![0; 32];
            long[0] = byte;
            assert_eq!(token(&long, 0).is_none(), byte == 0xc1, "{byte:#x}");
        }
        assert_eq!(token(&[0xd0, 0x80], 0), Some((Token::Signed(-128), 2)));
        assert_eq!(token(&[0xe0], 0), Some((Token::Signed(-32), 1)));
        assert_eq!(token(&[0xcf, 255, 255, 255, 255, 255, 255, 255, 255], 0), {
            Some((Token::Unsigned(u64::MAX), 9))
        });
        assert_eq!(token(&[0xc4, 2, b'h', b'i'], 0), Some((Token::Text(b"hi"), 4)));
        assert_eq!(token(&[0xd4, 0xff, 7], 0), Some((Token::Ext(-1, &[7]), 3)));
        assert_eq!(token(&[0xdb, 0xff, 0xff, 0xff, 0xff, 1], 0), None);
        assert_eq!(token(&[0xc9, 0xff, 0xff, 0xff, 0xff, 1], 0), None);
    }

    #[test]
    fn skip_is_not_fooled_by_lengths_or_depth() {
        assert_eq!(skip(&[0xdf, 0xff, 0xff, 0xff, 0xff], 0), None);
        assert_eq!(skip(&[0xdd, 0xff, 0xff, 0xff, 0xff, 1, 2], 0), None);
        let mut deep = vec![0x91; 1 << 20];
        assert_eq!(skip(&deep, 0), None);
        deep.push(0xc0);
        assert_eq!(skip(&deep, 0), Some(deep.len()));
    }

    #[test]
    fn shapes() {
        let v2 = [0x92, 0x92, 0xd7, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0x80, 0x80];
        assert_eq!(entry(&v2, 0), Some(Entry::Event { head: 1..13, body: 13..14, end: 14 }));
        let v1 = [0x92, 0xd7, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0x80];
        assert_eq!(entry(&v1, 0), Some(Entry::Event { head: 1..11, body: 11..12, end: 12 }));
        let int = [0x92, 5, 0x80];
        assert_eq!(entry(&int, 0), Some(Entry::Event { head: 1..2, body: 2..3, end: 3 }));
        for last in [0xff, 0xfe] {
            let group = [0x92, 0x92, 0xd7, 0, 255, 255, 255, last, 0, 0, 0, 0, 0x80, 0x80];
            assert_eq!(entry(&group, 0), Some(Entry::Group { end: 14 }));
        }
        let future = [0x92, 0x92, 0xd7, 0, 255, 255, 255, 255, 0, 0, 0, 1, 0x80, 0x80];
        assert!(matches!(entry(&future, 0), Some(Entry::Event { .. })));
        for other in
            [&[0x80_u8][..], &[0x93, 1, 2, 3], &[0x92, 0xa1, b'x', 0x80], &[0x92, 0x92, 1, 1, 1]]
        {
            assert_eq!(entry(other, 0), Some(Entry::Other { end: other.len() }), "{other:x?}");
        }
        assert_eq!(entry(&v2[..10], 0), None);
    }
}
