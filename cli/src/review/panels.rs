//! From counters to panels.

use auditweir::Stats;
use auditweir::detect::Detector;
use auditweir::rules::Severity;

use super::counts::Counts;
use super::findings::Findings;
use super::plain;
use super::report::{Cell, Panel, Report, Table, share};
use super::savings::positive;
use super::suggestion::{self, Scales};
use super::tables::Measure::{Bytes, Events, Failed, Refused, Requests};
use super::tables::{alert, figure, listing, ranking, table};
use super::tally::Tally;
use super::top::PLACES;

/// Most bars of the drawing over time.
const BARS: usize = 96;

/// What a run has seen.
pub(super) struct Seen<'a> {
    pub(super) sources: Vec<String>,
    /// What the report does not rest on, although it was asked for.
    pub(super) warnings: Vec<String>,
    pub(super) unreadable: u64,
    pub(super) findings: &'a Findings,
    pub(super) tally: &'a Tally,
    pub(super) scales: &'a Scales,
    pub(super) stats: &'a Stats,
    /// Names of redaction rules, in the order of the statistics.
    pub(super) rule_names: &'a [String],
    /// Rows per list.
    pub(super) rows: usize,
}

const USER: (&str, &str) = ("user", "User");
const VERB: (&str, &str) = ("verb", "Verb");

