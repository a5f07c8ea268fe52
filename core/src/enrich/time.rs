//! RFC 3339 timestamps, read without a clock or a calendar library.
//!
//! Kubernetes writes `metav1.MicroTime`: `2026-01-02T03:04:05.123456Z`. Some shippers rewrite it
//! with a space and without zone; that is read as UTC. Anything else gives no timestamp, and the
//! text stays what it is.

use super::text::Text;

/// A point in time and the text it was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Timestamp<'a> {
    text: &'a [u8],
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    nanos: i128,
    /// The text is RFC 3339 as it stands.
    strict: bool,
}

impl<'a> Timestamp<'a> {
    /// Reads a timestamp of years 0000 to 9999 with up to nine digits after the second.
    pub(crate) fn read(text: Text<'a>) -> Option<Self> {
        let bytes = text.bytes;
        if !(19..=35).contains(&bytes.len()) {
            return None;
        }
        let separators = [(4, b'-'), (7, b'-'), (13, b':'), (16, b':')];
        if separators.iter().any(|(at, byte)| bytes[*at] != *byte) {
            return None;
        }
        let year = number(&bytes[..4])?;
        let (month, day) = (number(&bytes[5..7])?, number(&bytes[8..10])?);
        let (hour, minute) = (number(&bytes[11..13])?, number(&bytes[14..16])?);
        let second = number(&bytes[17..19])?;
        if !(1..=12).contains(&month) || day == 0 || day > days_in(year, month) {
            return None;
        }
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let mut at = 19;
        let mut fraction = 0;
        if bytes.get(at) == Some(&b'.') {
            let digits = bytes[at + 1..].iter().take_while(|b| b.is_ascii_digit()).count();
            if !(1..=9).contains(&digits) {
                return None;
            }
            fraction = number(&bytes[at + 1..=at + digits])? * 10_i64.pow(9 - digits as u32);
            at += digits + 1;
        }
        let offset = match &bytes[at..] {
            b"Z" => 0,
            b"" if bytes[10] == b' ' => 0,
            [sign @ (b'+' | b'-'), h @ .., b':', m0, m1] if h.len() == 2 => {
                let minutes = number(h)? * 60 + number(&[*m0, *m1])?;
                if minutes >= 24 * 60 {
                    return None;
                }
                if *sign == b'-' { -minutes } else { minutes }
            }
            _ => return None,
        };
        if !matches!(bytes[10], b'T' | b' ') {
            return None;
        }
        let seconds = days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second
            - offset * 60;
        Some(Self {
            text: bytes,
            nanos: i128::from(seconds) * 1_000_000_000 + i128::from(fraction),
            strict: bytes[10] == b'T',
        })
    }

    /// Nanoseconds from `earlier` to this; `None` when that is negative or absurdly long.
    pub(crate) fn since(self, earlier: Self) -> Option<u64> {
        u64::try_from(self.nanos - earlier.nanos).ok().filter(|nanos| *nanos <= i64::MAX as u64)
    }

    /// Whether the text can be written as it stands.
    pub(crate) fn is_strict(self) -> bool {
        self.strict
    }

    /// Appends RFC 3339 with `T` and a zone.
    pub(crate) fn write(self, out: &mut Vec<u8>) {
        if self.strict {
            return out.extend_from_slice(self.text);
        }
        out.extend_from_slice(&self.text[..10]);
        out.push(b'T');
        out.extend_from_slice(&self.text[11..]);
        let zoned = self.text.last() == Some(&b'Z') || self.text[19..].contains(&b':');
        if !zoned {
            out.push(b'Z');
        }
    }
}

fn number(digits: &[u8]) -> Option<i64> {
    let mut value = 0;
    for digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        value = value * 10 + i64::from(digit - b'0');
    }
    Some(value)
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days since 1970-01-01 of a date in the proleptic Gregorian calendar.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Timestamp<'_>> {
        Timestamp::read(Text::fixed(text.as_bytes()))
    }

    #[test]
    fn reads_what_shippers_write() {
        for (text, nanos) in [
            ("1970-01-01T00:00:00Z", 0_i128),
            ("2023-06-12T13:30:25.756122Z", 1_686_576_625_756_122_000),
            ("2023-06-12 13:30:25.756122", 1_686_576_625_756_122_000),
            ("2022-11-29 00:09:04.38", 1_669_680_544_380_000_000),
            ("2024-02-29T23:59:59.123456789+05:30", 1_709_231_399_123_456_789),
            ("1969-12-31T23:59:59.5Z", -500_000_000),
            ("2000-03-01T00:00:00-01:00", 951_872_400_000_000_000),
        ] {
            assert_eq!(read(text).map(|t| t.nanos), Some(nanos), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_timestamp() {
        for text in [
            "", "2023-06-12", "2023-06-12T13:30:25", "2023-13-12T13:30:25Z", "2023-02-29T13:30:25Z",
            "2023-06-12T24:30:25Z", "2023-06-12T13:60:25Z", "2023-06-12T13:30:60Z",
            "2023-06-12T13:30:25.Z", "2023-06-12T13:30:25.1234567890Z", "2023-06-12T13:30:25+5:00",
            "2023-06-12T13:30:25Zjunk", "2023-06-12x13:30:25Z", "+023-06-12T13:30:25Z",
            "2023-06-12T13:30:25+99:00", "null----------------", "2023-00-12T13:30:25Z",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn writes_a_zone_and_never_a_negative_duration() {
        let spaced = read("2022-11-29 00:09:04.392").unwrap();
        let mut out = Vec::new();
        spaced.write(&mut out);
        assert_eq!(out, b"2022-11-29T00:09:04.392Z");
        assert_eq!(read(std::str::from_utf8(&out).unwrap()).unwrap().nanos, spaced.nanos);
        let earlier = read("2022-11-29T00:09:04.38Z").unwrap();
        assert_eq!(spaced.since(earlier), Some(12_000_000));
        assert_eq!(earlier.since(spaced), None);
        let mut zoned = Vec::new();
        read("2022-11-29 00:09:04-02:00").unwrap().write(&mut zoned);
        assert_eq!(zoned, b"2022-11-29T00:09:04-02:00");
    }
}
