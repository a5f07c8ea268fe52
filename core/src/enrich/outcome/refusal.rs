//! What admission wrote into the message of a refusal.
//!
//! Texts are those of k8s.io/apiserver: `admission webhook "W" denied the request: …`
//! (`pkg/admission/plugin/webhook/errors/statuserror.go`), `RESOURCE "NAME" is forbidden: …`
//! (`pkg/admission/errors.go`) and, inside of it, `ValidatingAdmissionPolicy 'P' with binding 'B'
//! denied request: …` (`pkg/admission/plugin/policy/validating/dispatcher.go`). Names in quotes
//! may be a client's, so what stands inside of quotes is never taken for the server's words.

use crate::enrich::text::quoted;

/// Who refused at admission. Names are as in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal<'a> {
    /// A webhook.
    Webhook(&'a [u8]),
    /// An admission policy and its binding; the binding is empty when the message names none.
    Policy { policy: &'a [u8], binding: &'a [u8] },
    /// Pod Security admission, or OpenShift's security context constraints.
    PodSecurity,
    /// A ResourceQuota.
    Quota,
}

impl<'a> Refusal<'a> {
    /// Reads a message as written in JSON; `None` for what no admission plugin of these wrote.
    pub(crate) fn read(message: &'a [u8]) -> Option<Self> {
        let text = match named(message) {
            Some((_, rest)) => rest,
            None => message,
        };
        if let Some(rest) = text.strip_prefix(b"admission webhook ") {
            return Some(Self::Webhook(quoted(rest).map_or(&b""[..], |(name, _)| name)));
        }
        for kind in [&b"ValidatingAdmissionPolicy '"[..], b"MutatingAdmissionPolicy '", b"policy '"]
        {
            if let Some(rest) = text.strip_prefix(kind)
                && let Some(end) = memchr::memchr(b'\'', rest)
            {
                let (policy, rest) = (&rest[..end], &rest[end + 1..]);
                let binding = rest
                    .strip_prefix(b" with binding '")
                    .and_then(|rest| Some(&rest[..memchr::memchr(b'\'', rest)?]))
                    .unwrap_or_default();
                return Some(Self::Policy { policy, binding });
            }
        }
        let starts = |lead: &[u8]| text.starts_with(lead);
        if starts(b"exceeded quota") || starts(b"failed quota") || starts(b"insufficient quota") {
            return Some(Self::Quota);
        }
        let pods = starts(b"violates PodSecurity ")
            || starts(b"unable to validate against any security context constraint")
            || starts(b"unable to validate against any pod security policy");
        pods.then_some(Self::PodSecurity)
    }
}

/// `forbidden` or `invalid` of a message `RESOURCE "NAME" is …: `.
pub(super) fn verdict(message: &[u8]) -> Option<&[u8]> {
    named(message).map(|(verdict, _)| verdict)
}

/// The word and what follows of `RESOURCE "NAME" is WORD: `.
fn named(message: &[u8]) -> Option<(&[u8], &[u8])> {
    let space = memchr::memchr(b' ', message)?;
    let resource = &message[..space];
    if resource.contains(&b'\\') {
        return None;
    }
    // A list of objects has no name.
    let rest = &message[space..];
    let rest = quoted(&rest[1..]).map_or(rest, |(_, rest)| rest).strip_prefix(b" is ")?;
    let colon = memchr::memchr(b':', rest)?;
    let word = &rest[..colon];
    if !matches!(word, b"forbidden" | b"invalid") {
        return None;
    }
    let mut rest = &rest[colon..];
    while let [b':' | b' ', after @ ..] = rest {
        rest = after;
    }
    Some((word, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages() {
        let policy = |policy: &'static str, binding: &'static str| {
            Some(Refusal::Policy { policy: policy.as_bytes(), binding: binding.as_bytes() })
        };
        for (message, refusal) in [
            (
                r#"admission webhook \"w.example.com\" denied the request: no"#,
                Some(Refusal::Webhook(b"w.example.com")),
            ),
            ("admission webhook denied the request", Some(Refusal::Webhook(b""))),
            (
                r#"deployments.apps \"nginx\" is invalid: : ValidatingAdmissionPolicy 'max' with binding 'all' denied request: failed"#,
                policy("max", "all"),
            ),
            (
                r#"pods \"a\" is forbidden: ValidatingAdmissionPolicy 'max' denied request: failed"#,
                policy("max", ""),
            ),
            (
                r#"pods \"a\" is forbidden: violates PodSecurity \"restricted:latest\": x"#,
                Some(Refusal::PodSecurity),
            ),
            (
                r#"pods \"a\" is forbidden: exceeded quota: q, requested: pods=1"#,
                Some(Refusal::Quota),
            ),
            (r#"pods \"a\" is forbidden: User \"u\" cannot get resource \"pods\""#, None),
            // A name is whatever a client writes.
            (
                r#"pods \"x\\\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied\" not found"#,
                None,
            ),
            (r#"pods \"admission webhook\" not found"#, None),
            (r#"pods \"x"#, None),
            ("", None),
        ] {
            assert_eq!(Refusal::read(message.as_bytes()), refusal, "{message}");
        }
    }
}
