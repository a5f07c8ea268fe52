//! What the envelopes around an event say about where and when it comes from.

use super::provider::Provider;
use crate::scan::Kind;
use crate::scan::doc::Value;
use crate::text::{Timestamp, decimal};

/// A fact about the source of events.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Fact {
    /// `aws`, `azure`, `gcp`.
    Provider,
    ClusterName,
    ClusterId,
    /// AWS account, Azure subscription.
    Account,
    Region,
    /// Google Cloud project.
    Project,
    /// When the record was written, RFC 3339: for events and stubs without a time of their own.
    Time,
}

const FACTS: usize = 7;

/// Facts from the envelopes around the current event, as JSON string insides.
///
/// The texts come from the cloud's log service, not from API clients, but they are scanned like
/// everything else: only short plain texts are kept. An envelope's facts hold inside it and nowhere
/// else: [`Envelope::save`] before it is opened, [`Envelope::restore`] after.
#[derive(Default)]
pub(crate) struct Envelope {
    text: Vec<u8>,
    now: Now,
}

/// What holds at one point of the walk.
#[derive(Clone, Copy, Default)]
struct Now {
    places: [(u32, u32); FACTS],
    cut: bool,
    contradicted: bool,
    foreign: bool,
}

/// See [`Envelope::save`].
pub(super) struct Saved {
    text: usize,
    now: Now,
}

impl Envelope {
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.now = Now::default();
    }

    /// What is known now, to come back to.
    pub(super) fn save(&self) -> Saved {
        Saved { text: self.text.len(), now: self.now }
    }

    /// Forgets what was set since.
    pub(super) fn restore(&mut self, saved: &Saved) {
        self.text.truncate(saved.text);
        self.now = saved.now;
    }

    /// Sets a fact, unless it is long, empty or holds anything but plain text.
    pub(super) fn set(&mut self, fact: Fact, text: &[u8]) {
        let plain = |b: &u8| b.is_ascii_alphanumeric() || b"-_.:/".contains(b);
        if text.is_empty() || text.len() > 256 || !text.iter().all(plain) {
            return;
        }
        self.put(fact, |out| out.extend_from_slice(text));
    }

    /// Sets a fact to what a string says, if there is one.
    pub(super) fn set_text(&mut self, fact: Fact, value: Option<Value<'_>>) {
        if let Some(value) = value.filter(|value| value.kind() == Kind::String) {
            value.read(|text| self.set(fact, text));
        }
    }

    fn put(&mut self, fact: Fact, write: impl FnOnce(&mut Vec<u8>)) {
        let start = self.text.len() as u32;
        write(&mut self.text);
        self.now.places[fact as usize] = (start, self.text.len() as u32);
    }

    /// Whether no envelope said anything.
    pub(crate) fn is_bare(&self) -> bool {
        self.text.is_empty()
    }

    /// The fact, if an envelope said it.
    pub(crate) fn get(&self, fact: Fact) -> Option<&[u8]> {
        let (start, end) = self.now.places[fact as usize];
        (start != end).then(|| &self.text[start as usize..end as usize])
    }

    /// When the record was written.
    pub(crate) fn time(&self) -> Option<Timestamp<'_>> {
        self.get(Fact::Time).and_then(Timestamp::read)
    }

    /// Whether the log service cut the event off: what stood behind the cut is not known.
    pub(crate) fn cut(&self) -> bool {
        self.now.cut
    }

    /// Whether the record holds another event that says something else.
    pub(crate) fn contradicted(&self) -> bool {
        self.now.contradicted
    }

    /// Whether the record says that its lines are no API server's.
    pub(super) fn foreign(&self) -> bool {
        self.now.foreign
    }

    pub(super) fn mark_foreign(&mut self) {
        self.now.foreign = true;
    }

    pub(super) fn mark_cut(&mut self) {
        self.now.cut = true;
    }

    pub(super) fn mark_contradicted(&mut self) {
        self.now.contradicted = true;
    }

    /// The cloud whose envelope this is. What envelopes of another one said holds no longer.
    pub(super) fn set_provider(&mut self, provider: &Provider) {
        if self.get(Fact::Provider).is_some_and(|known| known != provider.code) {
            let time = self.now.places[Fact::Time as usize];
            self.now.places = [(0, 0); FACTS];
            self.now.places[Fact::Time as usize] = time;
        }
        self.set(Fact::Provider, provider.code);
    }

    /// A time as text or as a number since 1970 in any unit.
    pub(super) fn set_time(&mut self, value: Option<Value<'_>>) {
        let Some(value) = value else { return };
        match value.kind() {
            Kind::String => value.read(|text| self.set_time_text(text)),
            Kind::Number => self.set_time_text(value.raw()),
            _ => {}
        }
    }

    /// The same from its text.
    pub(super) fn set_time_text(&mut self, text: &[u8]) {
        if let Some((seconds, nanos)) = epoch(text) {
            self.put(Fact::Time, |out| write_time(seconds, nanos, out));
            return;
        }
        // Data Explorer writes seven digits, Splunk the zone as a word.
        let text = text.strip_suffix(b" UTC").unwrap_or(text);
        if let Some(nanos) = Timestamp::read(text).and_then(Timestamp::unix_nanos) {
            let (seconds, nanos) =
                ((nanos / 1_000_000_000).cast_signed(), (nanos % 1_000_000_000) as u32);
            self.put(Fact::Time, |out| write_time(seconds, nanos, out));
        }
    }

    /// `/aws/eks/CLUSTER/cluster`, perhaps with `ACCOUNT:` before it.
    pub(super) fn eks_log_group(&mut self, group: &[u8]) {
        let (account, group) = match memchr::memchr(b':', group) {
            Some(colon) => (&group[..colon], &group[colon + 1..]),
            None => (&b""[..], group),
        };
        if let Some(rest) = group.strip_prefix(b"/aws/eks/") {
            self.set_provider(&super::provider::AWS);
            let name = rest.split(|b| *b == b'/').next().unwrap_or_default();
            self.set(Fact::ClusterName, name);
            self.set(Fact::Account, account);
        }
    }

    /// `/SUBSCRIPTIONS/S/RESOURCEGROUPS/G/PROVIDERS/MICROSOFT.CONTAINERSERVICE/MANAGEDCLUSTERS/C`
    pub(super) fn azure_resource(&mut self, id: &[u8]) {
        let mut segments = id.split(|b| *b == b'/').filter(|s| !s.is_empty());
        while let (Some(kind), Some(name)) = (segments.next(), segments.next()) {
            if kind.eq_ignore_ascii_case(b"subscriptions") {
                self.set_provider(&super::provider::AZURE);
                self.set_lower(Fact::Account, name);
            } else if kind.eq_ignore_ascii_case(b"microsoft.containerservice") {
                // providers/microsoft.containerservice/managedclusters/NAME: pairs are off by one
                if let Some(name) = segments.next() {
                    self.set_lower(Fact::ClusterName, name);
                }
            } else if kind.eq_ignore_ascii_case(b"managedclusters") {
                self.set_lower(Fact::ClusterName, name);
            }
        }
        self.set_lower(Fact::ClusterId, id);
    }

    /// Azure's names are the same in any case, and some of its services write them in capitals.
    fn set_lower(&mut self, fact: Fact, text: &[u8]) {
        let from = self.text.len();
        self.set(fact, text);
        self.text[from..].make_ascii_lowercase();
    }
}

