//! What a security team looks at first: the panels of the dashboards, one table for all of them.
//!
//! Conditions are over fields of [`crate::fields`]. They are data, so that each reader makes of
//! them what it needs: a query in Lucene syntax ([`Panel::query`]), which Kibana and OpenSearch
//! Dashboards both take, or an answer about one document ([`Panel::matches`]).

/// What one panel shows of which documents.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Panel {
    /// Stable kebab-case name, part of the ids of saved objects.
    pub id: &'static str,
    /// Headline.
    pub title: &'static str,
    /// What to look for, in a sentence.
    pub about: &'static str,
    /// A document is shown when all of these hold; no clause holds for every document.
    pub all: &'static [Clause],
    /// How it is counted.
    pub shape: Shape,
}

/// A condition on one field.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Clause {
    /// Dotted name.
    pub field: &'static str,
    /// Holds when a value of the field is one of these, in decimal for numbers; with none listed,
    /// when the field has a value.
    pub any: &'static [&'static str],
    /// Turns it round.
    pub not: bool,
}

/// How documents are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Shape {
    /// Over time by `@timestamp`, divided by the values of a field.
    OverTime {
        /// That field.
        by: &'static str,
    },
    /// The most frequent combinations of the values of some fields. The first field's values rank;
    /// a document without one of the others counts as [`NONE`] there.
    Top {
        /// Keyword fields, outermost first.
        rows: &'static [&'static str],
        /// How many values of the first.
        most: u32,
    },
}

/// Stands for a field without a value.
pub const NONE: &str = "(none)";

impl Panel {
    /// The conditions in Lucene query syntax: `field:("a" OR "b") AND NOT _exists_:other`.
    pub fn query(&self) -> String {
        let mut query = String::new();
        for clause in self.all {
            if !query.is_empty() {
                query.push_str(" AND ");
            }
            if clause.not {
                query.push_str("NOT ");
            }
            if clause.any.is_empty() {
                query.push_str("_exists_:");
                query.push_str(clause.field);
            } else {
                query.push_str(clause.field);
                query.push_str(":(");
                for (at, value) in clause.any.iter().enumerate() {
                    query.push_str(if at > 0 { " OR \"" } else { "\"" });
                    query.push_str(value);
                    query.push('"');
                }
                query.push(')');
            }
        }
        query
    }

