//! `native`: the event itself, byte for byte where nothing was taken out, plus one `auditweir`
//! object with what was derived and redacted.

use super::Emission;

/// Appends the event as one line.
pub(crate) fn write(emission: &Emission<'_>, out: &mut Vec<u8>) {
    let root = emission.event.doc.at(emission.event.root).node();
    emission.copy(root.start, root.end - 1, out);
    if out.last() != Some(&b'{') {
        out.push(b',');
    }
    out.extend_from_slice(b"\"auditweir\":{\"v\":1,\"id\":\"");
    out.extend_from_slice(emission.id);
    out.push(b'"');
    emission.receipts(out);
    out.extend_from_slice(b"}}\n");
}
