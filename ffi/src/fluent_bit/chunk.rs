//! A chunk of records: MessagePack in, clean MessagePack out.

use std::time::{SystemTime, UNIX_EPOCH};

use auditweir::{Reason, Refusal};
use auditweir_shell::{LAST_RESORT, Stream};

use super::msgpack::{self, Entry, Token, skip, token};
use super::options::{OnError, Options};
use super::{to_json, to_msgpack};

/// Memory kept from chunk to chunk; Fluent Bit's chunks have about 2 MB.
const KEEP: usize = 8 << 20;

/// The filter behind one `[FILTER]` section.
pub(super) struct Weir {
    pub(super) stream: Stream,
    options: Options,
    json: Vec<u8>,
    lines: Vec<u8>,
    /// Whether they are the stub of a record that was not handed over.
    refused: bool,
    out: Vec<u8>,
    pub(super) counts: Counts,
}

/// Totals that the core does not know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Records that came in; group markers are none.
    pub(super) records_in: u64,
    /// Records that went on.
    pub(super) records_out: u64,
    /// Stubs dropped by `on_error drop`.
    pub(super) stubs_dropped: u64,
    /// Chunks whose end could not be read.
    pub(super) broken_chunks: u64,
}

impl Weir {
    pub(super) fn new(options: Options) -> Self {
        Self {
            // Only who drops stubs asks which they are.
            stream: match options.on_error {
                OnError::Drop => crate::stream(options.ready.clone()).marking(),
                OnError::Stub => crate::stream(options.ready.clone()),
            },
            options,
            json: Vec::new(),
            lines: Vec::new(),
            refused: false,
            out: Vec::new(),
            counts: Counts::default(),
        }
    }

    /// The chunk that goes on in place of `chunk`; lent until the next call. May be empty.
    ///
    /// Every record is answered by one record per event in it, with its time and metadata byte for
    /// byte. Group markers are copied. What cannot be read becomes one stub.
    pub(super) fn chunk(&mut self, tag: &[u8], chunk: &[u8]) -> &[u8] {
        for buffer in [&mut self.json, &mut self.lines, &mut self.out] {
            if buffer.capacity() > KEEP {
                *buffer = Vec::new();
            }
            buffer.clear();
        }
        // Time and metadata of the last record seen.
        let mut head = None;
        let mut at = 0;
        while at < chunk.len() {
            match msgpack::entry(chunk, at) {
                Some(Entry::Event { head: this, body, end }) => {
                    self.record(tag, chunk, body.start);
                    self.emit(&chunk[this.clone()]);
                    head = Some(this);
                    at = end;
                }
                Some(Entry::Group { end }) => {
                    self.out.extend_from_slice(&chunk[at..end]);
                    at = end;
                }
                Some(Entry::Other { end }) => {
                    self.counts.records_in += 1;
                    self.refuse(&chunk[at..end], Reason::NOT_A_RECORD);
                    self.emit(&head.clone().map_or_else(now, |head| chunk[head].to_vec()));
                    at = end;
                }
                None => {
                    self.counts.records_in += 1;
                    self.counts.broken_chunks += 1;
                    self.refuse(&chunk[at..], Reason::MSGPACK_UNREADABLE);
                    self.emit(&head.map_or_else(now, |head| chunk[head].to_vec()));
                    break;
                }
            }
        }
        &self.out
    }

    /// Has the core process the record whose body is at `at`, into `self.lines`.
    fn record(&mut self, tag: &[u8], chunk: &[u8], at: usize) {
        self.counts.records_in += 1;
        let Some((Token::Map(len), first)) = token(chunk, at) else {
            let end = skip(chunk, at).unwrap_or(chunk.len());
            return self.refuse(&chunk[at..end], Reason::RECORD_NOT_A_MAP);
        };
        let map = match self.find(chunk, first, len) {
            Some((Token::Text(line), _)) => {
                self.stream.line(tag, line, &mut self.lines);
                return;
            }
            Some((_, value)) => value,
            None => at,
        };
        self.json.clear();
        match to_json::write(chunk, map, &mut self.json) {
            Ok(()) => _ = self.stream.line(tag, &self.json, &mut self.lines),
            Err(reason) => {
                let end = skip(chunk, at).unwrap_or(chunk.len());
                self.refuse(&chunk[at..end], reason);
            }
        }
    }

