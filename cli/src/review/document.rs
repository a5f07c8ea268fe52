//! What the panels need of an event, read from the ECS document that `filter` makes of it.
//!
//! So nothing is judged twice: refused, session, grant of rights, client name and the rest are
//! what the library says they are, and the panels agree with a dashboard over the same documents.

use std::borrow::Cow;
use std::fmt;

use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// An ECS document. What it does not hold is empty.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Document<'a> {
    #[serde(borrow, rename = "@timestamp")]
    pub(super) time: Text<'a>,
    #[serde(borrow)]
    pub(super) event: Happened<'a>,
    #[serde(borrow)]
    pub(super) user: User<'a>,
    #[serde(borrow)]
    pub(super) user_agent: Agent<'a>,
    pub(super) http: Http,
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
    #[serde(borrow)]
    pub(super) category: Vec<Text<'a>>,
    #[serde(borrow, rename = "type")]
    pub(super) kind: Vec<Text<'a>>,
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
    pub(super) verb: Text<'a>,
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
    pub(super) resource: Text<'a>,
    #[serde(borrow)]
    pub(super) subresource: Text<'a>,
    #[serde(borrow, rename = "apiGroup")]
    pub(super) group: Text<'a>,
    #[serde(borrow)]
    pub(super) namespace: Text<'a>,
    #[serde(borrow)]
    pub(super) name: Text<'a>,
}

impl Document<'_> {
    /// Whether `event.category` says so.
    pub(super) fn is(&self, category: &str) -> bool {
        self.event.category.iter().any(|of| of.0 == category)
    }

    /// Whether `event.type` says so.
    pub(super) fn says(&self, kind: &str) -> bool {
        self.event.kind.iter().any(|of| of.0 == kind)
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
        let text = r#"{"@timestamp":"2023-06-12T13:30:25Z","event":{"category":["api","iam"],
            "type":["denied"],"code":"ResponseComplete"},"user":{"name":"a\"b"},"labels":{"x":1},
            "user_agent":{"name":["odd",{"a":1}],"version":null,"original":1e400},"kubernetes":{"audit":{"verb":"get",
            "objectRef":{"resource":"secrets","name":7}}}}"#;
        let document: Document<'_> = serde_json::from_str(text).expect("a document");
        assert_eq!(&*document.user.name, "a\"b");
        assert!(document.is("iam") && document.says("denied") && !document.is("network"));
        assert_eq!(&*document.kubernetes.audit.object.resource, "secrets");
        assert!(document.user_agent.name.is_empty() && document.user_agent.original.is_empty());
        assert!(document.user_agent.version.is_empty() && document.auditweir.is_none());
        assert!(document.kubernetes.audit.object.name.is_empty());
        assert!(matches!(document.kubernetes.audit.verb.0, Cow::Borrowed("get")));
    }
}
