//! How a request ended, and who said no: the one reader of the verdict.
//!
//! Everything that speaks for or against the request is weighed together: the code, `status`,
//! `reason` and `message` of the answer, the annotations of authorizer and OAuth server, what a
//! cloud's entry says. One refusal outweighs every success; what is there and cannot be read is
//! unknown, never success and never allowed. Every format writes what stands here.

mod gke;
mod refusal;

pub(super) use gke::Entry;
pub(crate) use refusal::Refusal;

use crate::event::{Code, Stage};

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

/// Whether the request was let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum Ruling {
    /// Let through, and it did not fail.
    Allowed,
    /// Refused by a part of the server whose task that is.
    Denied,
    /// Failed for another reason, or not known.
    #[default]
    Unknown,
}

/// The annotation `authorization.k8s.io/decision`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) enum Decision {
    #[default]
    None,
    Allow,
    /// A word that no authorizer writes.
    Odd,
    Forbid,
}

impl Decision {
    pub(super) fn read(text: &[u8]) -> Self {
        match text {
            b"" => Self::None,
            b"allow" => Self::Allow,
            b"forbid" => Self::Forbid,
            _ if text.eq_ignore_ascii_case(b"allow") => Self::Allow,
            _ if text.eq_ignore_ascii_case(b"forbid") || text.eq_ignore_ascii_case(b"deny") => {
                Self::Forbid
            }
            _ => Self::Odd,
        }
    }
}

/// The annotation `authentication.openshift.io/decision` of OpenShift's OAuth server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) enum Login {
    #[default]
    None,
    Allow,
    /// A word that the OAuth server does not write.
    Odd,
    Error,
    Deny,
}

impl Login {
    pub(super) fn read(text: &[u8]) -> Self {
        match text {
            b"" => Self::None,
            _ if text.eq_ignore_ascii_case(b"allow") => Self::Allow,
            _ if text.eq_ignore_ascii_case(b"error") => Self::Error,
            _ if text.eq_ignore_ascii_case(b"deny") || text.eq_ignore_ascii_case(b"forbid") => {
                Self::Deny
            }
            _ => Self::Odd,
        }
    }
}

/// `responseStatus.status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum Status {
    #[default]
    None,
    Success,
    Failure,
    /// Neither of the two.
    Odd,
}

impl Status {
    pub(super) fn read(text: &[u8]) -> Self {
        match text {
            b"" => Self::None,
            _ if text.eq_ignore_ascii_case(b"Failure") => Self::Failure,
            _ if text.eq_ignore_ascii_case(b"Success") => Self::Success,
            _ => Self::Odd,
        }
    }
}

/// Everything that speaks for or against a request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Signs<'a> {
    /// `None` when the event says none that is known.
    pub(super) stage: Option<Stage>,
    pub(super) code: Code,
    pub(super) status: Status,
    /// `responseStatus.reason`.
    pub(super) reason: &'a [u8],
    /// `responseStatus.message`, as in JSON.
    pub(super) message: &'a [u8],
    pub(super) decision: Decision,
    pub(super) login: Login,
    /// The path belongs to OpenShift's OAuth server, which redirects whoever fails, too.
    pub(super) is_login: bool,
    /// What a Google Cloud entry says besides.
    pub(super) entry: Entry,
    /// The answer's body is a `Status` that tells of a failure: its code, or 0.
    pub(super) failed_body: Option<u16>,
    /// Part of the answer is of a type that nobody can read.
    pub(super) is_partly_unread: bool,
}

/// What the signs come to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Verdict<'a> {
    pub(crate) outcome: Outcome,
    pub(crate) ruling: Ruling,
    /// Which part of the API server refused or failed; `None` when none can be named.
    pub(crate) denied_by: Option<&'static [u8]>,
    /// What admission wrote into the answer.
    pub(crate) refusal: Option<Refusal<'a>>,
}

