//! What the filter tells about each line it wrote.

use std::borrow::Cow;

use crate::enrich::Facts;
use crate::enrich::text::Text;
use crate::reason::Reason;
use crate::text::{Timestamp, unescape};

/// One line of output and what the filter knew when it wrote it; see
/// [`Filter::apply_each`](crate::Filter::apply_each).
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Line<'a> {
    /// The line as a host hands it on, `\n` at its end included.
    pub bytes: &'a [u8],
    /// What stands in it.
    pub kind: LineKind,
    /// The document id: 32 lower case hex digits, the same in every format. The same event gives
    /// the same id whenever it comes.
    pub id: &'a str,
    /// Values taken out.
    pub redactions: u32,
    facts: Option<&'a Facts<'a>>,
    #[cfg(feature = "rules")]
    findings: crate::rules::Findings<'a>,
}

/// What stands in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LineKind {
    /// An event, whole but for what was taken out.
    Event,
    /// A stub: the event could not be processed safely.
    Stub {
        /// Why.
        reason: Reason,
        /// Byte of the input that it refers to.
        offset: Option<u32>,
    },
    /// No line: the policy drops the event. Only told after
    /// [`Filter::tell_dropped`](crate::Filter::tell_dropped).
    #[cfg(feature = "rules")]
    Dropped {
        /// Why it is dropped.
        reason: Reason,
    },
    /// A stub for what no API server can have written.
    Rejected {
        /// Why.
        reason: Reason,
        /// Byte of the input that it refers to.
        offset: Option<u32>,
    },
}

impl std::fmt::Debug for Line<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { kind, id, redactions, .. } = self;
        let mut told = f.debug_struct("Line");
        told.field("kind", kind).field("id", id).field("redactions", redactions);
        told.finish_non_exhaustive()
    }
}

impl LineKind {
    /// Whether an event stands in the line, and no stub.
    pub const fn is_event(self) -> bool {
        matches!(self, Self::Event)
    }

    /// Why there is a stub.
    pub const fn reason(self) -> Option<Reason> {
        match self {
            Self::Event => None,
            #[cfg(feature = "rules")]
            Self::Dropped { reason } => Some(reason),
            Self::Stub { reason, .. } | Self::Rejected { reason, .. } => Some(reason),
        }
    }
}

impl<'a> Line<'a> {
    pub(crate) fn new(
        bytes: &'a [u8],
        kind: LineKind,
        id: &'a [u8; 32],
        redactions: u32,
        facts: Option<&'a Facts<'a>>,
    ) -> Self {
        // Hex digits are ASCII.
        let id = std::str::from_utf8(id).unwrap_or_default();
        Self {
            bytes,
            kind,
            id,
            redactions,
            facts,
            #[cfg(feature = "rules")]
            findings: crate::rules::Findings::default(),
        }
    }

    /// The line with what rules found in its event.
    #[cfg(feature = "rules")]
    pub(crate) fn with(self, findings: crate::rules::Findings<'a>) -> Self {
        Self { findings, ..self }
    }

    /// What rules found in the event; nothing unless [`Filter::watch`](crate::Filter::watch) was
    /// called.
    #[cfg(feature = "rules")]
    pub fn findings(&self) -> crate::rules::Findings<'a> {
        self.findings
    }

    /// When the event was written: RFC 3339.
    pub fn time(&self) -> Option<String> {
        let facts = self.facts?;
        written(facts.staged.or(facts.received).or(facts.legacy)?)
    }

    /// When the request came, which is the same at all its stages: RFC 3339.
    pub fn received(&self) -> Option<String> {
        written(self.facts?.received?)
    }
}

fn written(time: Timestamp<'_>) -> Option<String> {
    let mut out = Vec::new();
    time.write(&mut out);
    String::from_utf8(out).ok()
}

macro_rules! facts {
    ($($(#[$doc:meta])* $name:ident = |$facts:ident| $value:expr;)+) => {
        impl<'a> Line<'a> {
            /// Names of the facts, for [`Line::fact`].
            pub const FACTS: &'static [&'static str] = &[$(stringify!($name)),+];

            /// A fact by its name, one of [`Line::FACTS`]: as redacted, unescaped. `None` in
            /// stubs, and when the event does not say.
            pub fn fact(&self, name: &str) -> Option<Cow<'a, str>> {
                match name {
                    $(stringify!($name) => self.$name(),)+
                    _ => None,
                }
            }

            $($(#[$doc])*
            pub fn $name(&self) -> Option<Cow<'a, str>> {
                let $facts = self.facts?;
                said($value)
            })+
        }
    };
}

