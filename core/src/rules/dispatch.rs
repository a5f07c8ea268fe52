//! Which rules may say something about an event: four tables, by verb, resource, subresource and
//! group.

use super::compile::Test;
use super::fields::{Derived, Field};
use super::pattern::Pattern;
use super::subject::Target;

/// Sets of rules, by what their conditions cannot do without.
pub(super) struct Dispatch {
    words: usize,
    tables: [Table; FIELDS.len()],
}

/// What a request is known by, in the order of the tables.
pub(super) const FIELDS: [Derived; 4] =
    [Derived::Verb, Derived::Resource, Derived::Subresource, Derived::Group];

/// What a request was for, as rows of the tables.
pub(super) type Rows = [u16; FIELDS.len()];

/// What a row stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Row<'t> {
    /// This name, in lower case; an empty one is none.
    Name(&'t [u8]),
    /// Some other name, not an empty one.
    Other,
    /// Whatever an event does not say.
    Unsaid,
}

/// What a condition cannot do without; `None` for anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Need {
    pub(super) verbs: Option<Vec<Box<[u8]>>>,
    pub(super) resources: Option<Vec<Box<[u8]>>>,
    pub(super) subresources: Option<Vec<Box<[u8]>>>,
    pub(super) groups: Option<Vec<Box<[u8]>>>,
}

/// Names and the rules that each lets through; the last sets are for every other name and for what
/// is not said.
struct Table {
    /// By length, then by letters.
    names: Vec<Box<[u8]>>,
    /// Rows by what [`Table::place`] makes of their names, and the next place where that is taken;
    /// a power of two of them, of which most are free.
    places: Vec<u16>,
    sets: Vec<u64>,
    words: usize,
}

impl Need {
    fn names(&self, field: usize) -> Option<&[Box<[u8]>]> {
        match FIELDS[field] {
            Derived::Verb => self.verbs.as_deref(),
            Derived::Resource => self.resources.as_deref(),
            Derived::Subresource => self.subresources.as_deref(),
            _ => self.groups.as_deref(),
        }
    }
}

impl Dispatch {
    /// Tables over what conditions cannot do without, with a row for every name that a test has.
    pub(super) fn new(needs: &[Need], tests: &[Test]) -> Self {
        let words = needs.len().div_ceil(64);
        let tables = std::array::from_fn(|field| {
            let named = tests.iter().filter(|test| test.field == Field::Derived(FIELDS[field]));
            let names = named.flat_map(|test| test.patterns.iter().filter_map(Pattern::exact));
            Table::new(words, names, needs.iter().map(|need| need.names(field)))
        });
        Self { words, tables }
    }

    /// Where in the tables a request stands.
    #[inline]
    pub(super) fn rows(&self, target: &Target<'_>) -> Rows {
        let [verbs, resources, subresources, groups] = &self.tables;
        if !target.is_known {
            return self.tables.each_ref().map(Table::unsaid);
        }
        [
            verbs.row(target.verb),
            resources.row(target.resource),
            subresources.row(target.subresource),
            groups.row(target.group),
        ]
    }

    /// The rules to ask, 64 of them a word.
    pub(super) fn candidates(&self, rows: Rows) -> impl Iterator<Item = u64> + '_ {
        (0..self.words).map(move |word| {
            let sets = self.tables.iter().zip(rows);
            sets.fold(u64::MAX, |all, (table, row)| all & table.set(row, word))
        })
    }

    /// What the rows of a table stand for.
    pub(super) fn table(&self, field: Derived) -> Option<impl Iterator<Item = Row<'_>>> {
        let at = FIELDS.iter().position(|known| *known == field)?;
        let names = self.tables[at].names.iter().map(|name| Row::Name(name));
        Some(names.chain([Row::Other, Row::Unsaid]))
    }
}

impl Table {
    fn new<'n>(
        words: usize,
        names: impl Iterator<Item = &'n [u8]>,
        needs: impl Iterator<Item = Option<&'n [Box<[u8]>]>> + Clone,
    ) -> Self {
        let needed = needs.clone().flatten().flatten().map(|name| &**name);
        let mut names: Vec<Box<[u8]>> = names
            .chain(needed)
            .chain([&b""[..]])
            .map(|name| name.to_ascii_lowercase().into())
            .collect();
        names.sort_unstable_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
        names.dedup();
        let mut places = vec![Self::FREE; (names.len() * 4).next_power_of_two()];
        for (row, name) in names.iter().enumerate() {
            let mut at = Self::place(name) % places.len();
            while places[at] != Self::FREE {
                at = (at + 1) % places.len();
            }
            places[at] = row as u16;
        }
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
        Self { names, places, sets, words }
    }

    const FREE: u16 = u16::MAX;

    /// The same for upper and lower case.
    fn place(name: &[u8]) -> usize {
        let (first, last) = match name {
            [first, .., last] => (*first, *last),
            _ => (0, 0),
        };
        let middle = name.get(name.len() / 2).copied().unwrap_or_default();
        let letter = |byte: u8| usize::from(byte & 31);
        name.len() ^ letter(first) << 3 ^ letter(middle) << 5 ^ letter(last) << 6
    }

    #[inline]
    fn row(&self, name: &[u8]) -> u16 {
        let last = self.places.len() - 1;
        let mut at = Self::place(name) & last;
        while let Some(known) = self.names.get(usize::from(self.places[at])) {
            if **known == *name || known.eq_ignore_ascii_case(name) {
                return self.places[at];
            }
            at = (at + 1) & last;
        }
        self.names.len() as u16
    }

    fn set(&self, row: u16, word: usize) -> u64 {
        self.sets[usize::from(row) * self.words + word]
    }

    /// The row of what is not said, of which every rule may be true.
    fn unsaid(&self) -> u16 {
        self.names.len() as u16 + 1
    }
}
