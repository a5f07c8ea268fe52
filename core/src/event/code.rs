//! The code of an answer, in whatever type it comes.

use super::{Event, Slot};
use crate::scan::Kind;
use crate::scan::doc::Value;
use crate::text::whole;

/// `responseStatus.code`. Shippers turn numbers into floats and into text; what is neither a
/// number nor the text of one says nothing, and nobody may take it for a success.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Code {
    /// No code, or 0, which is how Go writes none.
    #[default]
    Absent,
    /// A code of three digits.
    Is(u16),
    /// There is something, but no code.
    Unreadable,
}

impl Code {
    /// Reads a code.
    pub(crate) fn read(value: Value<'_>) -> Self {
        let text = match value.kind() {
            Kind::Null => return Self::Absent,
            Kind::Number => value.raw(),
            Kind::String => value.raw_text().trim_ascii(),
            _ => return Self::Unreadable,
        };
        match whole(text) {
            Some(0) => Self::Absent,
            Some(code @ 100..=999) => Self::Is(code as u16),
            _ => Self::Unreadable,
        }
    }

    /// Of the event's answer.
    pub(crate) fn of(event: &Event<'_>) -> Self {
        match event.get(Slot::StatusCode) {
            Some(code) => Self::read(code),
            None => Self::set_aside(event),
        }
    }

    /// A code that had to be set aside, since it is of a type that no code has.
    pub(crate) fn set_aside(event: &Event<'_>) -> Self {
        let aside =
            event.get(Slot::Unreadable).and_then(|aside| aside.member(b"responseStatus.code"));
        if aside.is_some() { Self::Unreadable } else { Self::Absent }
    }

    /// The number; 0 when there is none.
    pub(crate) fn number(self) -> u16 {
        match self {
            Self::Is(code) => code,
            Self::Absent | Self::Unreadable => 0,
        }
    }
}