/// Seconds and nanoseconds of a number since 1970 in seconds, milli-, micro- or nanoseconds, as
/// its size tells; `None` for anything that is no time of this century.
pub(super) fn epoch(text: &[u8]) -> Option<(i64, u32)> {
    let text = std::str::from_utf8(text).ok()?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.len() <= 19 && text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) || fraction.len() > 12 {
        return None;
    }
    let number: u64 = whole.parse().ok()?;
    let unit: u64 = match whole.len() {
        9 | 10 => 1,
        12 | 13 => 1_000,
        15 | 16 => 1_000_000,
        18 | 19 => 1_000_000_000,
        _ => return None,
    };
    let mut nanos = number % unit * (1_000_000_000 / unit);
    if unit == 1 {
        let padded = fraction.bytes().chain(std::iter::repeat(b'0')).take(9);
        nanos = padded.fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0'));
    }
    Some(((number / unit).cast_signed(), nanos as u32))
}

/// Appends a time after 1970 as RFC 3339 in UTC, with no digits after the second, six, like the
/// API server, or nine.
pub(super) fn write_time(seconds: i64, nanos: u32, out: &mut Vec<u8>) {
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Civil date from days, after Howard Hinnant's `civil_from_days`.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let mut padded = |number: i64, width: usize, before: &[u8]| {
        out.extend_from_slice(before);
        let at = out.len();
        decimal(number.unsigned_abs(), out);
        while out.len() - at < width {
            out.insert(at, b'0');
        }
    };
    padded(year, 4, b"");
    padded(month, 2, b"-");
    padded(day, 2, b"-");
    padded(second / 3_600, 2, b"T");
    padded(second / 60 % 60, 2, b":");
    padded(second % 60, 2, b":");
    match nanos {
        0 => {}
        nanos if nanos % 1_000 == 0 => padded(i64::from(nanos / 1_000), 6, b"."),
        nanos => padded(i64::from(nanos), 9, b"."),
    }
    out.push(b'Z');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_times_in_the_unit_their_size_tells() {
        for (number, time) in [
            ("1772445600", "2026-03-02T10:00:00Z"),
            ("1772445600.01", "2026-03-02T10:00:00.010000Z"),
            ("1772445600010", "2026-03-02T10:00:00.010000Z"),
            ("1772445600010001", "2026-03-02T10:00:00.010001Z"),
            ("1772445600010001234", "2026-03-02T10:00:00.010001234Z"),
            ("951782400", "2000-02-29T00:00:00Z"),
        ] {
            let (seconds, nanos) = epoch(number.as_bytes()).unwrap();
            let mut out = Vec::new();
            write_time(seconds, nanos, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), time, "{number}");
        }
        for number in ["", "12", "-1772445600", "1e9", "17724456000100012345", "1.2.3"] {
            assert_eq!(epoch(number.as_bytes()), None, "{number}");
        }
    }

    #[test]
    fn facts_end_with_their_envelope() {
        let mut envelope = Envelope::default();
        let outer = envelope.save();
        envelope.eks_log_group(b"111122223333:/aws/eks/blue/cluster");
        let inner = envelope.save();
        envelope.azure_resource(b"/subscriptions/s/resourcegroups/g/providers/microsoft.containerservice/managedclusters/green");
        assert_eq!(envelope.get(Fact::Account), Some(&b"s"[..]));
        assert_eq!(envelope.get(Fact::ClusterName), Some(&b"green"[..]));
        envelope.restore(&inner);
        assert_eq!(envelope.get(Fact::ClusterName), Some(&b"blue"[..]));
        assert_eq!(envelope.get(Fact::ClusterId), None);
        envelope.restore(&outer);
        assert_eq!(envelope.get(Fact::Provider), None);
    }
}
