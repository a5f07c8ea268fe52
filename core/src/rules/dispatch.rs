//! Which rules may say something about an event: three tables, by verb, resource and subresource.

use super::subject::Target;

/// Sets of rules, by what their conditions cannot do without.
#[derive(Default)]
pub(super) struct Dispatch {
    words: usize,
    verbs: Table,
    resources: Table,
    subresources: Table,
}

/// What a condition cannot do without; `None` for anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Need {
    pub(super) verbs: Option<Vec<Box<[u8]>>>,
    pub(super) resources: Option<Vec<Box<[u8]>>>,
    pub(super) subresources: Option<Vec<Box<[u8]>>>,
    /// Asked by nobody here, since nearly all events of a resource are of one group.
    pub(super) groups: Option<Vec<Box<[u8]>>>,
}

/// Names and the rules that each lets through; the last set is for every other name.
#[derive(Default)]
struct Table {
    /// By length, then by letters.
    names: Vec<Box<[u8]>>,
    /// Where the names of each length begin; one more for the end.
    lengths: Vec<u16>,
    sets: Vec<u64>,
    words: usize,
}

impl Dispatch {
    pub(super) fn new(needs: &[Need]) -> Self {
        let words = needs.len().div_ceil(64);
        Self {
            words,
            verbs: Table::new(words, needs.iter().map(|need| need.verbs.as_deref())),
            resources: Table::new(words, needs.iter().map(|need| need.resources.as_deref())),
            subresources: Table::new(words, needs.iter().map(|need| need.subresources.as_deref())),
        }
    }

    /// Fills `out` with the rules to ask; false when there is none.
    #[inline]
    pub(super) fn candidates(&self, target: &Target<'_>, out: &mut Vec<u64>) -> bool {
        let verbs = self.verbs.set(target.verb);
        let resources = self.resources.set(target.resource);
        let subresources = self.subresources.set(target.subresource);
        out.clear();
        let mut any = 0;
        for word in 0..self.words {
            // Of what is not known every rule may be true.
            let bits = if target.is_known {
                verbs[word] & resources[word] & subresources[word]
            } else {
                u64::MAX
            };
            let bits = if target.is_known { bits } else { bits & self.verbs.all(word) };
            any |= bits;
            out.push(bits);
        }
        any != 0
    }
}

impl Table {
    fn new<'n>(words: usize, needs: impl Iterator<Item = Option<&'n [Box<[u8]>]>> + Clone) -> Self {
        let mut names: Vec<Box<[u8]>> = needs
            .clone()
            .flatten()
            .flatten()
            .map(|name| name.to_ascii_lowercase().into())
            .collect();
        names.sort_unstable_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
        names.dedup();
        let longest = names.last().map_or(0, |name| name.len());
        let lengths = (0..=longest + 1)
            .map(|length| names.partition_point(|name| name.len() < length) as u16)
            .collect();
        let mut sets = vec![0; (names.len() + 2) * words];
        for (rule, need) in needs.enumerate() {
            let mut add = |row: usize| sets[row * words + rule / 64] |= 1u64 << (rule % 64);
            for (row, name) in names.iter().enumerate() {
                if need.is_none_or(|need| need.iter().any(|n| n.eq_ignore_ascii_case(name))) {
                    add(row);
                }
            }
            if need.is_none() {
                add(names.len());
            }
            add(names.len() + 1);
        }
        Self { names, lengths, sets, words }
    }

    #[inline]
    fn set(&self, name: &[u8]) -> &[u64] {
        let range = match self.lengths.get(name.len()..) {
            Some([from, to, ..]) => usize::from(*from)..usize::from(*to),
            _ => 0..0,
        };
        let from = range.start;
        let row = self.names[range].iter().position(|known| known.eq_ignore_ascii_case(name));
        let from = row.map_or(self.names.len(), |row| from + row) * self.words;
        &self.sets[from..from + self.words]
    }

    /// Every rule there is.
    fn all(&self, word: usize) -> u64 {
        self.sets[(self.names.len() + 1) * self.words + word]
    }
}
