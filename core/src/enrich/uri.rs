//! The request URI taken apart: path, query, and what an exec runs.

use super::text::Text;
use crate::event::{Parameters, Slot, decode, says, split};
use crate::redacted::Redacted;
use crate::scan::Kind;
use crate::scan::doc::Value;
use crate::scan::key::Key;
use crate::text::{quoted, unescape};

/// A request URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Uri<'a> {
    pub(crate) path: Text<'a>,
    /// Without the question mark; empty when there is none.
    pub(crate) query: Text<'a>,
}

impl<'a> Uri<'a> {
    pub(crate) fn read(text: Text<'a>) -> Self {
        let (path, query) = split(text.bytes);
        Self { path: text.part(path), query: text.part(query.unwrap_or_default()) }
    }

    /// Query parameters as the API server tells them apart, as written.
    pub(crate) fn parameters(self) -> Parameters<'a> {
        Parameters::new(self.query.bytes)
    }
}

/// Most arguments that are told one by one; the URI has them all.
const MOST_ARGUMENTS: usize = 64;

/// What an exec or attach asks for, decoded. Owns the memory for it.
#[derive(Default)]
pub(crate) struct Exec {
    text: Vec<u8>,
    spare: Vec<u8>,
    ends: Vec<u32>,
    container: u32,
    /// `None` when nothing says.
    pub(crate) stdin: Option<bool>,
    /// `None` when nothing says.
    pub(crate) tty: Option<bool>,
}

impl Exec {
    /// Reads what a `pods/exec` or `pods/attach` request asks for: from the body where there is one
    /// (core/v1 `PodExecOptions`, as Google's audit log has it), else from the query, else from
    /// the command that Google's audit log puts into a label.
    pub(super) fn read(
        &mut self,
        redacted: &Redacted<'_>,
        uri: Option<Uri<'_>>,
        label: Option<Text<'_>>,
    ) {
        self.clear();
        let mut container: Option<Place<'_>> = None;
        if let Some(options) = redacted.body(Slot::RequestObject) {
            for (key, value) in options.members() {
                match key.key() {
                    Key::Command => self.list(redacted, value),
                    _ if key.says(b"container") => container = Some(Place::Body(value)),
                    _ if key.says(b"stdin") => self.stdin = flag(value),
                    _ if key.says(b"tty") => self.tty = flag(value),
                    _ => {}
                }
            }
        }
        let in_body = !self.ends.is_empty();
        let (mut stdin, mut tty) = (None, None);
        for (name, value) in uri.into_iter().flat_map(Uri::parameters) {
            if says(name, b"command") {
                if !in_body && self.ends.len() < MOST_ARGUMENTS {
                    self.decode(value);
                    self.ends.push(self.text.len() as u32);
                }
            } else if says(name, b"container") {
                if container.is_none() {
                    container = Some(Place::Query(value));
                }
            } else if says(name, b"stdin") {
                stdin = Some(is_true(value));
            } else if says(name, b"tty") {
                tty = Some(is_true(value));
            }
        }
        self.stdin = self.stdin.or(stdin);
        self.tty = self.tty.or(tty);
        if let Some(label) = label
            && self.ends.is_empty()
        {
            self.labelled(label.bytes);
        }
        self.container = self.text.len() as u32;
        match container {
            Some(Place::Body(value)) => self.copy(redacted, value),
            Some(Place::Query(value)) => self.decode(value),
            None => {}
        }
    }

    fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
        self.container = 0;
        self.stdin = None;
        self.tty = None;
    }

    /// The strings of a list as arguments.
    fn list(&mut self, redacted: &Redacted<'_>, list: Value<'_>) {
        for item in list.items().take(MOST_ARGUMENTS) {
            self.copy(redacted, item);
            self.ends.push(self.text.len() as u32);
        }
    }

    /// Appends what a string says, as redacted.
    fn copy(&mut self, redacted: &Redacted<'_>, value: Value<'_>) {
        let mut spare = std::mem::take(&mut self.spare);
        if let Some(raw) = redacted.inside(value, &mut spare) {
            unescape(raw, &mut self.text);
        }
        self.spare = spare;
    }

    /// Arguments from a text: a JSON list of strings, else the text is one argument.
    fn labelled(&mut self, text: &[u8]) {
        let mut rest = text.trim_ascii().strip_prefix(b"[").unwrap_or_default();
        loop {
            rest = rest.trim_ascii_start();
            let Some((argument, after)) = quoted(rest) else { break };
            if self.ends.len() == MOST_ARGUMENTS {
                return;
            }
            unescape(argument, &mut self.text);
            self.ends.push(self.text.len() as u32);
            rest = after.trim_ascii_start();
            match rest {
                [b',', after @ ..] => rest = after,
                _ => break,
            }
        }
        if rest != b"]" && text != b"[]" {
            self.text.clear();
            self.ends.clear();
            self.text.extend_from_slice(text);
            self.ends.push(self.text.len() as u32);
        }
    }

    pub(super) fn capacity(&self) -> usize {
        self.text.capacity() + self.spare.capacity()
    }

    /// The command's arguments, unescaped.
    pub(crate) fn arguments(&self) -> impl Iterator<Item = &[u8]> {
        let mut start = 0;
        self.ends.iter().map(move |end| {
            let argument = &self.text[start..*end as usize];
            start = *end as usize;
            argument
        })
    }

    /// The container named, unescaped; empty for the default one.
    pub(crate) fn container(&self) -> &[u8] {
        &self.text[self.container as usize..]
    }

    /// Appends a query value decoded once, as valid UTF-8.
    fn decode(&mut self, value: &[u8]) {
        let start = self.text.len();
        decode(value, &mut self.text);
        if std::str::from_utf8(&self.text[start..]).is_err() {
            let mut clean = Vec::new();
            crate::text::replace_invalid_utf8(&self.text[start..], &mut clean);
            self.text.truncate(start);
            self.text.extend_from_slice(&clean);
        }
    }
}

/// Where the container is named.
enum Place<'a> {
    Body(Value<'a>),
    Query(&'a [u8]),
}

fn is_true(value: &[u8]) -> bool {
    matches!(value, b"true" | b"1" | b"")
}

fn flag(value: Value<'_>) -> Option<bool> {
    match value.kind() {
        Kind::True => Some(true),
        Kind::False => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(exec: &Exec) -> Vec<&str> {
        exec.arguments().map(|a| std::str::from_utf8(a).unwrap()).collect()
    }

    #[test]
    fn queries_are_decoded_once() {
        let mut exec = Exec::default();
        exec.decode(b"echo+%22a%26%2Bb%22%ff");
        exec.ends.push(exec.text.len() as u32);
        assert_eq!(arguments(&exec), ["echo \"a&+b\"\u{fffd}"]);
    }

    #[test]
    fn labels_hold_lists() {
        for (label, expected) in [
            (r#"["sh","-c","id"]"#, &["sh", "-c", "id"][..]),
            (r#" [ "a\"b" , "c,]" ] "#, &["a\"b", "c,]"]),
            ("[]", &[]),
            ("sh -c id", &["sh -c id"]),
            (r#"["sh","#, &[r#"["sh","#]),
            (r#"["sh"] x"#, &[r#"["sh"] x"#]),
        ] {
            let mut exec = Exec::default();
            exec.labelled(label.as_bytes());
            assert_eq!(arguments(&exec), expected, "{label}");
        }
    }
}
