//! Secrets and ConfigMaps that a text quotes, as YAML or as JSON within other text: where their
//! values stand.

use std::ops::Range;

use super::builtin::Builtin;
use super::class::Class;

/// More members than this in one text are not compared with each other.
const MOST: usize = 64;

/// A member `kind` that says Secret or ConfigMap, or one that holds values.
#[derive(Clone, Copy)]
struct Member {
    /// Where the name starts.
    at: usize,
    /// After the colon.
    after: usize,
    /// How deep the line is indented; `None` inside brackets.
    indent: Option<usize>,
    /// Where its line starts.
    line: usize,
    /// Which of the documents of the text it is in.
    document: usize,
    rule: Option<Builtin>,
}

/// Where values of Secrets and ConfigMaps stand, and the rule for them. `None`: the text holds too
/// many to tell.
pub(super) fn values(text: &[u8]) -> Vec<Option<(Range<usize>, Builtin)>> {
    let (mut kinds, mut blocks) = (Vec::new(), Vec::new());
    // Where the current line starts, and up to where lines and documents were counted.
    let (mut line, mut seen, mut document) = (0, 0, 0);
    let mut from = 0;
    while let Some(colon) = memchr::memchr(b':', &text[from..]).map(|skip| from + skip) {
        from = colon + 1;
        let Some(at) = name_at(text, colon) else { continue };
        let name = &text[at.0..at.1];
        let is_kind = name.eq_ignore_ascii_case(b"kind");
        let holds = [b"data".as_slice(), b"stringData", b"binaryData"]
            .iter()
            .any(|known| name.eq_ignore_ascii_case(known));
        if !is_kind && !holds {
            continue;
        }
        let skipped = &text[seen..at.0];
        document += memchr::memmem::find_iter(skipped, b"\n---").count();
        line = memchr::memrchr(b'\n', skipped).map_or(line, |end| seen + end + 1);
        seen = at.0;
        let lead = &text[line..at.0];
        if lead.trim_ascii_start().starts_with(b"#") {
            continue;
        }
        let block = lead.iter().all(|b| matches!(b, b' ' | b'-' | b'"' | b'\'' | b'\\' | b'\t'));
        let indent = block.then(|| lead.iter().take_while(|b| matches!(b, b' ' | b'-')).count());
        let mut member = Member { at: at.0, after: from, indent, line, document, rule: None };
        if holds {
            blocks.push(member);
        } else {
            member.rule = rule(&text[from..text.len().min(from + 64)]);
            if member.rule.is_some() {
                kinds.push(member);
            }
        }
    }
    if kinds.len() > MOST || blocks.len() > MOST && !kinds.is_empty() {
        return vec![None];
    }
    let mut found = Vec::new();
    let mut taken = 0;
    for block in blocks {
        if block.at < taken {
            continue;
        }
        let always = text[block.at..].len() >= 10
            && text[block.at..block.at + 10].eq_ignore_ascii_case(b"stringData");
        let kind = kinds.iter().find(|kind| {
            kind.document == block.document
                && kind.indent == block.indent
                && (kind.indent.is_some() || kind.line == block.line)
        });
        let rule = kind.and_then(|kind| kind.rule).or(always.then_some(Builtin::SecretValues));
        if let Some(rule) = rule {
            let range = extent(text, &block);
            taken = range.end;
            if !text[range.clone()].trim_ascii().is_empty() {
                found.push(Some((range, rule)));
            }
        }
    }
    found
}

/// The name before a colon: letters only, with quotes around it or not.
fn name_at(text: &[u8], colon: usize) -> Option<(usize, usize)> {
    let quotes = text[..colon].iter().rev().take(8);
    let end = colon - quotes.take_while(|b| matches!(b, b'"' | b'\'' | b'\\' | b' ')).count();
    let letters = text[..end].iter().rev().take(12).take_while(|b| b.is_ascii_alphabetic()).count();
    (4..=10).contains(&letters).then_some((end - letters, end))
}

/// The rule for the kind that a text starts with.
fn rule(text: &[u8]) -> Option<Builtin> {
    let lead = text.iter().take_while(|b| matches!(b, b' ' | b'"' | b'\'' | b'\\' | b'\t')).count();
    let kind = text[lead..].split(|b| !b.is_ascii_alphanumeric()).next().unwrap_or_default();
    let class = Class::of_kind(kind);
    if class.secret {
        Some(Builtin::SecretValues)
    } else if class.config_map {
        Some(Builtin::ConfigMapValues)
    } else {
        None
    }
}

/// What the value of a member takes up: what its brackets hold, or the deeper lines below it.
fn extent(text: &[u8], member: &Member) -> Range<usize> {
    let blanks = text[member.after..].iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
    let from = member.after + blanks;
    if text.get(from) == Some(&b'{') {
        let mut depth = 0usize;
        for (at, byte) in text[from..].iter().enumerate() {
            match byte {
                b'{' => depth += 1,
                b'}' => {
                    depth -= 1;
                    if depth == 0 {
                        return from + 1..from + at;
                    }
                }
                _ => {}
            }
        }
        return from + 1..text.len();
    }
    let mut end = memchr::memchr(b'\n', &text[from..]).map_or(text.len(), |len| from + len);
    let indent = member.indent.unwrap_or(0);
    let start = if end > from { from } else { (end + 1).min(text.len()) };
    while end < text.len() {
        let next = memchr::memchr(b'\n', &text[end + 1..]).map_or(text.len(), |len| end + 1 + len);
        let line = &text[end + 1..next];
        let depth = line.iter().take_while(|b| **b == b' ').count();
        if depth <= indent && depth < line.len() {
            break;
        }
        end = next;
    }
    start.min(end)..end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        values(text.as_bytes()).into_iter().flatten().map(|(range, _)| text[range].trim()).collect()
    }

    #[test]
    fn values_are_found_and_what_only_mentions_them_is_not() {
        for (text, value) in [
            ("apiVersion: v1\nkind: Secret\ndata:\n  a: b\n  c: d\ntype: x\n", "a: b\n  c: d"),
            ("- kind: Secret\n  stringData: {k: v}\n- kind: Pod", "k: v"),
            ("{kind: Secret, metadata: {name: x}, stringData: {k: v}}", "k: v"),
            ("x {\"kind\":\"Secret\",\"data\":{\"a\":\"b\"}} y", "\"a\":\"b\""),
            ("stringData:\n  k: v\n", "k: v"),
        ] {
            assert_eq!(found(text), [value], "{text}");
        }
        for text in [
            "# - kind: ConfigMap\ndata:\n  a: b\n",
            "kind: Secret\n---\ndata:\n  a: b\n",
            "ref:\n  kind: Secret\ndata:\n  a: b\n",
            "kind: Deployment\ndata:\n  a: b\n",
        ] {
            assert_eq!(found(text), Vec::<&str>::new(), "{text}");
        }
    }
}
