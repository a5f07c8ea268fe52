//! Mends lines that a container runtime split: CRI (`TIME stdout P …`, then `F`) and docker's
//! json-file (`{"log":"…` without a newline at its end).
//!
//! Lines are joined in the order they came, per stream, whatever is in them: a client that could
//! choose where a part begins must not be able to make it stand for an event of its own. What is
//! joined is bounded like any line.

use crate::split::{Balance, Carry, Piece, Sink};

/// Joins the parts of one input's lines.
pub(crate) struct Joiner {
    /// Of standard output and standard error.
    held: [Option<Held>; 2],
    limit: usize,
}

struct Held {
    carry: Carry,
    /// What follows the parts in docker's format; `None` for CRI.
    tail: Option<Vec<u8>>,
    line: u64,
    offset: u64,
}

/// A line as its container runtime wrote it.
struct Part<'a> {
    /// 0 for standard output, 1 for standard error.
    stream: usize,
    /// Up to the content. For CRI without the tag.
    head: &'a [u8],
    content: &'a [u8],
    /// After the content: docker's `","stream":…}`.
    tail: Option<&'a [u8]>,
    /// Whether the content goes on in the next line of the stream.
    partial: bool,
}

impl Joiner {
    /// `limit` is the most bytes of one line.
    pub(crate) fn new(limit: usize) -> Self {
        Self { held: [None, None], limit }
    }

    /// Takes a line; hands on whole lines.
    pub(crate) fn push(&mut self, piece: Piece<'_>, sink: Sink<'_>) {
        let part =
            if piece.is_cut() { None } else { cri(piece.bytes).or_else(|| docker(piece.bytes)) };
        let Some(part) = part else {
            // Lines of another kind end a docker log's; blank lines do not count.
            if !piece.bytes.trim_ascii().is_empty() {
                self.finish(sink);
            }
            return sink(piece);
        };
        let slot = &mut self.held[part.stream];
        if slot.as_ref().is_some_and(|held| held.tail.is_some() != part.tail.is_some()) {
            slot.take().into_iter().for_each(|held| held.hand_on(sink));
        }
        match slot {
            Some(held) => {
                held.carry.push(part.content);
                held.tail = part.tail.map(<[u8]>::to_vec);
                if !part.partial {
                    slot.take().into_iter().for_each(|held| held.hand_on(sink));
                }
            }
            None if part.partial && (part.tail.is_none() || is_open(part.content)) => {
                let mut carry = Carry::new(self.limit);
                carry.push(part.head);
                if part.tail.is_none() {
                    carry.push(b"F ");
                }
                carry.push(part.content);
                *slot = Some(Held {
                    carry,
                    tail: part.tail.map(<[u8]>::to_vec),
                    line: piece.line,
                    offset: piece.offset,
                });
            }
            // A blank line of the log, such as docker's newline after an event of a full part.
            None if matches!(part.content.trim_ascii(), b"" | b"\\n") => {}
            None => sink(piece),
        }
    }

    /// Hands on what still waits for its rest.
    pub(crate) fn finish(&mut self, sink: Sink<'_>) {
        let mut left: Vec<Held> = self.held.iter_mut().filter_map(Option::take).collect();
        left.sort_by_key(|held| held.line);
        for held in left {
            held.hand_on(sink);
        }
    }
}

impl Held {
    fn hand_on(mut self, sink: Sink<'_>) {
        if let Some(tail) = &self.tail {
            self.carry.push(tail);
        }
        sink(self.carry.piece(self.line, self.offset));
    }
}

/// `TIME stdout TAG CONTENT`
fn cri(line: &[u8]) -> Option<Part<'_>> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if !line.first()?.is_ascii_digit() {
        return None;
    }
    let time = memchr::memchr(b' ', &line[..line.len().min(64)])?;
    if time < 20 || !line[..time].contains(&b'T') {
        return None;
    }
    let rest = &line[time + 1..];
    let stream = match rest.get(..7)? {
        b"stdout " => 0,
        b"stderr " => 1,
        _ => return None,
    };
    let rest = &rest[7..];
    let tag = memchr::memchr(b' ', rest).unwrap_or(rest.len());
    Some(Part {
        stream,
        head: &line[..time + 8],
        content: rest.get(tag + 1..).unwrap_or_default(),
        tail: None,
        partial: rest.first() == Some(&b'P'),
    })
}

