//! What stands around `@`: URL userinfo.

use super::readers::urls;
use super::{Detector, Detectors, Hit, push};

/// What is remembered from sign to sign of one haystack.
#[derive(Default)]
pub(super) struct Memory {
    searched: urls::Searched,
}

/// Whether any detector looks at signs.
pub(super) fn wanted(detectors: &Detectors) -> bool {
    [Detector::UrlUserinfo, Detector::Email].iter().any(|detector| detectors.has(*detector))
        || !detectors.signs.is_empty()
}

/// Appends what is found around the sign at `at`. Signs come in ascending order.
pub(super) fn look(
    detectors: &Detectors,
    hay: &[u8],
    at: usize,
    memory: &mut Memory,
    hits: &mut Vec<Hit>,
) {
    if hay[at] != b'@' {
        return;
    }
    if detectors.has(Detector::UrlUserinfo) {
        urls::userinfo(hay, at, &mut memory.searched, |span| {
            push(hits, span.start, span.end, Detector::UrlUserinfo);
        });
    }
    if detectors.has(Detector::Email)
        && let Some((start, end)) = super::personal::email(hay, at)
    {
        push(hits, start, end, Detector::Email);
    }
}
