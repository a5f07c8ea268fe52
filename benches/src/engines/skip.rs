//! The floor: the text is read and checked once, and nothing is made of it.

use bytes::Bytes;
use serde::Deserialize;

use super::Engine;

/// jiter: skips over the text, checking it, and makes nothing.
pub struct JiterSkip;

impl Engine for JiterSkip {
    fn name(&self) -> &'static str {
        "jiter skip"
    }
    fn line(&mut self, line: &Bytes, out: &mut Vec<u8>) {
        let mut jiter = jiter::Jiter::new(line);
        jiter.next_skip().expect("json");
        jiter.finish().expect("end");
        out.push(b'\n');
    }
}

/// serde_json: skips over the text, checking it, and makes nothing.
pub struct SerdeSkip;

impl Engine for SerdeSkip {
    fn name(&self) -> &'static str {
        "serde_json skip"
    }
    fn line(&mut self, line: &Bytes, out: &mut Vec<u8>) {
        let mut json = serde_json::Deserializer::from_slice(line);
        serde::de::IgnoredAny::deserialize(&mut json).expect("json");
        json.end().expect("end");
        out.push(b'\n');
    }
}