facts! {
    /// `auditID`.
    audit_id = |facts| facts.audit_id;
    /// `stage`.
    stage = |facts| facts.stage_text;
    /// `verb`.
    verb = |facts| facts.verb;
    /// `requestURI`.
    request_uri = |facts| facts.request_uri;
    /// `user.username`.
    username = |facts| facts.username;
    /// `impersonatedUser.username`.
    impersonated = |facts| facts.effective_name;
    /// What kind of actor the user is: `serviceaccount`, `node`, `human`, …
    actor = |facts| Some(Text::fixed(facts.actor.kind.text()));
    /// Last of `sourceIPs`: the connection's peer, the only address that clients cannot set.
    peer = |facts| facts.peer;
    /// `userAgent`.
    user_agent = |facts| facts.user_agent;
    /// `objectRef.resource`.
    resource = |facts| facts.resource;
    /// `objectRef.subresource`.
    subresource = |facts| facts.subresource;
    /// `objectRef.apiGroup`.
    api_group = |facts| facts.api_group;
    /// `objectRef.namespace`.
    namespace = |facts| facts.namespace;
    /// `objectRef.name`.
    name = |facts| facts.name;
    /// `success`, `failure` or `unknown`.
    outcome = |facts| Some(Text::fixed(facts.outcome.text()));
    /// The name of the cluster: what the envelope around the event says, or else the policy.
    cluster = |facts| facts.origin.cluster_name;
    /// Who said no, if somebody did.
    denied_by = |facts| facts.denied_by.map(Text::fixed);
}

impl Line<'_> {
    /// `responseStatus.code`.
    pub fn code(&self) -> Option<u16> {
        self.facts.map(|facts| facts.code).filter(|code| *code != 0)
    }
}

fn said(text: Option<Text<'_>>) -> Option<Cow<'_, str>> {
    let Text { bytes, ready } = text?;
    if ready && bytes.contains(&b'\\') {
        let mut plain = Vec::with_capacity(bytes.len());
        unescape(bytes, &mut plain);
        return Some(String::from_utf8_lossy(&plain).into_owned().into());
    }
    Some(String::from_utf8_lossy(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Filter, Format, Policy};
    use std::sync::Arc;

    #[test]
    fn each_line_says_what_it_is() {
        let policy = Arc::new(Policy::default().compile().unwrap());
        let event = r#"{"auditID":"a","stage":"ResponseComplete","verb":"get","user":{"username":"al\u0069ce\n"},"objectRef":{"resource":"pods","name":"p"},"responseStatus":{"code":403},"requestObject":{"password":"correct-horse"}}"#;
        let input = format!("[{event},{event},{{\"kind\":\"Pod\"}},{{\"auditID\":1}}]");
        for format in Format::ALL {
            let mut filter = Filter::new(Arc::clone(&policy), format);
            let (mut lines, mut ids) = (Vec::new(), Vec::new());
            let verdict = filter.apply_each(input.as_bytes(), &mut |line: Line<'_>| {
                lines.extend_from_slice(line.bytes);
                ids.push(line.id.to_owned());
                assert_eq!(memchr::memchr(b'\n', line.bytes), Some(line.bytes.len() - 1));
                assert!(String::from_utf8_lossy(line.bytes).contains(line.id));
                if line.kind.is_event() {
                    assert_eq!(line.redactions, 1);
                    assert_eq!(line.verb().as_deref(), Some("get"));
                    assert_eq!(line.fact("username").as_deref(), Some("alice\n"));
                    assert_eq!((line.code(), line.name().as_deref()), (Some(403), Some("p")));
                    assert_eq!(line.fact("outcome").as_deref(), Some("failure"));
                    assert_eq!(line.actor().as_deref(), Some("user"));
                    assert!(line.namespace().is_none() && line.fact("password").is_none());
                } else {
                    assert!(Line::FACTS.iter().all(|name| line.fact(name).is_none()));
                    assert!(matches!(line.kind, LineKind::Rejected { offset: None, .. }));
                }
            });
            assert_eq!((verdict.events, verdict.rejected, ids.len()), (2, 2, 4), "{format:?}");
            assert_eq!(ids[0], ids[1]);
            assert_ne!(ids[1], ids[2]);
            let mut at_once = Vec::new();
            assert_eq!(filter.apply(input.as_bytes(), &mut at_once), verdict);
            assert_eq!(lines, at_once, "{format:?}");
            let mut told = Vec::new();
            filter.apply_each(br#"{"auditID":"#, &mut |line| told.push(line.kind));
            let reason = Reason::JSON_UNEXPECTED_END;
            assert_eq!(told, [LineKind::Rejected { reason, offset: Some(11) }]);
        }
    }
}
