//! What the panels need of an event, read from the ECS document that `filter` makes of it.
//!
//! So nothing is judged twice: outcome, client name and the rest are what the library says they
//! are, and what belongs to a panel is asked of the table that the dashboards are made of.

use std::borrow::Cow;
use std::fmt;
use std::slice::from_ref;

use auditweir::panels::{PANELS, Panel};

use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// An ECS document. What it does not hold is empty.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Document<'a> {
    #[serde(borrow, rename = "@timestamp")]
    time: Text<'a>,
    #[serde(borrow)]
    tags: Vec<Text<'a>>,
    #[serde(borrow)]
    pub(super) event: Happened<'a>,
    #[serde(borrow)]
    pub(super) user: User<'a>,
    #[serde(borrow)]
    pub(super) user_agent: Agent<'a>,
    pub(super) http: Http,
    #[serde(borrow)]
    pub(super) orchestrator: Orchestrator<'a>,
    #[serde(borrow)]
    pub(super) kubernetes: Kubernetes<'a>,
    /// Outermost in stubs only.
    pub(super) auditweir: Option<IgnoredAny>,
}

/// `event`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Happened<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow, rename = "type")]
    pub(super) kind: Vec<Text<'a>>,
    /// The verb.
    #[serde(borrow)]
    pub(super) action: Text<'a>,
    #[serde(borrow)]
    pub(super) outcome: Text<'a>,
    /// The stage.
    #[serde(borrow)]
    pub(super) code: Text<'a>,
}

/// `user`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct User<'a> {
    #[serde(borrow)]
    pub(super) name: Text<'a>,
    #[serde(borrow)]
    pub(super) effective: Effective<'a>,
}

/// `user.effective`: who is impersonated.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Effective<'a> {
    #[serde(borrow)]
    pub(super) name: Text<'a>,
}

/// `user_agent`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Agent<'a> {
    #[serde(borrow)]
    pub(super) original: Text<'a>,
    #[serde(borrow)]
    pub(super) name: Text<'a>,
    #[serde(borrow)]
    pub(super) version: Text<'a>,
}

/// `http`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Http {
    pub(super) response: Response,
}

/// `http.response`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Response {
    pub(super) status_code: u16,
}

/// `orchestrator`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Orchestrator<'a> {
    #[serde(borrow)]
    pub(super) namespace: Text<'a>,
    #[serde(borrow)]
    pub(super) resource: Resource<'a>,
}

/// `orchestrator.resource`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Resource<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Text<'a>,
    /// Also when only the answer tells.
    #[serde(borrow)]
    pub(super) name: Text<'a>,
}

/// `kubernetes`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Kubernetes<'a> {
    #[serde(borrow)]
    pub(super) audit: Audit<'a>,
}

/// `kubernetes.audit`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Audit<'a> {
    #[serde(borrow)]
    pub(super) level: Text<'a>,
    #[serde(borrow)]
    pub(super) user: AuditUser<'a>,
    #[serde(borrow, rename = "objectRef")]
    pub(super) object: ObjectRef<'a>,
    #[serde(borrow)]
    pub(super) denied_by: Text<'a>,
}

/// `kubernetes.audit.user`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct AuditUser<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Text<'a>,
}

/// `kubernetes.audit.objectRef`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ObjectRef<'a> {
    #[serde(borrow)]
    pub(super) subresource: Text<'a>,
    #[serde(borrow, rename = "apiGroup")]
    pub(super) group: Text<'a>,
}

impl<'a> Document<'a> {
    /// When it was; empty when the event does not say and the time is a guess.
    pub(super) fn time(&self) -> &str {
        if self.tags.iter().any(|tag| tag.0 == "no_timestamp") { "" } else { &self.time.0 }
    }

    /// Whether the document belongs to a panel.
    pub(super) fn belongs(&self, panel: &Panel) -> bool {
        panel.matches(|field| {
            let values = self.values(field).unwrap_or_default();
            values.iter().map(|value| &*value.0).filter(|value| !value.is_empty())
        })
    }

    /// The values of a field that panels ask for; `None` for one that is not read.
    fn values(&self, field: &str) -> Option<&[Text<'a>]> {
        let object = &self.kubernetes.audit.object;
        Some(match field {
            "event.type" => &self.event.kind,
            "event.action" => from_ref(&self.event.action),
            "user.effective.name" => from_ref(&self.user.effective.name),
            "orchestrator.resource.type" => from_ref(&self.orchestrator.resource.kind),
            "kubernetes.audit.objectRef.subresource" => from_ref(&object.subresource),
            "kubernetes.audit.objectRef.apiGroup" => from_ref(&object.group),
            _ => return None,
        })
    }
}

/// The panels of the dashboards that a report counts, too.
pub(super) struct Shared {
    pub(super) refused: &'static Panel,
    pub(super) sessions: &'static Panel,
    pub(super) secrets: &'static Panel,
    pub(super) rbac: &'static Panel,
    pub(super) impersonation: &'static Panel,
}

impl Default for Shared {
    fn default() -> Self {
        let of = |id| {
            PANELS.iter().find(|panel| panel.id == id).unwrap_or_else(|| panic!("no panel {id}"))
        };
        Self {
            refused: of("denied-who"),
            sessions: of("exec"),
            secrets: of("secrets"),
            rbac: of("rbac"),
            impersonation: of("impersonation"),
        }
    }
}

/// A text, borrowed where it has no escapes; anything that is not text is empty.
#[derive(Debug, Default)]
pub(super) struct Text<'a>(pub(super) Cow<'a, str>);

impl std::ops::Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("anything")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Text::default())
            }
            fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
                Ok(Text::default())
            }
            fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
                Ok(Text::default())
            }
            fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
                Ok(Text::default())
            }
            fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
                Ok(Text::default())
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Text::default())
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Text::default())
            }
        }
        from.deserialize_any(Any)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_is_there() {
        let text = r#"{"@timestamp":"2023-06-12T13:30:25Z","event":{"action":"get",
            "type":["denied"],"code":"ResponseComplete"},"user":{"name":"a\"b"},"labels":{"x":1},
            "user_agent":{"name":["odd",{"a":1}],"version":null,"original":1e400},
            "orchestrator":{"resource":{"type":"secrets","name":7}}}"#;
        let document: Document<'_> = serde_json::from_str(text).expect("a document");
        let shared = Shared::default();
        assert_eq!(&*document.user.name, "a\"b");
        assert!(document.belongs(shared.refused) && document.belongs(shared.secrets));
        for panel in [shared.sessions, shared.rbac, shared.impersonation] {
            assert!(!document.belongs(panel), "{}", panel.id);
        }
        assert!(document.user_agent.name.is_empty() && document.user_agent.original.is_empty());
        assert!(document.user_agent.version.is_empty() && document.auditweir.is_none());
        assert!(document.orchestrator.resource.name.is_empty());
        assert!(matches!(document.event.action.0, Cow::Borrowed("get")));
    }

    #[test]
    fn every_field_that_a_shared_panel_asks_for_is_read() {
        let Shared { refused, sessions, secrets, rbac, impersonation } = Shared::default();
        for panel in [refused, sessions, secrets, rbac, impersonation] {
            assert!(!panel.all.is_empty(), "{}", panel.id);
            for clause in panel.all {
                assert!(Document::default().values(clause.field).is_some(), "{}", clause.field);
            }
        }
    }
}
