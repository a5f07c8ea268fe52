//! Sizes and times as people write them: `64MiB`, `500ms`, `1d`.

use std::time::{Duration, SystemTime};

/// Reads a size: a whole number and `KiB`, `MiB`, `GiB`, `TiB`, `B` or nothing.
///
/// # Examples
/// ```
/// assert_eq!(auditweir_serve::units::size("64MiB"), Ok(64 << 20));
/// assert!(auditweir_serve::units::size("64MB").is_err());
/// ```
pub fn size(text: &str) -> Result<u64, String> {
    let units = [("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40)];
    read(text, &units, Some(1), "a size such as 64MiB (units: B, KiB, MiB, GiB, TiB)")
}

/// Reads a time: a whole number and `ms`, `s`, `m`, `h` or `d`.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// assert_eq!(auditweir_serve::units::time("24h"), Ok(Duration::from_secs(86_400)));
/// ```
pub fn time(text: &str) -> Result<Duration, String> {
    let units = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];
    read(text, &units, None, "a time such as 30s (units: ms, s, m, h, d)")
        .map(Duration::from_millis)
}

/// A point in time as RFC 3339, to the millisecond.
///
/// # Examples
/// ```
/// use std::time::{Duration, SystemTime};
/// let time = SystemTime::UNIX_EPOCH + Duration::from_millis(1_767_323_045_006);
/// assert_eq!(auditweir_serve::units::timestamp(time), "2026-01-02T03:04:05.006Z");
/// ```
pub fn timestamp(time: SystemTime) -> String {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let (days, rest) = (since.as_secs() / 86_400, since.as_secs() % 86_400);
    let (year, month, day) = date(days);
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    let millis = since.subsec_millis();
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
}

/// The point in time that many milliseconds after 1970.
pub(crate) fn at(millis: i64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(millis.unsigned_abs())
}

/// Milliseconds since 1970.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// Year, month and day of a number of days since 1970 (Howard Hinnant's `civil_from_days`).
fn date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let of_year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day = of_era - (365 * of_year + of_year / 4 - of_year / 100);
    let shifted = (5 * day + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (of_year + era * 400 + u64::from(month <= 2), month, day - (153 * shifted + 2) / 5 + 1)
}

fn read(text: &str, units: &[(&str, u64)], bare: Option<u64>, what: &str) -> Result<u64, String> {
    let wrong = || format!("is not {what}");
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let factor = if unit.is_empty() {
        bare
    } else {
        units.iter().find(|(name, _)| *name == unit).map(|(_, factor)| *factor)
    };
    let number: u64 = digits.parse().map_err(|_| wrong())?;
    number.checked_mul(factor.ok_or_else(wrong)?).ok_or_else(wrong)
}
