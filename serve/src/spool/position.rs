//! How far the sink has confirmed: one small file, replaced as a whole.

use std::fs;
use std::io;
use std::path::Path;

use super::segment::{FIRST, replace};

const NAME: &str = "position";

/// A place between two records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position {
    /// Number of the segment.
    pub(super) segment: u64,
    /// Byte in it.
    pub(super) at: u64,
}

impl Position {
    /// Where segment `segment` begins.
    pub(super) fn start_of(segment: u64) -> Self {
        Self { segment, at: FIRST }
    }

    fn text(self) -> String {
        let text = format!("1 {} {}", self.segment, self.at);
        format!("{text} {:08x}\n", crc32fast::hash(text.as_bytes()))
    }

    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split_ascii_whitespace();
        let position = Self {
            segment: (words.next()? == "1").then(|| words.next())??.parse().ok()?,
            at: words.next()?.parse().ok()?,
        };
        (position.text() == text).then_some(position)
    }

    /// What was kept; `None` when there is nothing or it is damaged.
    pub(super) fn load(folder: &Path) -> Option<Self> {
        Self::parse(&fs::read_to_string(folder.join(NAME)).ok()?)
    }

    /// Keeps it, on disk before this returns.
    pub(super) fn store(self, folder: &Path) -> io::Result<()> {
        replace(&folder.join(NAME), self.text().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_texts_are_read() {
        let position = Position { segment: 7, at: 1234 };
        let text = position.text();
        assert_eq!(Position::parse(&text), Some(position));
        for end in 0..text.len() {
            assert_eq!(Position::parse(&text[..end]), None, "{end}");
        }
        assert_eq!(Position::parse(&text.replace("1234", "1235")), None);
    }
}
