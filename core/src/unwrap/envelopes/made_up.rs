//! What a new envelope takes: this file and its line in the list. Compiled for tests only.

use super::{Example, Members, Opened, Row};
use crate::scan::key::Key;
use crate::unwrap::facts::{Envelope, Fact};

pub(super) static ROW: Row = Row {
    name: "made up",
    open: |m| {
        m.root.member(b"madeUp")?;
        m.get(Key::Object).map(|object| Opened::Inside([Some(object), None, None]))
    },
    facts: |m: &Members<'_>, envelope: &mut Envelope| {
        envelope.set_text(Fact::ClusterName, m.root.member(b"madeUp"));
    },
    examples: &[Example::new(
        r#"{"madeUp":"blue","time":"2026-03-02T10:00:00Z","object":$event}"#,
        "name=blue",
    )],
};
