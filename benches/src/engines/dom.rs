//! The idle round trip: a document tree is built and written again, nothing is done to it.

use bytes::Bytes;

use super::Engine;

/// serde_json: parse into a `Value`, write it unchanged.
pub struct SerdeJson;

impl Engine for SerdeJson {
    fn name(&self) -> &'static str {
        "serde_json idle"
    }
    fn line(&mut self, line: &Bytes, out: &mut Vec<u8>) {
        let value: serde_json::Value = serde_json::from_slice(line).expect("json");
        serde_json::to_writer(out, &value).expect("write");
    }
}

/// sonic-rs: parse into a `Value`, write it unchanged.
pub struct SonicRs;

impl Engine for SonicRs {
    fn name(&self) -> &'static str {
        "sonic-rs idle"
    }
    fn line(&mut self, line: &Bytes, out: &mut Vec<u8>) {
        let value: sonic_rs::Value = sonic_rs::from_slice(line).expect("json");
        sonic_rs::to_writer(out, &value).expect("write");
    }
}
