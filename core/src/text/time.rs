//! RFC 3339 timestamps, read without a clock or a calendar library.
//!
//! Kubernetes writes `metav1.MicroTime`: `2026-01-02T03:04:05.123456Z`. Some shippers rewrite it
//! with a space and without zone; that is read as UTC. Go's own text of a time has the zone and its
//! name behind another space. Anything else gives no timestamp, and the text stays what it is.

/// A point in time and the text it was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Timestamp<'a> {
    text: &'a [u8],
    /// Seconds since 1970-01-01T00:00:00Z, rounded down.
    seconds: i64,
    /// Nanoseconds of the second.
    nanos: u32,
    /// The text is RFC 3339 as it stands.
    strict: bool,
}

impl<'a> Timestamp<'a> {
    /// Reads a timestamp of years 0000 to 9999 with up to nine digits after the second.
    pub(crate) fn read(bytes: &'a [u8]) -> Option<Self> {
        if bytes.len() > 35 {
            return Self::of_go(bytes);
        }
        let (head, rest) = bytes.split_first_chunk::<19>()?;
        let [
            y0,
            y1,
            y2,
            y3,
            b'-',
            m0,
            m1,
            b'-',
            d0,
            d1,
            between,
            h0,
            h1,
            b':',
            i0,
            i1,
            b':',
            s0,
            s1,
        ] = *head
        else {
            return None;
        };
        let digits = [y0, y1, y2, y3, m0, m1, d0, d1, h0, h1, i0, i1, s0, s1];
        let plain = digits.iter().fold(true, |plain, digit| plain & digit.is_ascii_digit());
        if !plain || !matches!(between, b'T' | b' ') {
            return None;
        }
        let two = |high: u8, low: u8| i64::from(high - b'0') * 10 + i64::from(low - b'0');
        let year = two(y0, y1) * 100 + two(y2, y3);
        let (month, day) = (two(m0, m1), two(d0, d1));
        let (hour, minute, second) = (two(h0, h1), two(i0, i1), two(s0, s1));
        if !(1..=12).contains(&month) || day == 0 || day > days_in(year, month) {
            return None;
        }
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let (nanos, zone) = match rest {
            [b'.', rest @ ..] => fraction(rest)?,
            _ => (0, rest),
        };
        let offset = match *zone {
            [b'Z'] => 0,
            [] if between == b' ' => 0,
            [b' ', b'+', b'0', b'0', b'0', b'0', b' ', b'U', b'T', b'C'] if between == b' ' => {
                return Self::of_go(bytes);
            }
            [sign @ (b'+' | b'-'), h0, h1, b':', m0, m1]
                if [h0, h1, m0, m1].iter().all(u8::is_ascii_digit) =>
            {
                let (hours, minutes) = (two(h0, h1), two(m0, m1));
                // what java.time, and so Elasticsearch, takes
                if hours > 17 || minutes > 59 {
                    return None;
                }
                let minutes = hours * 60 + minutes;
                if sign == b'-' { -minutes } else { minutes }
            }
            _ => return None,
        };
        let seconds =
            days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second
                - offset * 60;
        Some(Self { text: bytes, seconds, nanos, strict: between == b'T' })
    }

    /// Reads `2026-01-02 03:04:05.123456 +0000 UTC`, perhaps with a monotonic clock behind it. Only of UTC, which
    /// is what API servers run in.
    #[cold]
    fn of_go(bytes: &'a [u8]) -> Option<Self> {
        let end = memchr::memmem::find(bytes, b" +0000 UTC").filter(|end| *end <= 29)?;
        let rest = &bytes[end + 10..];
        let whole = rest.is_empty() || rest.starts_with(b" m=");
        Self::read(&bytes[..end]).filter(|time| whole && !time.strict)
    }

    /// Nanoseconds from `earlier` to this; `None` when that is negative or absurdly long.
    pub(crate) fn since(self, earlier: Self) -> Option<u64> {
        let nanos = (self.seconds - earlier.seconds).checked_mul(1_000_000_000)?
            + (i64::from(self.nanos) - i64::from(earlier.nanos));
        u64::try_from(nanos).ok()
    }

    /// Milliseconds since 1970, rounded down.
    pub(crate) fn millis(self) -> i64 {
        self.seconds * 1000 + i64::from(self.nanos / 1_000_000)
    }

    /// Nanoseconds since 1970; `None` before that and past the year 2554.
    pub(crate) fn unix_nanos(self) -> Option<u64> {
        u64::try_from(self.seconds)
            .ok()?
            .checked_mul(1_000_000_000)?
            .checked_add(u64::from(self.nanos))
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

/// One to nine digits as nanoseconds, and what follows them.
fn fraction(text: &[u8]) -> Option<(u32, &[u8])> {
    let mut nanos = 0;
    let mut unit = 100_000_000;
    let mut at = 0;
    while let Some(digit) = text.get(at).filter(|digit| digit.is_ascii_digit()) {
        if unit == 0 {
            return None;
        }
        nanos += u32::from(digit - b'0') * unit;
        unit /= 10;
        at += 1;
    }
    (at > 0).then(|| (nanos, &text[at..]))
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
        Timestamp::read(text.as_bytes())
    }

    fn nanos_of(time: Timestamp<'_>) -> i128 {
        i128::from(time.seconds) * 1_000_000_000 + i128::from(time.nanos)
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
            assert_eq!(read(text).map(nanos_of), Some(nanos), "{text}");
        }
    }

    #[test]
    fn counts_from_1970() {
        for (text, millis, nanos) in [
            ("1970-01-01T00:00:00.0019Z", 1, Some(1_900_000)),
            ("2023-06-12T13:30:25.756122Z", 1_686_576_625_756, Some(1_686_576_625_756_122_000)),
            ("1969-12-31T23:59:59.9999Z", -1, None),
            ("2600-01-01T00:00:00Z", 19_880_899_200_000, None),
        ] {
            let time = read(text).unwrap();
            assert_eq!((time.millis(), time.unix_nanos()), (millis, nanos), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_timestamp() {
        for text in [
            "",
            "2023-06-12",
            "2023-06-12T13:30:25",
            "2023-13-12T13:30:25Z",
            "2023-02-29T13:30:25Z",
            "2023-06-12T24:30:25Z",
            "2023-06-12T13:60:25Z",
            "2023-06-12T13:30:60Z",
            "2023-06-12T13:30:25.Z",
            "2023-06-12T13:30:25.1234567890Z",
            "2023-06-12T13:30:25+5:00",
            "2023-06-12T13:30:25Zjunk",
            "2023-06-12x13:30:25Z",
            "+023-06-12T13:30:25Z",
            "2023-06-12T13:30:25+99:00",
            "2023-06-12T13:30:25-18:00",
            "null----------------",
            "2023-00-12T13:30:25Z",
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
        assert_eq!(read(std::str::from_utf8(&out).unwrap()).map(nanos_of), Some(nanos_of(spaced)));
        let earlier = read("2022-11-29T00:09:04.38Z").unwrap();
        assert_eq!(spaced.since(earlier), Some(12_000_000));
        assert_eq!(earlier.since(spaced), None);
        let mut zoned = Vec::new();
        read("2022-11-29 00:09:04-02:00").unwrap().write(&mut zoned);
        assert_eq!(zoned, b"2022-11-29T00:09:04-02:00");
    }
}
