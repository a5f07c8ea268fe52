//! An entry of journald's export whose message is a list of bytes: what `journalctl -o json` makes
//! of text that is no plain UTF-8, and of colours.

use super::{Example, Members, Opened, Row};
use crate::scan::Kind;
use crate::scan::doc::Value;
use crate::scan::key::Key;
use crate::unwrap::facts::Envelope;
use crate::unwrap::writer::Writer;

pub(super) static ROW: Row = Row {
    name: "journald entry of bytes",
    open,
    facts,
    examples: &[Example::new(
        r#"{"__REALTIME_TIMESTAMP":"1772445600010001","_SYSTEMD_UNIT":"kube-apiserver.service","_CMDLINE":"$forged","MESSAGE":[$bytes]}"#,
        "",
    )],
};

fn open<'a>(m: &Members<'a>) -> Option<Opened<'a>> {
    let bytes = m.list(Key::JournalMessage)?;
    bytes.items().all(|byte| byte.kind() == Kind::Number).then_some(Opened::Written(write))
}

fn facts(m: &Members<'_>, envelope: &mut Envelope) {
    envelope.set_time(m.root.member(b"__REALTIME_TIMESTAMP"));
}

fn write(m: &Members<'_>, w: &mut Writer<'_>) {
    for item in m.list(Key::JournalMessage).into_iter().flat_map(Value::items) {
        // What is no byte leaves a gap that cannot be read.
        let byte = item.integer().and_then(|byte| u8::try_from(byte).ok()).unwrap_or(0x7f);
        w.out.push(byte);
    }
}
