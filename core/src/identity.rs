//! The document id: what makes two deliveries of one event the same document.
//!
//! `auditID` will not do: clients set it (`Audit-ID` header) and aggregated API servers share it,
//! so an attacker could have a second event refused as a duplicate. The id is a SHA-256 over the
//! raw event, cut to 128 bits.

use sha2::{Digest, Sha256};

/// 32 lower case hex digits that identify the raw event.
pub(crate) fn document_id(raw: &[u8]) -> [u8; 32] {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let digest = Sha256::digest(raw);
    let mut id = [0; 32];
    for (pair, byte) in id.chunks_exact_mut(2).zip(digest.iter()) {
        pair[0] = HEX[usize::from(byte >> 4)];
        pair[1] = HEX[usize::from(byte & 15)];
    }
    id
}