impl Seen<'_> {
    /// The report.
    pub(super) fn report(&self) -> Report {
        let Self { tally, scales, stats, .. } = self;
        let redactions: u64 = stats.redactions.iter().sum();
        let saving = if scales.raised == 0 {
            "could be saved"
        } else {
            "could be saved, bodies that are not in it left aside"
        };
        Report {
            sources: self.sources.iter().map(|name| plain::visible(name)).collect(),
            warnings: self.warnings.iter().map(|text| plain::visible(text)).collect(),
            span: tally.volume.span,
            figures: vec![
                figure("events", "events", Cell::Count(tally.all.events)),
                figure("bytes", "after filter", Cell::Bytes(tally.all.bytes)),
                alert("findings", "high findings", self.findings.matches(Severity::High)),
                alert("refused", "refused", tally.all.refused),
                alert("sessions", "sessions", sum(tally).requests),
                figure("secretRequests", "secret requests", {
                    Cell::Count(tally.secrets.total.requests)
                }),
                alert("rbacChanges", "RBAC changes", tally.grants.total.requests),
                figure("redactions", "redactions", Cell::Count(redactions)),
                figure("saving", saving, {
                    share(positive(&scales.by_both), scales.by_both.before)
                }),
            ],
            volume: tally.volume.draw(BARS),
            undated: tally.volume.undated,
            panels: vec![
                self.findings.panel(self.rows),
                self.denied(),
                self.sessions(),
                self.secrets(),
                self.rbac(),
                self.redactions(),
                self.actors(),
                self.clients(),
                self.what(),
                self.noise(),
                self.input(),
                self.suggestion(),
            ],
            audit_policy: suggestion::audit_policy(),
            policy: suggestion::auditweir_policy(),
            notes: self.notes(),
        }
    }

    fn denied(&self) -> Panel {
        let tally = self.tally;
        let names = |code: &u16| if *code == 0 { "none".into() } else { code.to_string() };
        Panel {
            key: "denied",
            title: "Refused and failed",
            about: "Refused: forbidden or not authenticated. Failed: any other error.".into(),
            figures: vec![
                alert("refused", "refused", tally.all.refused),
                figure("failed", "failed", Cell::Count(tally.all.failed)),
            ],
            tables: vec![
                ranking(
                    ("refusals", "Most refused"),
                    &tally.refusals,
                    &[USER, VERB, ("resource", "Resource")],
                    &[Events],
                    self.rows,
                ),
                listing(
                    ("byCode", "By HTTP code"),
                    ("code", "Code"),
                    tally.codes.iter().map(|(code, counts)| (names(code), counts)),
                    &[Events],
                ),
                listing(
                    ("byDenier", "By who said no"),
                    ("deniedBy", "Part"),
                    tally.denied_by.iter().map(|(part, counts)| {
                        (if *part == "none" { "not said" } else { part }.to_owned(), counts)
                    }),
                    &[Events],
                ),
            ],
            wide: false,
        }
    }

    fn sessions(&self) -> Panel {
        let tally = self.tally;
        Panel {
            key: "sessions",
            title: "Exec, attach, port-forward, proxy",
            about: "Ways into running pods and through nodes and services.".into(),
            figures: tally
                .session_kinds
                .iter()
                .map(|(kind, counts)| alert(kind, kind, counts.requests))
                .collect(),
            tables: vec![ranking(
                ("sessions", "Who went where"),
                &tally.sessions,
                &[USER, ("kind", "Kind"), ("target", "Target")],
                &[Requests, Refused],
                self.rows,
            )],
            wide: false,
        }
    }

    fn secrets(&self) -> Panel {
        let tally = self.tally;
        Panel {
            key: "secrets",
            title: "Access to Secrets",
            about: "Requests for Secrets of any verb, refused ones included.".into(),
            figures: vec![
                figure("requests", "requests", Cell::Count(tally.secrets.total.requests)),
                alert("refused", "refused", tally.secrets.total.refused),
            ],
            tables: vec![
                ranking(
                    ("users", "By user"),
                    &tally.secret_users,
                    &[USER],
                    &[Requests, Refused],
                    self.rows,
                ),
                ranking(
                    ("targets", "By Secret"),
                    &tally.secrets,
                    &[("target", "Secret")],
                    &[Requests, Refused],
                    self.rows,
                ),
                ranking(
                    ("verbs", "By verb"),
                    &tally.secret_verbs,
                    &[VERB],
                    &[Requests, Refused],
                    self.rows,
                ),
            ],
            wide: false,
        }
    }

    fn rbac(&self) -> Panel {
        let tally = self.tally;
        Panel {
            key: "rbac",
            title: "RBAC changes and impersonation",
            about: "Writes of roles and bindings; requests made in another's name.".into(),
            figures: vec![
                alert("changes", "changes", tally.grants.total.requests),
                alert("impersonated", "impersonated", tally.impersonations.total.requests),
            ],
            tables: vec![
                ranking(
                    ("changes", "Who changed what"),
                    &tally.grants,
                    &[USER, VERB, ("object", "Object")],
                    &[Requests, Refused],
                    self.rows,
                ),
                ranking(
                    ("impersonations", "Who acted as whom"),
                    &tally.impersonations,
                    &[USER, ("effectiveUser", "As")],
                    &[Requests, Refused],
                    self.rows,
                ),
            ],
            wide: false,
        }
    }

    fn actors(&self) -> Panel {
        let tally = self.tally;
        Panel {
            key: "actors",
            title: "Top actors",
            about: "Authenticated users, not those they impersonate.".into(),
            figures: Vec::new(),
            tables: vec![
                ranking(
                    ("users", "By user"),
                    &tally.actors,
                    &[USER],
                    &[Events, Bytes, Refused],
                    self.rows,
                ),
                ranking(
                    ("kinds", "By kind of user"),
                    &tally.actor_kinds,
                    &[("kind", "Kind")],
                    &[Events, Bytes, Refused],
                    self.rows,
                ),
            ],
            wide: false,
        }
    }

    fn clients(&self) -> Panel {
        Panel {
            key: "clients",
            title: "Top clients",
            about: "User agents, which clients write as they like.".into(),
            figures: Vec::new(),
            tables: vec![ranking(
                ("clients", "By client"),
                &self.tally.clients,
                &[("client", "Client"), ("version", "Version")],
                &[Events, Refused, Failed],
                self.rows,
            )],
            wide: false,
        }
    }

    fn what(&self) -> Panel {
        let tally = self.tally;
        Panel {
            key: "requests",
            title: "Verbs, resources, levels",
            about: "What was asked for, and how much the audit policy in force records.".into(),
            figures: Vec::new(),
            tables: vec![
                ranking(
                    ("resources", "By resource"),
                    &tally.resources,
                    &[("resource", "Resource"), ("apiGroup", "API group")],
                    &[Events, Bytes],
                    self.rows,
                ),
                ranking(("verbs", "By verb"), &tally.verbs, &[VERB], &[Events, Bytes], self.rows),
                listing(
                    ("levels", "By level"),
                    ("level", "Level"),
                    tally.levels.iter().map(|(name, counts)| ((*name).to_owned(), counts)),
                    &[Events, Bytes],
                ),
                listing(
                    ("stages", "By stage"),
                    ("stage", "Stage"),
                    tally.stages.iter().map(|(name, counts)| ((*name).to_owned(), counts)),
                    &[Events, Bytes],
                ),
            ],
            wide: false,
        }
    }

    fn redactions(&self) -> Panel {
        let found = || self.rule_names.iter().zip(&self.stats.redactions).filter(|(_, n)| **n > 0);
        let by = |key, title, detectors: bool| {
            let mut rows: Vec<(&String, &u64)> =
                found().filter(|(name, _)| name.parse::<Detector>().is_ok() == detectors).collect();
            rows.sort_by_key(|(name, count)| (std::cmp::Reverse(**count), name.as_str()));
            let columns =
                [("rule", if detectors { "Detector" } else { "Rule" }), ("values", "Values")];
            let row = |(name, count): (&String, &u64)| {
                vec![Cell::Text(name.clone()), Cell::Count(*count)]
            };
            let rows = rows.into_iter().map(row);
            Table { bars: Some(1), ..table((key, title), &columns, rows, usize::MAX) }
        };
        Panel {
            key: "redactions",
            title: "Redactions",
            about: "Values taken out before this report, by the rule that knew the place or the \
                    detector that knew the value."
                .into(),
            figures: vec![figure("values", "values", {
                Cell::Count(self.stats.redactions.iter().sum())
            })],
            tables: vec![
                by("rules", "By rule", false).small(),
                by("detectors", "By detector", true).small(),
            ],
            wide: false,
        }
    }

    fn input(&self) -> Panel {
        let stats = self.stats;
        let mut reasons = stats.reasons.clone();
        reasons.sort_by_key(|(name, count)| (std::cmp::Reverse(*count), *name));
        Panel {
            key: "input",
            title: "Input",
            about: "What was read. A stub stands for an event that could not be judged, a reject \
                    for a line that is no audit event."
                .into(),
            figures: vec![
                figure("inputs", "lines or documents", Cell::Count(stats.inputs)),
                figure("bytesRead", "read", Cell::Bytes(stats.bytes_in)),
                figure("events", "events", Cell::Count(stats.events)),
                alert("stubs", "stubs", stats.stubs),
                alert("rejected", "rejects", stats.rejected),
                alert("unreadableFiles", "unreadable files", self.unreadable),
            ],
            tables: vec![Table {
                bars: Some(1),
                ..table(
                    ("reasons", "Why there are stubs and rejects"),
                    &[("reason", "Reason"), ("inputs", "Inputs")],
                    reasons
                        .into_iter()
                        .map(|(name, count)| vec![Cell::Text(name.to_owned()), Cell::Count(count)]),
                    usize::MAX,
                )
            }],
            wide: false,
        }
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = vec![
            "An event is one stage of a request. Requests count once; one that lasts (a watch, a \
             session) also while it lasts."
                .to_owned(),
            "Bytes are those that `auditweir filter` writes in its native shape with the policy in \
             use, line ends included: the log after redaction. Times are UTC, of the stage."
                .to_owned(),
            format!(
                "Counts are exact, but for lists of more than {PLACES} names, which say so: there, a \
                 name more frequent than one event in {PLACES} is never missing, and ≥ marks a lower \
                 bound. Names are cut after {} characters and then counted together.",
                plain::LONGEST
            ),
            "Savings are measured event by event; events that came in lists (EventList, cloud \
             envelopes) are weighed as filter wrote them, which says rather too little."
                .to_owned(),
        ];
        if self.tally.unread > 0 {
            notes.push(format!(
                "{} documents could not be read back and count only as events and bytes.",
                self.tally.unread
            ));
        }
        notes
    }
}

fn sum(tally: &Tally) -> Counts {
    let mut sum = Counts::default();
    tally.session_kinds.values().for_each(|counts| sum.add(counts));
    sum
}
