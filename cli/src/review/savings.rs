//! The panels of what could be left out: noise, and the suggested audit policy.

use auditweir::decide::noise_rules;

use super::panels::Seen;
use super::report::{Cell, Column, Panel, Table, share};
use super::suggestion::{RULES, Weight};
use super::tables::figure;

impl Seen<'_> {
    pub(super) fn noise(&self) -> Panel {
        let scales = self.scales;
        let all = scales.by_both;
        let mut rows: Vec<(&str, &Weight)> = scales
            .noise
            .iter()
            .filter(|(_, weight)| weight.events > 0)
            .map(|(name, weight)| (*name, weight))
            .collect();
        rows.sort_by_key(|(_, weight)| std::cmp::Reverse(weight.events));
        let mut tables = vec![Table {
            key: "rules",
            title: "What the default noise rules would drop, with the audit policy below",
            columns: vec![
                Column { key: "rule", title: "Noise rule" },
                Column { key: "events", title: "Events" },
                Column { key: "share", title: "of all" },
            ],
            rows: rows
                .into_iter()
                .map(|(name, weight)| {
                    vec![
                        Cell::Text(name.to_owned()),
                        Cell::Count(weight.events),
                        share(weight.events, all.events),
                    ]
                })
                .collect(),
            bars: Some(1),
            more: None,
            sum: None,
            small: false,
        }];
        if !self.stats.dropped.is_empty() {
            let mut dropped = self.stats.dropped.clone();
            dropped.sort_by_key(|(name, count)| (std::cmp::Reverse(*count), *name));
            tables.push(Table {
                key: "dropped",
                title: "Dropped by the policy in use, not in this report",
                columns: vec![
                    Column { key: "reason", title: "Reason" },
                    Column { key: "events", title: "Events" },
                ],
                rows: dropped
                    .into_iter()
                    .map(|(name, count)| vec![Cell::Text(name.to_owned()), Cell::Count(count)])
                    .collect(),
                bars: Some(1),
                more: None,
                sum: None,
                small: false,
            });
        }
        let events: u64 = scales.noise.iter().map(|(_, weight)| weight.events).sum();
        Panel {
            key: "noise",
            title: "Noise",
            about:
                "What the platform says to itself. Refused requests, sessions, Secrets, RBAC and \
                    impersonation are never noise."
                    .into(),
            figures: vec![figure("events", "events", Cell::Count(events))],
            tables,
            wide: false,
        }
    }

    pub(super) fn suggestion(&self) -> Panel {
        let scales = self.scales;
        let now = scales.by_policy.before;
        let columns = |name| {
            vec![
                Column { key: "rule", title: name },
                Column { key: "about", title: "What it is" },
                Column { key: "events", title: "Events" },
                Column { key: "changed", title: "Changed" },
                Column { key: "bytes", title: "Bytes" },
                Column { key: "share", title: "of all" },
                Column { key: "saved", title: "Saved" },
                Column { key: "savedShare", title: "of all" },
            ]
        };
        let row = |name: &str, about: &str, weight: &Weight| {
            vec![
                Cell::Text(name.to_owned()),
                Cell::Text(about.to_owned()),
                Cell::Count(weight.events),
                Cell::Count(weight.changed),
                Cell::Bytes(weight.before),
                share(weight.before, now),
                Cell::Saved(weight.saved()),
                share(positive(weight), now),
            ]
        };
        let mut rules: Vec<Vec<Cell>> = RULES
            .iter()
            .zip(&scales.rules)
            .map(|(rule, weight)| row(rule.name, rule.why, weight))
            .collect();
        if scales.stubs.events > 0 {
            rules.push(row("(stubs)", "kept whole: nothing can be said of them", &scales.stubs));
        }
        let description = |name: &str| {
            noise_rules().find(|rule| rule.name == name).map_or("", |rule| rule.description)
        };
        let mut noise_sum = Weight::default();
        for (_, weight) in &scales.noise {
            noise_sum.events += weight.events;
            noise_sum.changed += weight.changed;
            noise_sum.before += weight.before;
            noise_sum.after += weight.after;
        }
        let noise = scales.noise.iter().filter(|(_, weight)| weight.events > 0);
        let mut figures = vec![
            figure("bytesNow", "now", Cell::Bytes(now)),
            figure("bytesWithPolicy", "with the audit policy", Cell::Bytes(scales.by_policy.after)),
            figure("bytesWithNoise", "with noise rules, too", Cell::Bytes(scales.by_both.after)),
            figure("saving", "saved", share(positive(&scales.by_both), now)),
        ];
        if scales.raised > 0 {
            // Else a log at Metadata looks as if bodies cost nothing.
            figures.push(figure(
                "raised",
                "events would come with bodies that this log does not have and nobody could weigh",
                Cell::Count(scales.raised),
            ));
        }
        Panel {
            key: "suggestion",
            title: "What a suggested audit policy would save",
            about:
                "Measured: both policies were run over the same events. The audit policy lowers \
                    levels and leaves out the stage RequestReceived, of which a later one tells \
                    again; the noise rules then drop what no investigation needs."
                    .into(),
            figures,
            tables: vec![
                Table {
                    key: "rules",
                    title: "By rule of the audit policy",
                    columns: columns("Rule"),
                    rows: rules,
                    bars: None,
                    more: None,
                    sum: Some(row("All", "", &scales.by_policy)),
                    small: false,
                },
                Table {
                    key: "noise",
                    title: "On top, by noise rule",
                    columns: columns("Noise rule"),
                    rows: noise
                        .map(|(name, weight)| row(name, description(name), weight))
                        .collect(),
                    bars: None,
                    more: None,
                    sum: Some(row("All", "", &noise_sum)),
                    small: false,
                },
            ],
            wide: true,
        }
    }
}

/// Bytes saved, none where it costs.
pub(super) fn positive(weight: &Weight) -> u64 {
    weight.before.saturating_sub(weight.after)
}
