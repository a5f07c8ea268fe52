//! How a request ended, and who said no.
//!
//! From the HTTP code first: an authorized request can still fail (admission, validation, quota),
//! so the authorization decision alone proves nothing.

/// ECS `event.outcome`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Success,
    Failure,
    Unknown,
}

impl Outcome {
    pub(crate) const fn text(self) -> &'static [u8] {
        match self {
            Self::Success => b"success",
            Self::Failure => b"failure",
            Self::Unknown => b"unknown",
        }
    }
}

/// The annotation `authorization.k8s.io/decision`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum Decision {
    Allow,
    Forbid,
    #[default]
    None,
}

/// An event's `stage`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    RequestReceived,
    ResponseStarted,
    ResponseComplete,
    Panic,
    Other,
}

impl Stage {
    pub(crate) fn read(text: &[u8]) -> Self {
        match text {
            b"ResponseComplete" => Self::ResponseComplete,
            b"ResponseStarted" => Self::ResponseStarted,
            b"RequestReceived" => Self::RequestReceived,
            b"Panic" => Self::Panic,
            _ => Self::Other,
        }
    }

    /// Whether no further event follows for the request.
    pub(crate) fn is_final(self) -> bool {
        matches!(self, Self::ResponseComplete | Self::Panic)
    }
}

/// What outcome is read from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answer<'a> {
    pub(crate) stage: Stage,
    /// HTTP code; 0 when there is none.
    pub(crate) code: u16,
    pub(crate) decision: Decision,
    /// `responseStatus.status` is `Failure`.
    pub(crate) failed: bool,
    /// `responseStatus.message`.
    pub(crate) message: &'a [u8],
}

impl Answer<'_> {
    pub(crate) fn outcome(self) -> Outcome {
        match self.code {
            _ if self.stage == Stage::Panic => Outcome::Failure,
            400.. => Outcome::Failure,
            100..400 => Outcome::Success,
            _ if self.decision == Decision::Forbid || self.failed => Outcome::Failure,
            _ => Outcome::Unknown,
        }
    }

    /// Which part of the API server refused; `None` when none did or none can be named.
    pub(crate) fn denied_by(self) -> Option<&'static [u8]> {
        let webhook = || memchr::memmem::find(self.message, b"admission webhook ").is_some();
        let quota = || memchr::memmem::find(self.message, b"exceeded quota").is_some();
        Some(match (self.code, self.decision) {
            (401, _) => b"authentication",
            (0 | 403, Decision::Forbid) => b"authorization",
            (400..500, _) if webhook() => b"admission",
            (403, _) if quota() => b"quota",
            (403, Decision::Allow) => b"admission",
            (403, Decision::None) => b"authorization",
            (409, _) => b"conflict",
            (422, _) => b"validation",
            (429, _) => b"throttling",
            (500..600, _) => b"server",
            _ if self.stage == Stage::Panic => b"server",
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_beats_decision() {
        use Decision::{Allow, Forbid, None as No};
        use Outcome::{Failure, Success, Unknown};
        let complete = Stage::ResponseComplete;
        for (stage, code, decision, message, outcome, denied_by) in [
            (complete, 200, Allow, "", Success, ""),
            (complete, 101, Allow, "", Success, ""),
            (complete, 403, Allow, "", Failure, "admission"),
            (complete, 403, Forbid, "", Failure, "authorization"),
            (complete, 403, No, "", Failure, "authorization"),
            (complete, 403, Allow, "pods \"x\" is forbidden: exceeded quota: q", Failure, "quota"),
            (
                complete,
                400,
                Allow,
                "admission webhook \"w\" denied the request",
                Failure,
                "admission",
            ),
            (complete, 404, Allow, "", Failure, ""),
            (complete, 401, No, "", Failure, "authentication"),
            (complete, 409, Allow, "", Failure, "conflict"),
            (complete, 422, Allow, "", Failure, "validation"),
            (complete, 429, Allow, "", Failure, "throttling"),
            (complete, 500, Allow, "", Failure, "server"),
            (complete, 0, Forbid, "", Failure, "authorization"),
            (complete, 0, Allow, "", Unknown, ""),
            (Stage::Panic, 0, Allow, "", Failure, "server"),
            (Stage::RequestReceived, 0, No, "", Unknown, ""),
            (complete, 1, Allow, "", Unknown, ""),
        ] {
            let answer =
                Answer { stage, code, decision, failed: false, message: message.as_bytes() };
            assert_eq!(answer.outcome(), outcome, "{answer:?}");
            assert_eq!(answer.denied_by().unwrap_or_default(), denied_by.as_bytes(), "{answer:?}");
        }
    }
}
