//! The most frequent names in bounded memory: Metwally's space-saving algorithm.
//!
//! Exact until there are more names than places. From then on a new name takes the place of the
//! rarest one and inherits its count as a possible error: a name seen more often than the events
//! divided by the places is never missing, and every count is known to lie between two bounds.

use std::collections::HashMap;

use super::counts::Counts;

/// Names kept per list.
pub(super) const PLACES: usize = 1000;

/// The most frequent names.
pub(super) struct Top {
    places: usize,
    at: HashMap<Box<str>, usize>,
    entries: Vec<Entry>,
    /// No entry has fewer events.
    floor: u64,
    /// Where to look for the rarest next.
    hand: usize,
    /// What was counted in all.
    pub(super) total: Counts,
}

/// One name.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// The name; parts of it are divided by line breaks.
    pub(super) name: Box<str>,
    /// What it has at least.
    pub(super) counts: Counts,
    /// Events it may have more than that.
    pub(super) unsure: u64,
}

impl Entry {
    /// The most events it can have.
    fn most(&self) -> u64 {
        self.counts.events + self.unsure
    }
}

impl Default for Top {
    fn default() -> Self {
        Self::new(PLACES)
    }
}

impl Top {
    fn new(places: usize) -> Self {
        Self {
            places,
            at: HashMap::new(),
            entries: Vec::new(),
            floor: 0,
            hand: 0,
            total: Counts::default(),
        }
    }

    /// Counts under a name.
    pub(super) fn add(&mut self, name: &str, counts: &Counts) {
        self.total.add(counts);
        if let Some(at) = self.at.get(name) {
            self.entries[*at].counts.add(counts);
            return;
        }
        if self.entries.len() < self.places {
            self.at.insert(name.into(), self.entries.len());
            self.entries.push(Entry { name: name.into(), counts: *counts, unsure: 0 });
            return;
        }
        let at = self.rarest();
        let entry = &mut self.entries[at];
        let unsure = entry.most();
        self.at.remove(&entry.name);
        self.at.insert(name.into(), at);
        *entry = Entry { name: name.into(), counts: *counts, unsure };
    }

    /// The entry with the fewest events. Looks on from where it found the last one: while names
    /// keep coming that were never seen, each costs a few steps.
    fn rarest(&mut self) -> usize {
        loop {
            for _ in 0..self.entries.len() {
                let at = self.hand;
                self.hand = (at + 1) % self.entries.len();
                if self.entries[at].most() <= self.floor {
                    return at;
                }
            }
            self.floor = self.entries.iter().map(Entry::most).min().unwrap_or(0);
        }
    }

    /// Whether every name has a place, so that all counts are exact.
    pub(super) fn is_exact(&self) -> bool {
        self.entries.iter().all(|entry| entry.unsure == 0)
    }

    /// How many names there are, up to the number of places.
    pub(super) fn names(&self) -> usize {
        self.entries.len()
    }

    /// The `count` names with the most of what `by` says, by name where that is equal.
    pub(super) fn first(&self, count: usize, by: impl Fn(&Counts) -> u64) -> Vec<&Entry> {
        let mut list: Vec<&Entry> = self.entries.iter().collect();
        list.sort_unstable_by(|one, other| {
            by(&other.counts)
                .cmp(&by(&one.counts))
                .then(other.counts.events.cmp(&one.counts.events))
                .then(one.name.cmp(&other.name))
        });
        list.truncate(count);
        list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one() -> Counts {
        Counts::unknown(0)
    }

    #[test]
    fn exact_while_there_is_room() {
        let mut top = Top::new(3);
        for name in ["b", "a", "c", "a"] {
            top.add(name, &one());
        }
        assert!(top.is_exact());
        let found: Vec<_> = top
            .first(9, |counts| counts.events)
            .iter()
            .map(|entry| (&*entry.name, entry.counts.events))
            .collect();
        assert_eq!(found, [("a", 2), ("b", 1), ("c", 1)]);
    }

    #[test]
    fn bounds_hold_and_the_frequent_stay() {
        // Deterministic noise around two frequent names.
        let mut top = Top::new(50);
        let mut truth: HashMap<String, u64> = HashMap::new();
        let mut seed = 1u64;
        for step in 0..60_000u64 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let name = match step % 10 {
                0 | 1 => "often".to_owned(),
                2 => "second".to_owned(),
                _ => format!("noise-{}", seed >> 44),
            };
            *truth.entry(name.clone()).or_default() += 1;
            top.add(&name, &one());
        }
        assert!(!top.is_exact());
        assert_eq!((top.names(), top.total.events), (50, 60_000));
        for entry in top.first(50, |counts| counts.events) {
            let real = truth[&*entry.name];
            assert!(entry.counts.events <= real && real <= entry.most(), "{entry:?} {real}");
        }
        let first = top.first(2, |counts| counts.events);
        assert_eq!(&*first[0].name, "often");
        assert_eq!(&*first[1].name, "second");
        assert_eq!(first[0].counts.events, truth["often"]);
    }
}
