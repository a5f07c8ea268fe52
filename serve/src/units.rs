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

/// Milliseconds since 1970.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
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
