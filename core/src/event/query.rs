//! The query of `requestURI`.
//!
//! [`Parameters`] and [`decode`] are strict: what kube-apiserver reads, and so what a request did.
//! [`decode_fully`] is generous, for redaction: what anything on the way could read.

use crate::text::{percent_byte, percent_decode, percent_decode_in_place};

/// Parameters as Go's `net/url` reads them: `&` stands between two, the first `=` ends a name, and
/// a parameter with a `;` or a broken percent escape is none. Names and values are as written.
pub(crate) struct Parameters<'a> {
    rest: &'a [u8],
}

impl<'a> Parameters<'a> {
    /// The parameters of a query, which is without its question mark.
    pub(crate) fn new(query: &'a [u8]) -> Self {
        Self { rest: query }
    }
}

impl<'a> Iterator for Parameters<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        while !self.rest.is_empty() {
            let end = memchr::memchr(b'&', self.rest).unwrap_or(self.rest.len());
            let pair = &self.rest[..end];
            self.rest = self.rest.get(end + 1..).unwrap_or_default();
            let broken = memchr::memchr(b';', pair).is_some()
                || memchr::memchr_iter(b'%', pair).any(|at| percent_byte(pair, at).1 == 1);
            if pair.is_empty() || broken {
                continue;
            }
            return Some(match memchr::memchr(b'=', pair) {
                Some(at) => (&pair[..at], &pair[at + 1..]),
                None => (pair, b""),
            });
        }
        None
    }
}

/// Appends a name or value as the API server reads it: `+` is a space, percent-encoding is undone
/// once.
pub(crate) fn decode(written: &[u8], out: &mut Vec<u8>) {
    for (at, piece) in written.split(|b| *b == b'+').enumerate() {
        if at > 0 {
            out.push(b' ');
        }
        percent_decode(piece, out);
    }
}

/// Whether a name or value says this to the API server.
pub(crate) fn says(written: &[u8], word: &[u8]) -> bool {
    let mut at = 0;
    let same = word.iter().all(|expected| {
        if at == written.len() {
            return false;
        }
        let (byte, len) = percent_byte(written, at);
        let byte = if len == 1 && byte == b'+' { b' ' } else { byte };
        at += len;
        byte == *expected
    });
    same && at == written.len()
}

/// Replaces `out` by what a name or value may be read as in the end: `+` is a space, and
/// percent-encoding is undone up to three times, because proxies and clients encode again.
pub(crate) fn decode_fully(written: &[u8], out: &mut Vec<u8>) {
    out.clear();
    out.extend(written.iter().map(|b| if *b == b'+' { b' ' } else { *b }));
    for _ in 0..3 {
        if !percent_decode_in_place(out) {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters(query: &str) -> Vec<(String, String)> {
        let read = |written| {
            let mut out = Vec::new();
            decode(written, &mut out);
            String::from_utf8(out).unwrap()
        };
        Parameters::new(query.as_bytes()).map(|(name, value)| (read(name), read(value))).collect()
    }

    #[test]
    fn parameters_are_those_the_server_reads() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            parameters("command=sh&comm%61nd=-c&a=1%2B2=3+4&flag&&x=1;y=2&bad=%zz&cut=%4&=v"),
            [
                pair("command", "sh"),
                pair("command", "-c"),
                pair("a", "1+2=3 4"),
                pair("flag", ""),
                pair("", "v"),
            ]
        );
        assert_eq!(parameters(""), []);
    }

    #[test]
    fn what_is_written_in_any_way_is_known() {
        for written in ["a b", "a+b", "%61%20b", "a%20%62"] {
            assert!(says(written.as_bytes(), b"a b"), "{written}");
        }
        for written in ["", "a", "a b ", "a%2bb", "a%2520b", "%"] {
            assert!(!says(written.as_bytes(), b"a b"), "{written}");
        }
        assert!(says(b"", b""));
    }

    #[test]
    fn generous_reading_decodes_what_was_encoded_again() {
        let mut out = b"old".to_vec();
        for (written, read) in
            [("a+b", "a b"), ("%2525%34%31", "A"), ("%25252541", "%41"), ("%zz", "%zz"), ("", "")]
        {
            decode_fully(written.as_bytes(), &mut out);
            assert_eq!(String::from_utf8_lossy(&out), read, "{written}");
        }
    }
}