    fn refuse(&mut self, record: &[u8], reason: Reason) {
        self.stream.refuse(Refusal::Host(reason), record, &mut self.lines);
        self.refused = true;
    }

    /// The value of the first key that the map has, and where it is. A key that the
    /// configuration names may also lead to a map.
    fn find<'a>(&self, chunk: &'a [u8], first: usize, len: u32) -> Option<(Token<'a>, usize)> {
        let mut found = None;
        let mut rank = self.options.keys.len();
        let mut at = first;
        for _ in 0..len {
            let (key, value) = (token(chunk, at)?.0, skip(chunk, at)?);
            at = skip(chunk, value)?;
            let Token::Text(key) = key else { continue };
            let Some(this) = self.options.keys[..rank].iter().position(|name| name == key) else {
                continue;
            };
            let (token, _) = token(chunk, value)?;
            let fits = match token {
                Token::Text(_) => true,
                Token::Map(_) => self.options.own_key,
                _ => false,
            };
            if fits {
                found = Some((token, value));
                rank = this;
            }
        }
        found
    }

    /// Turns `self.lines` into records with this first item, and empties it.
    fn emit(&mut self, head: &[u8]) {
        let mut lines = std::mem::take(&mut self.lines);
        let refused = std::mem::take(&mut self.refused);
        let mut rest = &lines[..];
        let mut at = 0;
        while !rest.is_empty() {
            let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            let line = &rest[..end];
            rest = rest.get(end + 1..).unwrap_or_default();
            if line.is_empty() {
                continue;
            }
            let before = self.out.len();
            self.out.push(0x92);
            self.out.extend_from_slice(head);
            let body = self.out.len();
            let known = self.stream.marks().get(at).is_some_and(|mark| mark.kind.is_event());
            let mut stub = refused || !known;
            at += 1;
            let key = self.options.text_key.as_deref();
            if to_msgpack::body(key, line, &mut self.out).is_err() {
                // The core writes objects only; if it did not, nothing of the line goes on.
                self.out.truncate(body);
                _ = to_msgpack::body(key, LAST_RESORT.as_bytes(), &mut self.out);
                stub = true;
            }
            if stub && self.options.on_error == OnError::Drop {
                self.out.truncate(before);
                self.counts.stubs_dropped += 1;
            } else {
                self.counts.records_out += 1;
            }
        }
        lines.clear();
        self.lines = lines;
        self.stream.unmark();
    }
}