impl<'a> Signs<'a> {
    pub(super) fn verdict(self) -> Verdict<'a> {
        let outcome = self.outcome();
        let failed = outcome == Outcome::Failure;
        let refusal = if failed { Refusal::read(self.message) } else { None };
        let denied_by = if failed { self.denied_by(refusal) } else { None };
        let denied = matches!(
            denied_by,
            Some(b"authentication" | b"authorization" | b"admission" | b"quota")
        );
        let ruling = match outcome {
            _ if denied => Ruling::Denied,
            Outcome::Success if self.decision != Decision::Odd => Ruling::Allowed,
            Outcome::Unknown if self.may_proceed() => Ruling::Allowed,
            _ => Ruling::Unknown,
        };
        Verdict { outcome, ruling, denied_by, refusal }
    }

    fn outcome(self) -> Outcome {
        if self.is_refused() {
            return Outcome::Failure;
        }
        let doubt = self.entry == Entry::NotGranted
            || self.login == Login::Odd
            || self.decision == Decision::Odd
            || self.is_partly_unread
            // What only a refusal says, under the code of a success.
            || is_failure_message(self.message);
        match self.code {
            _ if doubt => Outcome::Unknown,
            // Both a good and a bad login end in a redirect.
            Code::Is(300..400) if self.is_login && self.login == Login::None => Outcome::Unknown,
            Code::Is(_) => Outcome::Success,
            Code::Absent if self.status == Status::Success || self.login == Login::Allow => {
                Outcome::Success
            }
            Code::Absent | Code::Unreadable => Outcome::Unknown,
        }
    }

    /// Whether anything at all says that the request was refused or failed.
    fn is_refused(self) -> bool {
        let message = self.code.number() == 0 && is_failure_message(self.message);
        self.stage == Some(Stage::Panic)
            || self.code.number() >= 400
            || self.status == Status::Failure
            || meaning(self.reason) != 0
            || message
            || self.decision == Decision::Forbid
            || matches!(self.login, Login::Deny | Login::Error)
            || self.failed_body.is_some()
            || self.entry.is_refusal()
    }

    /// Whether an event that does not say how the request ended says that it was let through.
    fn may_proceed(self) -> bool {
        let allowed = self.decision == Decision::Allow
            || self.decision == Decision::None && self.entry == Entry::Granted;
        allowed
            && self.code == Code::Absent
            && self.status == Status::None
            && self.login == Login::None
            && self.entry != Entry::NotGranted
            && !self.is_partly_unread
            && self.message.is_empty()
    }

    fn denied_by(self, refusal: Option<Refusal<'_>>) -> Option<&'static [u8]> {
        if self.stage == Some(Stage::Panic) {
            return Some(b"server");
        }
        if self.decision == Decision::Forbid {
            return Some(b"authorization");
        }
        if self.login == Login::Deny {
            return Some(b"authentication");
        }
        match refusal {
            Some(Refusal::Quota) => return Some(b"quota"),
            Some(_) => return Some(b"admission"),
            None => {}
        }
        let code = match self.code.number() {
            code @ 400.. => code,
            // The code says nothing of it, or another thing than what refused.
            code => match (meaning(self.reason), self.failed_body) {
                (0, Some(told @ 400..)) => told,
                (0, _) if code == 0 => message_meaning(self.message),
                (0, _) => code,
                (code, _) => code,
            },
        };
        let authorized = self.decision == Decision::Allow || self.entry == Entry::Granted;
        Some(match code {
            401 => b"authentication",
            _ if self.entry == Entry::Refused => b"authorization",
            403 if authorized => b"admission",
            403 => b"authorization",
            0 if self.entry.is_unauthorized() => b"authorization",
            409 => b"conflict",
            422 => b"validation",
            429 => b"throttling",
            500.. => b"server",
            _ if self.login == Login::Error => b"server",
            _ => return None,
        })
    }
}