    /// Whether a document belongs to the panel. `values` gives the values of a field as texts.
    pub fn matches<'a, V: IntoIterator<Item = &'a str>>(
        &self,
        values: impl Fn(&'static str) -> V,
    ) -> bool {
        self.all.iter().all(|clause| {
            let mut values = values(clause.field).into_iter();
            let holds = if clause.any.is_empty() {
                values.next().is_some()
            } else {
                values.any(|value| clause.any.contains(&value))
            };
            holds != clause.not
        })
    }
}

const fn is(field: &'static str, any: &'static [&'static str]) -> Clause {
    Clause { field, any, not: false }
}

const fn has(field: &'static str) -> Clause {
    Clause { field, any: &[], not: false }
}

const RESOURCE: &str = "orchestrator.resource.type";
const NAMESPACE: &str = "orchestrator.namespace";
const NAME: &str = "orchestrator.resource.name";
const SUBRESOURCE: &str = "kubernetes.audit.objectRef.subresource";
const ACTION: &str = "kubernetes.audit.action";
/// What others call `secrets` is none.
const OF_CORE: Clause =
    Clause { field: "kubernetes.audit.objectRef.apiGroup", any: &[], not: true };
const WRITES: Clause =
    is("event.action", &["create", "update", "patch", "delete", "deletecollection"]);

const fn over_time(by: &'static str) -> Shape {
    Shape::OverTime { by }
}

const fn top(rows: &'static [&'static str]) -> Shape {
    Shape::Top { rows, most: 20 }
}

/// All panels, in the order of the dashboard.
pub const PANELS: &[Panel] = &[
    Panel {
        id: "events",
        title: "Events by outcome",
        about: "Volume; a gap is as telling as a peak.",
        all: &[],
        shape: over_time("event.outcome"),
    },
    Panel {
        id: "codes",
        title: "Answers by code",
        about: "4xx from one client: probing, or a broken controller.",
        all: &[has("http.response.status_code")],
        shape: over_time("http.response.status_code"),
    },
    Panel {
        id: "denied",
        title: "Denied requests",
        about: "By what denied them: authentication, authorization, admission, quota.",
        all: &[has("kubernetes.audit.denied_by")],
        shape: over_time("kubernetes.audit.denied_by"),
    },
    Panel {
        id: "denied-who",
        title: "Who was denied what",
        about: "Refusals by authentication or authorization.",
        all: &[is("event.type", &["denied"])],
        shape: top(&["user.name", ACTION]),
    },
    Panel {
        id: "exec",
        title: "Exec, attach, port-forward, proxy",
        about: "Sessions into pods, services and nodes.",
        all: &[is(SUBRESOURCE, &["exec", "attach", "portforward", "proxy"])],
        shape: top(&["user.name", SUBRESOURCE, NAMESPACE, NAME]),
    },
    Panel {
        id: "exec-commands",
        title: "Words of executed commands",
        about: "Shells, download tools, paths of credentials.",
        all: &[has("process.args")],
        shape: top(&["process.args", "user.name"]),
    },
    Panel {
        id: "secrets",
        title: "Access to Secrets",
        about: "Reads and lists by people, or by workloads that need none.",
        all: &[is(RESOURCE, &["secrets"]), OF_CORE],
        shape: top(&["user.name", "event.action", NAMESPACE]),
    },
    Panel {
        id: "tokens",
        title: "Tokens issued",
        about: "Service account tokens asked for through the API.",
        all: &[is(RESOURCE, &["serviceaccounts"]), is(SUBRESOURCE, &["token"])],
        shape: top(&["user.name", "user.target.name"]),
    },
    Panel {
        id: "rbac",
        title: "Changes of roles and bindings",
        about: "Who widens whose rights.",
        all: &[is("kubernetes.audit.objectRef.apiGroup", &["rbac.authorization.k8s.io"]), WRITES],
        shape: top(&["user.name", ACTION, NAME]),
    },
    Panel {
        id: "roles-given",
        title: "Roles given",
        about: "Roles named in new bindings, and to whom.",
        all: &[has("user.target.roles")],
        shape: top(&["user.target.roles", "user.target.name"]),
    },
    Panel {
        id: "extensions",
        title: "Changes of admission and extensions",
        about: "Webhooks, admission policies, custom resources, aggregated APIs, certificates.",
        all: &[
            is(
                RESOURCE,
                &[
                    "mutatingwebhookconfigurations",
                    "validatingwebhookconfigurations",
                    "validatingadmissionpolicies",
                    "validatingadmissionpolicybindings",
                    "mutatingadmissionpolicies",
                    "mutatingadmissionpolicybindings",
                    "customresourcedefinitions",
                    "apiservices",
                    "certificatesigningrequests",
                ],
            ),
            WRITES,
        ],
        shape: top(&["user.name", ACTION, NAME]),
    },
    Panel {
        id: "actors",
        title: "Top actors",
        about: "Who calls most, and what kind of actor it is.",
        all: &[],
        shape: top(&["user.name", "kubernetes.audit.user.type"]),
    },
    Panel {
        id: "people",
        title: "What people do",
        about: "Actors that are human.",
        all: &[is("kubernetes.audit.user.is_human", &["true"])],
        shape: top(&["user.name", ACTION]),
    },
    Panel {
        id: "anonymous",
        title: "Anonymous requests",
        about: "Beyond health checks there should be none that succeed.",
        all: &[is("kubernetes.audit.user.type", &["anonymous"])],
        shape: top(&["source.address", ACTION, "event.outcome"]),
    },
    Panel {
        id: "impersonation",
        title: "Impersonation",
        about: "Who acts as whom.",
        all: &[has("user.effective.name")],
        shape: top(&["user.name", "user.effective.name"]),
    },
    Panel {
        id: "sources",
        title: "Where requests come from",
        about: "Peer addresses, which clients cannot set.",
        all: &[has("source.address")],
        shape: top(&["source.address", "user.name"]),
    },
    Panel {
        id: "clients",
        title: "Clients",
        about: "Programs and versions; curl and python are worth a look.",
        all: &[has("user_agent.name")],
        shape: top(&["user_agent.name", "user_agent.version"]),
    },
    Panel {
        id: "images",
        title: "Images",
        about: "Images of containers that were asked for.",
        all: &[has("container.image.name")],
        shape: top(&["container.image.name", NAMESPACE]),
    },
    Panel {
        id: "redactions",
        title: "Redactions",
        about: "Events that something was taken out of, by rule.",
        all: &[has("kubernetes.audit.redaction.rules")],
        shape: over_time("kubernetes.audit.redaction.rules"),
    },
    Panel {
        id: "redactions-where",
        title: "Where secrets were found",
        about: "Rules and resources; a detector's name at a resource of yours is worth fixing.",
        all: &[has("kubernetes.audit.redaction.rules")],
        shape: top(&["kubernetes.audit.redaction.rules", RESOURCE]),
    },
    Panel {
        id: "stubs",
        title: "Inputs that could not be read",
        about: "Stubs by reason; there should be none.",
        all: &[is("event.kind", &["pipeline_error"])],
        shape: top(&["auditweir.stub"]),
    },
];

/// Panels about alerts, over the documents of `logs-auditweir.alerts-*`.
pub const ALERT_PANELS: &[Panel] = &[
    Panel {
        id: "severity",
        title: "Alerts by severity",
        about: "1 informational, 21 low, 47 medium, 73 high, 99 critical.",
        all: &[],
        shape: over_time("event.severity"),
    },
    Panel {
        id: "rules",
        title: "Rules",
        about: "What was found; one that leads by far wants an exception.",
        all: &[],
        shape: top(&["rule.name", "rule.category", "event.outcome"]),
    },
    Panel {
        id: "worst",
        title: "High and critical",
        about: "What to look at first, and whose it is.",
        all: &[is("event.severity", &["73", "99"])],
        shape: top(&["rule.name", "user.name", "auditweir.target"]),
    },
    Panel {
        id: "actors",
        title: "Who",
        about: "One actor with many rules is a story.",
        all: &[has("user.name")],
        shape: top(&["user.name", "auditweir.actor.kind", "rule.name"]),
    },
    Panel {
        id: "tactics",
        title: "Tactics of ATT&CK",
        about: "How far somebody has come.",
        all: &[has("threat.tactic.name")],
        shape: over_time("threat.tactic.name"),
    },
    Panel {
        id: "techniques",
        title: "Techniques of ATT&CK",
        about: "By technique, with the rules that name it.",
        all: &[has("threat.technique.id")],
        shape: top(&["threat.technique.id", "rule.name"]),
    },
    Panel {
        id: "targets",
        title: "Where",
        about: "Clusters and namespaces.",
        all: &[],
        shape: top(&["orchestrator.namespace", "orchestrator.resource.type", "rule.name"]),
    },
    Panel {
        id: "refused",
        title: "Refused",
        about: "What somebody tried and was not let do.",
        all: &[is("auditweir.outcome", &["refused"])],
        shape: top(&["user.name", "rule.name"]),
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emit::Format;
    use crate::emit::fields::FieldType;

    #[test]
    fn panels_ask_for_fields_that_there_are() {
        let fields = Format::Ecs.fields();
        let kind = |name: &str| {
            fields.iter().find(|field| field.name == name).unwrap_or_else(|| panic!("{name}")).kind
        };
        for (at, panel) in PANELS.iter().enumerate() {
            assert!(PANELS[..at].iter().all(|other| other.id != panel.id), "{}", panel.id);
            for clause in panel.all {
                assert_ne!(kind(clause.field), FieldType::Flattened);
                for value in clause.any {
                    assert!(!value.contains(['"', '\\']), "{value} needs escapes");
                }
            }
            match panel.shape {
                Shape::OverTime { by } => {
                    assert!(matches!(kind(by), FieldType::Keyword | FieldType::Long), "{by}");
                }
                Shape::Top { rows, .. } => {
                    for row in rows {
                        assert_eq!(kind(row), FieldType::Keyword, "{row}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_query_and_a_match_say_the_same() {
        const ALL: &[Clause] =
            &[is("a", &["1", "2"]), has("b"), Clause { field: "c", any: &["x"], not: true }];
        let panel = Panel { id: "x", title: "X", about: "", all: ALL, shape: over_time("a") };
        assert_eq!(panel.query(), r#"a:("1" OR "2") AND _exists_:b AND NOT c:("x")"#);
        let matches = |a: &[&'static str], b: &[&'static str], c: &[&'static str]| {
            panel.matches(|field| match field {
                "a" => a.to_vec(),
                "b" => b.to_vec(),
                _ => c.to_vec(),
            })
        };
        assert!(matches(&["3", "2"], &["y"], &[]));
        assert!(!matches(&["3"], &["y"], &[]));
        assert!(!matches(&["1"], &[], &[]));
        assert!(!matches(&["1"], &["y"], &["z", "x"]));
        assert_eq!(PANELS[0].query(), "");
        assert!(PANELS[0].matches(|_| None::<&str>));
    }
}
