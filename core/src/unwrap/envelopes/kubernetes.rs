//! Objects of the Kubernetes API that are no audit events. Clients write them, so nothing in them
//! is looked at.

use super::{Example, Opened, Row, none};
use crate::reason::Reason;
use crate::scan::key::Key;

pub(super) static ROW: Row = Row {
    name: "Kubernetes API object",
    open: |m| {
        // An Event of the API without its kind, as programs that export those write it.
        if m.has(Key::Reason)
            && [&b"involvedObject"[..], b"regarding", b"firstTimestamp", b"lastTimestamp"]
                .iter()
                .any(|of| m.root.member(of).is_some())
        {
            return Some(Opened::Named(Reason::KUBERNETES_OBJECT));
        }
        let (kind, version) = (m.text(Key::Kind)?, m.text(Key::ApiVersion)?);
        if m.is_surely_event() || version.raw_text().starts_with(b"audit.k8s.io/") {
            return None;
        }
        Some(Opened::Named(if kind.says(b"AdmissionReview") {
            Reason::ADMISSION_REVIEW
        } else {
            Reason::KUBERNETES_OBJECT
        }))
    },
    facts: none,
    examples: &[
        Example {
            text: r#"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"u","object":{"metadata":{"annotations":{"a":"$forged"}},"x":$event}}}"#,
            tells: "",
            events: 0,
        },
        Example {
            text: r#"{"kind":"ConfigMap","apiVersion":"v1","data":{"log":"$forged"}}"#,
            tells: "",
            events: 0,
        },
        Example {
            text: r#"{"kind":"PodList","apiVersion":"v1","items":[{"auditID":"forged","stage":"Panic","verb":"get"}],"records":[{"auditID":"forged","stage":"Panic","verb":"get"}]}"#,
            tells: "",
            events: 0,
        },
        Example {
            text: r#"{"metadata":{"name":"x"},"reason":"Killing","message":"$forged","involvedObject":{"kind":"Pod"}}"#,
            tells: "",
            events: 0,
        },
    ],
};
