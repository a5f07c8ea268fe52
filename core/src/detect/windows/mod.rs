//! Where the prefilter looks for a literal: at a separator in it, or at four of its bytes.
//!
//! Most tokens have a separator after two letters or more (`ghp_`, `hvs.`, `glpat-`, `$2y$`). The
//! prefilter stops at all separators anyhow, so the two bytes before one say nearly all. The other
//! literals are known by a window of four bytes and share sixteen buckets.
//!
//! Any place is right; a good one makes false candidates rare. Which is good, [`choice`] computes from
//! the bytes of audit logs; what it found is committed in [`table`], since to compute it at every start of
//! a WebAssembly module would cost as much as two hundred events.

#[cfg(test)]
mod choice;
mod table;

/// Bytes of a window.
pub(super) const WINDOW: usize = 4;
/// With eight of them three times as many windows are false; each costs thirteen instructions, and eight
/// more buckets cost two dozen for 32 bytes.
pub(super) const BUCKETS: usize = 16;

/// Bytes that many tokens have between their prefix and the rest.
pub(super) const SEPARATORS: &[u8] = b"_-.$~";

/// Where a literal is looked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Place {
    /// At the separator that stands at this byte of it.
    Separator(u8),
    /// At the window that starts at `offset`, in this bucket.
    Window { offset: u8, bucket: u8 },
}

/// The place of a literal. One that is not in the table yet stands in the first bucket.
pub(super) fn place_of(literal: &[u8]) -> Place {
    table::PLACES
        .binary_search_by(|(text, _)| text.as_bytes().cmp(literal))
        .map_or(Place::Window { offset: 0, bucket: 0 }, |at| table::PLACES[at].1)
}
