//! The request URI taken apart: path, query, and what an exec runs.

use super::text::Text;
use crate::event::{Parameters, decode, says, split};

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
    ends: Vec<u32>,
    container: u32,
    pub(crate) stdin: bool,
    pub(crate) tty: bool,
}

impl Exec {
    /// Reads the parameters of a `pods/exec` or `pods/attach` request
    /// (core/v1 `PodExecOptions`).
    pub(crate) fn read(&mut self, uri: Uri<'_>) {
        self.clear();
        let mut container: &[u8] = b"";
        for (name, value) in uri.parameters() {
            if says(name, b"command") {
                if self.ends.len() < MOST_ARGUMENTS {
                    self.decode(value);
                    self.ends.push(self.text.len() as u32);
                }
            } else if says(name, b"container") {
                container = value;
            } else if says(name, b"stdin") {
                self.stdin = is_true(value);
            } else if says(name, b"tty") {
                self.tty = is_true(value);
            }
        }
        self.container = self.text.len() as u32;
        self.decode(container);
    }

    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
        self.container = 0;
        self.stdin = false;
        self.tty = false;
    }

    pub(super) fn capacity(&self) -> usize {
        self.text.capacity()
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

fn is_true(value: &[u8]) -> bool {
    matches!(value, b"true" | b"1" | b"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exec_parameters() {
        let uri = Uri::read(Text::fixed(
            b"/api/v1/namespaces/n/pods/p/exec?command=sh&comm%61nd=-c&ignored=1;command=no&command=echo+%22a%26%2Bb%22%ff&container=main%2F1&stdin=true&tty=false",
        ));
        assert_eq!(uri.path.bytes, b"/api/v1/namespaces/n/pods/p/exec");
        let mut exec = Exec::default();
        exec.read(uri);
        let arguments: Vec<_> =
            exec.arguments().map(|a| std::str::from_utf8(a).unwrap().to_owned()).collect();
        assert_eq!(arguments, ["sh", "-c", "echo \"a&+b\"\u{fffd}"]);
        assert_eq!(exec.container(), b"main/1");
        assert!(exec.stdin && !exec.tty);
        exec.read(Uri::read(Text::fixed(b"/x")));
        assert_eq!((exec.arguments().count(), exec.container()), (0, &b""[..]));
    }
}