/// A first item for a stub before which no record could be read.
fn now() -> Vec<u8> {
    let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut head = vec![0x92, 0xd7, 0x00];
    head.extend_from_slice(&(time.as_secs() as u32).to_be_bytes());
    head.extend_from_slice(&time.subsec_nanos().to_be_bytes());
    head.push(0x80);
    head
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const TIME: [u8; 10] = [0xd7, 0, 0x65, 0, 0, 1, 0, 0, 0, 2];
    const SECRET: &str = "hunter2-hunter2";
    const TAG: &[u8] = b"kube.audit";

    fn weir(options: &[(&str, &str)]) -> Weir {
        let get = |name| {
            options.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        Weir::new(Options::read(get).unwrap())
    }

    fn body(json: &Value) -> Vec<u8> {
        let mut out = Vec::new();
        to_msgpack::write(json.to_string().as_bytes(), &mut out).unwrap();
        out
    }

    /// `[[time, {"m": 1}], body]`.
    fn record(body: &[u8]) -> Vec<u8> {
        [&[0x92, 0x92][..], &TIME, b"\x81\xa1m\x01", body].concat()
    }

    fn event(secret: &str) -> Value {
        json!({
            "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "Request", "verb": "create",
            "auditID": "1", "stage": "ResponseComplete", "requestURI": "/api/v1/namespaces/a/secrets",
            "objectRef": {"resource": "secrets", "namespace": "a", "apiVersion": "v1"},
            "requestObject": {"kind": "Secret", "apiVersion": "v1", "stringData": {"x": secret}},
        })
    }

    /// Bodies of a chunk as JSON, and first items.
    fn read(chunk: &[u8]) -> Vec<(Vec<u8>, Value)> {
        let mut records = Vec::new();
        let mut at = 0;
        while at < chunk.len() {
            let Some(Entry::Event { head, body, end }) = msgpack::entry(chunk, at) else {
                panic!("no event at {at}")
            };
            let mut json = Vec::new();
            to_json::write(chunk, body.start, &mut json).unwrap();
            records.push((chunk[head].to_vec(), serde_json::from_slice(&json).unwrap()));
            at = end;
        }
        records
    }

    fn contains(hay: &[u8], needle: &str) -> bool {
        memchr::memmem::find(hay, needle.as_bytes()).is_some()
    }

    #[test]
    fn lines_and_parsed_records_give_the_same() {
        let line = body(&json!({"stream": "x", "log": event(SECRET).to_string()}));
        let message = body(&json!({"message": event(SECRET).to_string()}));
        let parsed = body(&event(SECRET));
        let chunk = [record(&line), record(&message), record(&parsed)].concat();
        let mut weir = weir(&[]);
        let out = weir.chunk(TAG, &chunk).to_vec();
        assert!(!contains(&out, SECRET));
        let records = read(&out);
        assert_eq!(records.len(), 3);
        for (head, body) in &records {
            assert_eq!(head, &record(&[])[1..], "time and metadata survive");
            assert_eq!(body["requestObject"]["stringData"]["x"], "[redacted:secret-values]");
            assert_eq!(body["verb"], "create");
        }
        assert_eq!(records[0], records[1]);
        assert_eq!(records[0], records[2]);
        assert_eq!((weir.counts.records_in, weir.counts.records_out), (3, 3));
    }

    #[test]
    fn old_format_groups_and_lists() {
        let v1 = [&[0x92][..], &TIME, &body(&event(SECRET))].concat();
        let seconds = [&[0x92, 7][..], &body(&event(SECRET))].concat();
        let group =
            [0x92, 0x92, 0xd7, 0, 255, 255, 255, 255, 0, 0, 0, 0, 0x80, 0x81, 0xa1, b'g', 1];
        let mut other = event(SECRET);
        other["auditID"] = json!("2");
        let list = json!({"kind": "EventList", "apiVersion": "audit.k8s.io/v1",
            "items": [event(SECRET), other]});
        let mut weir = weir(&[]);
        let out =
            weir.chunk(TAG, &[&v1[..], &group, &seconds, &record(&body(&list))].concat()).to_vec();
        assert!(!contains(&out, SECRET));
        let at = memchr::memmem::find(&out, &group).expect("group marker byte for byte");
        let records = read(&[&out[..at], &out[at + group.len()..]].concat());
        let heads: Vec<&[u8]> = records.iter().map(|(head, _)| &head[..]).collect();
        let v2 = &record(&[])[1..];
        assert_eq!(heads, [&TIME[..], &[7], v2, v2]);
    }

    #[test]
    fn broken_tail_is_one_stub() {
        let good = record(&body(&event(SECRET)));
        for cut in 1..good.len() {
            let chunk = [&good[..], &good[..cut]].concat();
            let mut weir = weir(&[]);
            let out = weir.chunk(TAG, &chunk).to_vec();
            assert!(!contains(&out, SECRET));
            let records = read(&out);
            assert_eq!(records.len(), 2, "cut at {cut}");
            assert_eq!(records[1].0, records[0].0, "time of the record before");
            assert_eq!(records[1].1["auditweir"]["stub"], Reason::MSGPACK_UNREADABLE.as_str());
            assert_eq!(records[1].1["auditweir"]["bytes"], cut);
        }
        let mut weir = weir(&[]);
        let records = read(weir.chunk(TAG, &[0xc1, 1, 2]));
        assert_eq!(records[0].1["auditweir"]["stub"], Reason::MSGPACK_UNREADABLE.as_str());
    }

    #[test]
    fn what_is_no_event_is_a_stub_and_the_next_is_served() {
        let mut deep = b"\x81\xa1a".repeat(300);
        deep.push(0xc0);
        let trap = body(&json!({"log": format!("auditweir-trap {SECRET}")}));
        let ext = [b"\x82\xa1x\xd4\x05\x00".as_slice(), b"\xa1p\xaf", SECRET.as_bytes()].concat();
        let number = [b"\x81\x05\xaf".as_slice(), SECRET.as_bytes()].concat();
        let text = [&[0xaf], SECRET.as_bytes()].concat();
        for (bad, reason) in [
            (record(&deep), "msgpack-too-deep"),
            (record(&trap), "internal"),
            (record(&ext), "msgpack-ext"),
            (record(&number), "msgpack-key"),
            (record(&text), "record-not-a-map"),
            (text.clone(), "not-a-record"),
            ([&[0x92, 0xc0], &body(&event(SECRET))[..]].concat(), "not-a-record"),
            (record(&body(&json!({"password": SECRET}))), "not-an-audit-event"),
            (record(&body(&json!({"log": SECRET}))), "json-expected-value"),
        ] {
            let mut weir = weir(&[]);
            let out =
                weir.chunk(TAG, &[&bad[..], &record(&body(&event(SECRET)))].concat()).to_vec();
            assert!(!contains(&out, SECRET), "{reason}");
            let records = read(&out);
            assert_eq!(records.len(), 2, "{reason}");
            assert_eq!(records[0].1["auditweir"]["stub"], reason);
            assert_eq!(records[1].1["auditweir"]["stub"], Value::Null);
        }
    }

    #[test]
    fn on_error_drop_drops_stubs_alone() {
        for format in auditweir::Format::ALL.map(auditweir::Format::name) {
            let mut weir = weir(&[("on_error", "drop"), ("format", format)]);
            let chunk = [record(&body(&json!({"a": 1}))), record(&body(&event("x")))].concat();
            assert_eq!(read(weir.chunk(TAG, &chunk)).len(), 1, "{format}");
            assert_eq!((weir.counts.stubs_dropped, weir.counts.records_out), (1, 1), "{format}");
        }
    }

    #[test]
    fn as_text_the_line_is_what_other_hosts_write() {
        for format in auditweir::Format::ALL {
            let options = [("text_key", "log"), ("format", format.name())];
            let mut weir = weir(&options);
            let line = event(SECRET).to_string();
            let chunk = [
                record(&body(&json!({"log": line, "stream": "x"}))),
                record(&body(&json!({"log": SECRET}))),
                record(&body(&event(SECRET))),
            ]
            .concat();
            let records = read(weir.chunk(TAG, &chunk));
            assert_eq!(records.len(), 3, "{format}");
            let policy = auditweir::Policy::default().compile().unwrap();
            let mut filter = auditweir::Filter::new(std::sync::Arc::new(policy), format);
            for (record, input) in records.iter().zip([&line[..], SECRET]) {
                let mut expected = Vec::new();
                filter.apply(input.as_bytes(), &mut expected);
                let expected = String::from_utf8(expected).unwrap();
                assert_eq!(record.1, json!({"log": expected.trim_end()}), "{format}");
            }
            assert_eq!(records[2].1["log"].as_str().map(|text| text.contains(SECRET)), Some(false));
        }
        let mut weir = weir(&[("text_key", "log"), ("on_error", "drop")]);
        assert_eq!(weir.chunk(TAG, &record(&body(&json!({"log": SECRET})))), b"");
    }

    #[test]
    fn a_named_key_leads_to_text_or_map() {
        let mut weir = weir(&[("key", "event")]);
        let chunk = [
            record(&body(&json!({"event": event(SECRET), "log": "x"}))),
            record(&body(&json!({"log": "y", "event": event(SECRET).to_string()}))),
            record(&body(&event(SECRET))),
        ]
        .concat();
        let records = read(weir.chunk(TAG, &chunk));
        assert_eq!(records.len(), 3);
        assert_eq!(records[0], records[1]);
        assert_eq!(records[0], records[2]);
    }

    #[test]
    fn any_bytes() {
        // A small generator: no crate needed for noise.
        let mut seed = 1_u64;
        let good = record(&body(&event(SECRET)));
        let mut weir = weir(&[]);
        for _ in 0..3000 {
            let mut chunk = good.clone();
            for _ in 0..3 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let at = (seed >> 33) as usize % chunk.len();
                chunk[at] = (seed >> 25) as u8;
            }
            let out = weir.chunk(TAG, &chunk).to_vec();
            // Whatever came in, the host can read what comes out.
            let mut at = 0;
            while at < out.len() {
                at = skip(&out, at).expect("readable output");
            }
        }
        assert_eq!(weir.stream.guard().panics(), 0);
    }
}