/// The code that goes with a reason of `metav1.StatusReason`; 0 for none that tells of a failure.
fn meaning(reason: &[u8]) -> u16 {
    match reason {
        b"Unauthorized" => 401,
        b"Forbidden" => 403,
        b"NotFound" => 404,
        b"MethodNotAllowed" => 405,
        b"NotAcceptable" => 406,
        b"AlreadyExists" | b"Conflict" => 409,
        b"Gone" | b"Expired" => 410,
        b"RequestEntityTooLarge" => 413,
        b"UnsupportedMediaType" => 415,
        b"Invalid" => 422,
        b"TooManyRequests" => 429,
        b"BadRequest" => 400,
        b"InternalError" | b"StoreReadError" => 500,
        b"ServiceUnavailable" => 503,
        b"ServerTimeout" | b"Timeout" => 504,
        _ => 0,
    }
}

/// The code behind a message that only a refusal has; 0 for all others.
fn message_meaning(message: &[u8]) -> u16 {
    let starts = |text: &[u8]| message.starts_with(text);
    if starts(b"Unauthorized") || starts(b"Authentication failed") {
        401
    } else if starts(b"forbidden: ") {
        403
    } else {
        match refusal::verdict(message) {
            Some(b"forbidden") => 403,
            Some(b"invalid") => 422,
            _ => 0,
        }
    }
}

