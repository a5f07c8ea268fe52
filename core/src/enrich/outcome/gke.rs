//! What an entry of Google Cloud's audit log says about the verdict besides its status.
//!
//! Such an entry becomes an event whose member `gke` holds what has no place in an event. In the
//! JSON of protocol buffers what is false is left out, so a permission whose `granted` is missing
//! was not granted. Some exporters lose members, though: a missing one alone refuses nothing, it
//! only keeps the event from being a success.

use crate::scan::Kind;
use crate::scan::doc::Value;

/// What `authorizationInfo` and `severity` come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Entry {
    /// No such entry, or one that says neither.
    #[default]
    None,
    Granted,
    /// A permission is not said to be granted.
    NotGranted,
    /// The same, and the entry is that of an error.
    NotGrantedError,
    /// A permission was refused.
    Refused,
    /// Nothing about permissions; the entry is that of an error.
    Error,
}

impl Entry {
    /// Reads the member `gke` of an event.
    pub(crate) fn read(entry: Value<'_>) -> Self {
        let (mut any, mut granted, mut refused, mut error) = (false, true, false, false);
        for (key, value) in entry.members() {
            if key.says(b"authorizationInfo") || key.says(b"authorization_info") {
                // Exporters make the one of a list of one.
                let one = Some(value).filter(|value| value.kind() == Kind::Object);
                let unread = !matches!(value.kind(), Kind::Array | Kind::Object | Kind::Null);
                (any, granted) = (any || unread, granted && !unread);
                for permission in value.items().chain(one) {
                    any = true;
                    match permission.member(b"granted") {
                        Some(said) if is(said, Kind::True, b"true") => {}
                        Some(said) if is(said, Kind::False, b"false") => refused = true,
                        _ => granted = false,
                    }
                }
            } else if key.says(b"severity") || key.says(b"Severity") {
                error |= is_error(value) || value.items().any(is_error);
            }
        }
        match (any, granted, error) {
            _ if refused => Self::Refused,
            (true, false, true) => Self::NotGrantedError,
            (true, false, false) => Self::NotGranted,
            (_, _, true) => Self::Error,
            (true, true, false) => Self::Granted,
            (false, _, false) => Self::None,
        }
    }

    /// Whether the entry is that of a failure.
    pub(super) fn is_refusal(self) -> bool {
        matches!(self, Self::NotGrantedError | Self::Refused | Self::Error)
    }

    /// Whether a permission was missing.
    pub(super) fn is_unauthorized(self) -> bool {
        matches!(self, Self::NotGranted | Self::NotGrantedError | Self::Refused)
    }
}

/// A flag, also as the text that tables make of it.
fn is(value: Value<'_>, kind: Kind, text: &[u8]) -> bool {
    value.kind() == kind || value.read(|said| said.eq_ignore_ascii_case(text))
}

/// `ERROR` and what is worse, by name or by number (`google.logging.type.LogSeverity`).
fn is_error(severity: Value<'_>) -> bool {
    match severity.kind() {
        Kind::Number => crate::text::whole(severity.raw()).is_some_and(|level| level >= 500),
        _ => severity.read(|name| {
            [&b"ERROR"[..], b"CRITICAL", b"ALERT", b"EMERGENCY"]
                .iter()
                .any(|error| name.eq_ignore_ascii_case(error))
        }),
    }
}
