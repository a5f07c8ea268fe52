//! The document id: what makes two deliveries of one event the same document.
//!
//! `auditID` will not do: clients set it (`Audit-ID` header) and aggregated API servers share it,
//! so an attacker could have a second event refused as a duplicate. The id is a SHA-256 over the
//! event *as redacted*, cut to 128 bits: equal ids mean equal documents. The raw event is not
//! hashed, because everything around a short secret stays visible and guesses could be checked
//! against such a hash. A stub has nothing else to hash; with a pseudonym key its id is keyed.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::policy::CompiledPolicy;
use crate::redact::edits::Edits;

/// 32 lower case hex digits that identify the redacted event `src[start..end]`.
pub(crate) fn document_id(src: &[u8], start: u32, end: u32, edits: &Edits) -> [u8; 32] {
    let mut hash = Sha256::new();
    edits.pieces(src, start, end, |piece| hash.update(piece));
    hex(&hash.finalize())
}

/// 32 lower case hex digits that identify an input of which only a stub goes on.
pub(crate) fn stub_id(raw: &[u8], policy: &CompiledPolicy) -> [u8; 32] {
    if let Some(key) = &policy.key
        && let Ok(mut mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(&key.bytes)
    {
        mac.update(raw);
        return hex(&mac.finalize().into_bytes());
    }
    hex(&Sha256::digest(raw))
}

/// The first 128 bits of a digest as lower case hex digits.
pub(crate) fn hex(digest: &[u8]) -> [u8; 32] {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut id = [0; 32];
    for (pair, byte) in id.chunks_exact_mut(2).zip(digest) {
        pair[0] = HEX[usize::from(byte >> 4)];
        pair[1] = HEX[usize::from(byte & 15)];
    }
    id
}
