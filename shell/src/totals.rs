//! Statistics under their names.

use std::fmt::Write as _;

use auditweir::Stats;

use crate::guard::Guard;

/// The totals of a host: what it shows as JSON, as a table or as metrics.
///
/// ```json
/// {"inputs":N,"bytesIn":N,"bytesOut":N,"events":N,"stubs":N,"rejected":N,"cut":N,"foreign":N,
///  "dropped":{REASON:N},"reasons":{REASON:N},"redactions":{RULE:N},"panics":N}
/// ```
///
/// Nothing in it comes from an event. `reasons` says why there were stubs and rejects. Members of
/// an object are in alphabetical order. A host may put counters of its own behind them.
#[derive(Clone, Debug)]
pub struct Totals {
    stats: Stats,
    rules: Vec<String>,
    panics: u64,
    more: Vec<(&'static str, u64)>,
}

impl Totals {
    /// The totals of one guard.
    pub fn of(guard: &Guard) -> Self {
        Self::new(guard.stats(), guard.policy().rule_names(), guard.panics())
    }

    /// Totals summed up by the host. `rules` are [`auditweir::CompiledPolicy::rule_names`].
    pub fn new(stats: Stats, rules: &[String], panics: u64) -> Self {
        Self { stats, rules: rules.to_vec(), panics, more: Vec::new() }
    }

    /// With a counter of the host's own.
    #[must_use]
    pub fn with(mut self, name: &'static str, count: u64) -> Self {
        self.more.push((name, count));
        self
    }

    /// Single counters.
    pub fn numbers(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let stats = &self.stats;
        [
            ("inputs", stats.inputs),
            ("bytesIn", stats.bytes_in),
            ("bytesOut", stats.bytes_out),
            ("events", stats.events),
            ("stubs", stats.stubs),
            ("rejected", stats.rejected),
            ("cut", stats.cut),
            ("foreign", stats.foreign),
        ]
        .into_iter()
    }

    /// Counters by name: those of drops, of stubs and rejects, and of rules that took values out.
    pub fn groups(&self) -> [(&'static str, Vec<(&str, u64)>); 3] {
        let rules =
            self.rules.iter().map(String::as_str).zip(self.stats.redactions.iter().copied());
        let mut groups = [
            ("dropped", self.stats.dropped.clone()),
            ("reasons", self.stats.reasons.clone()),
            ("redactions", rules.filter(|(_, count)| *count > 0).collect::<Vec<_>>()),
        ];
        for (_, members) in &mut groups {
            members.sort_unstable();
        }
        groups
    }

    /// Counters behind the groups: caught panics, then those of the host.
    pub fn others(&self) -> impl Iterator<Item = (&'static str, u64)> {
        std::iter::once(("panics", self.panics)).chain(self.more.iter().copied())
    }

    /// The totals as one JSON object, without a newline.
    pub fn to_json(&self) -> String {
        let mut text = String::from("{");
        // Names are words of the library and checked rule names: nothing to escape.
        for (name, count) in self.numbers() {
            _ = write!(text, "\"{name}\":{count},");
        }
        for (name, members) in self.groups() {
            let members: Vec<String> =
                members.iter().map(|(name, count)| format!("\"{name}\":{count}")).collect();
            _ = write!(text, "\"{name}\":{{{}}},", members.join(","));
        }
        for (name, count) in self.others() {
            _ = write!(text, "\"{name}\":{count},");
        }
        text.pop();
        text.push('}');
        text
    }
}

#[cfg(test)]
mod tests {
    use auditweir::Format;

    use super::*;
    use crate::{Ready, default_policy};

    #[test]
    fn one_shape() {
        let policy = default_policy().unwrap();
        let mut guard = Guard::new(Ready { policy, format: Format::Native });
        guard.apply(b"42", &mut Vec::new());
        let text = Totals::of(&guard).with("unreadableFiles", 3).to_json();
        let bytes = guard.stats().bytes_out;
        assert_eq!(
            text,
            format!(
                "{{\"inputs\":1,\"bytesIn\":2,\"bytesOut\":{bytes},\"events\":0,\"stubs\":0,\
                 \"rejected\":1,\"cut\":0,\"foreign\":0,\"dropped\":{{}},\"reasons\":{{\"not-an-audit-event\":1}},\
                 \"redactions\":{{}},\"panics\":0,\"unreadableFiles\":3}}"
            )
        );
    }
}