/// `{"log":"CONTENT","stream":"stdout",…}`
fn docker(line: &[u8]) -> Option<Part<'_>> {
    const HEAD: &[u8] = b"{\"log\":\"";
    let rest = line.strip_prefix(HEAD)?;
    let mut end = 0;
    loop {
        end += memchr::memchr2(b'"', b'\\', &rest[end..])?;
        if rest[end] == b'"' {
            break;
        }
        end = (end + 2).min(rest.len());
    }
    let (content, tail) = rest.split_at(end);
    let stream = match tail.get(..18)? {
        b"\",\"stream\":\"stdout" => 0,
        b"\",\"stream\":\"stderr" => 1,
        _ => return None,
    };
    // An escaped `n`, but not one after an escaped backslash.
    let slashes = content
        .strip_suffix(b"n")
        .map_or(0, |text| text.iter().rev().take_while(|byte| **byte == b'\\').count());
    Some(Part { stream, head: HEAD, content, tail: Some(tail), partial: slashes % 2 == 0 })
}

/// Whether an escaped text begins an object that it does not close. Other shippers write whole
/// events in the same shape without a newline.
fn is_open(content: &[u8]) -> bool {
    if content.first() != Some(&b'{') {
        return false;
    }
    let mut balance = Balance::default();
    let mut bytes = content.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => match bytes.next() {
                Some(byte @ (b'"' | b'\\')) => balance.step(*byte),
                // `\u0022` is a quote, too, but no runtime writes it so.
                _ => balance.step(b'.'),
            },
            byte => balance.step(*byte),
        }
    }
    !balance.is_closed()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn join(limit: usize, lines: &[&str]) -> Vec<(String, u64, u64)> {
        let mut whole = Vec::new();
        let mut joiner = Joiner::new(limit);
        let mut sink = |piece: Piece<'_>| {
            whole.push((String::from_utf8_lossy(piece.bytes).into_owned(), piece.size, piece.line));
        };
        for (line, text) in (1..).zip(lines) {
            let bytes = text.as_bytes();
            joiner.push(Piece { bytes, size: bytes.len() as u64, line, offset: 0 }, &mut sink);
        }
        joiner.finish(&mut sink);
        whole
    }

    fn texts(lines: &[&str]) -> Vec<String> {
        join(1 << 20, lines).into_iter().map(|whole| whole.0).collect()
    }

    #[test]
    fn cri_parts() {
        let t = "2024-01-01T00:00:00.123456789Z";
        assert_eq!(
            texts(&[
                &format!("{t} stdout P {{\"a\":"),
                &format!("{t} stderr F other"),
                &format!("{t} stdout P  1"),
                &format!("{t} stdout F }}"),
                &format!("{t} stdout F {{}}"),
                &format!("{t} stdout P {{\"cut"),
            ]),
            [
                format!("{t} stderr F other"),
                format!("{t} stdout F {{\"a\": 1}}"),
                format!("{t} stdout F {{}}"),
                format!("{t} stdout F {{\"cut"),
            ]
        );
    }

    #[test]
    fn docker_parts() {
        let line = |log: &str| format!(r#"{{"log":"{log}","stream":"stdout","time":"T"}}"#);
        let whole = line(r#"{\"a\":\"b\"}\n"#);
        // whole without a newline, as another shipper writes it; no JSON at all
        assert_eq!(texts(&[&line(r#"{\"a\":1}"#)]), [line(r#"{\"a\":1}"#)]);
        assert_eq!(texts(&[&line("text"), &whole]), [line("text"), whole.clone()]);
        assert_eq!(
            texts(&[&line(r#"{\"a\":"#), &line(r#"\"b"#), &line(r#"\"}\n"#), &whole]),
            [whole.clone(), whole.clone()]
        );
        // an escaped backslash before an `n` is no newline
        assert_eq!(
            texts(&[&line(r#"{\"a\":\"\\\\n"#), &line(r#"\"}\n"#)]),
            [line(r#"{\"a\":\"\\\\n\"}\n"#)]
        );
        // the rest never comes
        assert_eq!(texts(&[&line(r#"{\"a\":"#), "{}"]), [line(r#"{\"a\":"#), "{}".into()]);
    }

    #[test]
    fn a_part_that_looks_like_an_event_stays_a_part() {
        let line = |log: &str| format!(r#"{{"log":"{log}","stream":"stdout","time":"T"}}"#);
        assert_eq!(texts(&[&line(r#"{\"a\":["#), &line(r#"{\"kind\":\"Event\"}\n"#)]).len(), 1);
    }

    #[test]
    fn what_is_too_long_is_cut() {
        let t = "2024-01-01T00:00:00.123456789Z";
        let part = format!("{t} stdout P {}", "x".repeat(100));
        let last = format!("{t} stdout F {}", "x".repeat(100));
        let whole = join(150, &[&part, &part, &last]);
        assert_eq!(whole.len(), 1);
        assert_eq!(whole[0].1, t.len() as u64 + 10 + 300);
        assert!(whole[0].0.len() <= 150);
    }
}