/// Whether a message without a code can only be that of a failure.
fn is_failure_message(message: &[u8]) -> bool {
    !message.is_empty() && (message_meaning(message) != 0 || Refusal::read(message).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: Signs<'static> = Signs {
        stage: Some(Stage::ResponseComplete),
        code: Code::Absent,
        status: Status::None,
        reason: b"",
        message: b"",
        decision: Decision::None,
        login: Login::None,
        is_login: false,
        entry: Entry::None,
        failed_body: None,
        is_partly_unread: false,
    };

    #[track_caller]
    fn check(signs: Signs<'_>, outcome: Outcome, ruling: Ruling, denied_by: &str) {
        let verdict = signs.verdict();
        let found = (
            verdict.outcome,
            verdict.ruling,
            String::from_utf8_lossy(verdict.denied_by.unwrap_or_default()),
        );
        assert_eq!(found, (outcome, ruling, denied_by.into()), "{signs:?}");
    }

    use Outcome as O;
    use Ruling as R;

    #[test]
    fn the_code_beats_the_decision() {
        use Decision::{Allow, Forbid, None as No};
        for (code, decision, message, outcome, ruling, denied_by) in [
            (200, Allow, "", O::Success, R::Allowed, ""),
            (101, Allow, "", O::Success, R::Allowed, ""),
            (304, No, "", O::Success, R::Allowed, ""),
            (200, Decision::Odd, "", O::Unknown, R::Unknown, ""),
            (200, Forbid, "", O::Failure, R::Denied, "authorization"),
            (403, Allow, "", O::Failure, R::Denied, "admission"),
            (403, Forbid, "", O::Failure, R::Denied, "authorization"),
            (403, No, "", O::Failure, R::Denied, "authorization"),
            (
                403,
                Allow,
                r#"pods \"x\" is forbidden: exceeded quota: q"#,
                O::Failure,
                R::Denied,
                "quota",
            ),
            (
                400,
                Allow,
                r#"admission webhook \"w\" denied the request"#,
                O::Failure,
                R::Denied,
                "admission",
            ),
            (
                500,
                Allow,
                r#"admission webhook \"w\" denied the request"#,
                O::Failure,
                R::Denied,
                "admission",
            ),
            (
                500,
                Allow,
                r#"Internal error occurred: failed calling webhook \"w\""#,
                O::Failure,
                R::Unknown,
                "server",
            ),
            (404, Allow, "", O::Failure, R::Unknown, ""),
            (
                404,
                Allow,
                r#"pods \"admission webhook \\\"w\\\" denied\" not found"#,
                O::Failure,
                R::Unknown,
                "",
            ),
            (401, No, "", O::Failure, R::Denied, "authentication"),
            (409, Allow, "", O::Failure, R::Unknown, "conflict"),
            (422, Allow, "", O::Failure, R::Unknown, "validation"),
            (429, Allow, "", O::Failure, R::Unknown, "throttling"),
            (500, Allow, "", O::Failure, R::Unknown, "server"),
            (0, Forbid, "", O::Failure, R::Denied, "authorization"),
            (0, Allow, "", O::Unknown, R::Allowed, ""),
            (0, Allow, "Unauthorized", O::Failure, R::Denied, "authentication"),
            (
                0,
                No,
                r#"pods \"x\" is forbidden: User \"u\" cannot get"#,
                O::Failure,
                R::Denied,
                "authorization",
            ),
        ] {
            let code = if code == 0 { Code::Absent } else { Code::Is(code) };
            let message = message.as_bytes();
            check(Signs { code, message, decision, ..NOTHING }, outcome, ruling, denied_by);
        }
        let panic = Signs { stage: Some(Stage::Panic), ..NOTHING };
        check(panic, O::Failure, R::Unknown, "server");
    }

    #[test]
    fn what_cannot_be_read_is_unknown() {
        let decision = Decision::Allow;
        let odd = Signs { code: Code::Unreadable, decision, ..NOTHING };
        check(odd, O::Unknown, R::Unknown, "");
        check(Signs { status: Status::Success, ..odd }, O::Unknown, R::Unknown, "");
        check(Signs { status: Status::Failure, ..odd }, O::Failure, R::Unknown, "");
        check(Signs { reason: b"Forbidden", ..odd }, O::Failure, R::Denied, "admission");
        check(Signs { reason: b"Forbidden", ..NOTHING }, O::Failure, R::Denied, "authorization");
        check(Signs { reason: b"Invalid", ..NOTHING }, O::Failure, R::Unknown, "validation");
        check(Signs { status: Status::Success, ..NOTHING }, O::Success, R::Allowed, "");
        check(Signs { failed_body: Some(0), ..NOTHING }, O::Failure, R::Unknown, "");
    }

    #[test]
    fn a_redirect_is_no_login() {
        let sent =
            Signs { code: Code::Is(302), decision: Decision::Allow, is_login: true, ..NOTHING };
        check(sent, O::Unknown, R::Unknown, "");
        check(Signs { login: Login::Allow, ..sent }, O::Success, R::Allowed, "");
        check(Signs { login: Login::Deny, ..sent }, O::Failure, R::Denied, "authentication");
        check(Signs { login: Login::Error, ..sent }, O::Failure, R::Unknown, "server");
        check(Signs { login: Login::Odd, ..sent }, O::Unknown, R::Unknown, "");
        let elsewhere = Signs { is_login: false, ..sent };
        check(elsewhere, O::Success, R::Allowed, "");
    }

    #[test]
    fn what_is_not_granted_is_no_success() {
        let fine = Signs { code: Code::Is(200), decision: Decision::Allow, ..NOTHING };
        check(Signs { entry: Entry::Granted, ..fine }, O::Success, R::Allowed, "");
        check(Signs { entry: Entry::NotGranted, ..fine }, O::Unknown, R::Unknown, "");
        check(Signs { entry: Entry::Refused, ..fine }, O::Failure, R::Denied, "authorization");
        let error = Entry::NotGrantedError;
        check(Signs { entry: error, ..NOTHING }, O::Failure, R::Denied, "authorization");
        let missing = Signs { code: Code::Is(404), entry: error, ..NOTHING };
        check(missing, O::Failure, R::Unknown, "");
        check(Signs { entry: Entry::Error, ..NOTHING }, O::Failure, R::Unknown, "");
        let rpc = Signs { code: Code::Is(403), entry: Entry::Granted, ..NOTHING };
        check(rpc, O::Failure, R::Denied, "admission");
        check(Signs { entry: Entry::Granted, ..NOTHING }, O::Unknown, R::Allowed, "");
    }
}
