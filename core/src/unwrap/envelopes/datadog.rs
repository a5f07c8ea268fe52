//! Datadog: a log of an archive or a request to the intake. The event is what was parsed into
//! `attributes`, or the `message`.

use super::{Example, Opened, Row, none};
use crate::scan::key::Key;

pub(super) static ROW: Row = Row {
    name: "Datadog",
    open: |m| {
        let ours = m.has(Key::Ddsource)
            || m.has(Key::Service) && m.has(Key::Attributes)
            || m.root.member(b"ddtags").is_some();
        ours.then(|| Opened::Inside([m.object(Key::Attributes), m.text(Key::Message), None]))
    },
    facts: none,
    examples: &[
        Example::new(
            r#"{"_id":"AQ","date":"2026-03-02T10:00:00.010Z","service":"kube-apiserver","host":"cp-1","source":"kubernetes.audit","status":"info","tags":["cluster:blue"],"attributes":$event}"#,
            "",
        ),
        Example::new(
            r#"[{"ddsource":"kubernetes.audit","ddtags":"$forged","hostname":"cp-1","service":"kube-apiserver","message":"$text"}]"#,
            "",
        ),
        Example::new(
            r#"{"_id":"AQ","service":"kube-apiserver","message":"$text","attributes":{"hostname":"cp-1","http":{"useragent":"$forged"}}}"#,
            "",
        ),
    ],
};
