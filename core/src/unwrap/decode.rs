//! base64 and gzip around events.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use crate::gzip::{Fault, Gunzip, is_gzip};
use crate::reason::Reason;
use crate::text;

/// Why encoded content cannot be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum DecodeError {
    Base64,
    Gzip,
    TooLarge,
}

impl DecodeError {
    pub(super) const fn reason(self) -> Reason {
        match self {
            Self::Base64 => Reason::BAD_BASE64,
            Self::Gzip => Reason::BAD_GZIP,
            Self::TooLarge => Reason::DECODED_TOO_LARGE,
        }
    }
}

/// Reads base64 and gzip in memory that is kept.
#[derive(Default)]
pub(super) struct Decode {
    gunzip: Gunzip,
    plain: Vec<u8>,
    decoded: Vec<u8>,
}

impl Decode {
    /// Replaces `out` by what `raw` (the inside of a JSON string) encodes: base64, then gzip if it
    /// is.
    pub(super) fn base64_gzip(
        &mut self,
        raw: &[u8],
        budget: &mut usize,
        out: &mut Vec<u8>,
    ) -> Result<(), DecodeError> {
        let Self { gunzip, plain, decoded } = self;
        let encoded = if raw.contains(&b'\\') {
            // `\/` is how some encoders write a slash
            plain.clear();
            text::unescape(raw, plain);
            plain.as_slice()
        } else {
            raw
        };
        decoded.clear();
        let engine = if encoded.ends_with(b"=") { &STANDARD } else { &STANDARD_NO_PAD };
        if engine.decode_vec(encoded, decoded).is_err() {
            decoded.clear();
            let trimmed = encoded.trim_ascii_end();
            let unpadded = trimmed.strip_suffix(b"==").or(trimmed.strip_suffix(b"="));
            let unpadded = unpadded.unwrap_or(trimmed);
            URL_SAFE_NO_PAD.decode_vec(unpadded, decoded).map_err(|_| DecodeError::Base64)?;
        }
        out.clear();
        if is_gzip(decoded) {
            // Output that is too large is noticed by its length, below.
            if gunzip.inflate(decoded, *budget, out) == Err(Fault::Broken) {
                return Err(DecodeError::Gzip);
            }
        } else {
            out.extend_from_slice(decoded);
        }
        if out.len() > *budget {
            *out = Vec::new();
            return Err(DecodeError::TooLarge);
        }
        *budget -= out.len();
        Ok(())
    }

    /// Gives memory back after an unusually large input.
    pub(super) fn shrink(&mut self) {
        self.plain = Vec::new();
        self.decoded = Vec::new();
    }
}
