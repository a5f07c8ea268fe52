//! The marks of one group: what was seen of it and when, and whether that is enough together with
//! what came last. Only windows that hold the newcomer are looked at: an old one has been told of.

/// Marks of each rule of an ordered correlation: one would do if events came in order.
pub(super) const KEPT: usize = 8;
/// The time of what never was.
pub(super) const NEVER: i64 = i64::MIN;

/// One mark: when, and what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) time: i64,
    pub(super) value: u64,
}

impl Mark {
    pub(super) const NONE: Self = Self { time: NEVER, value: 0 };
}

/// The marks of one group. Those in use stand in front, by time; an ordered correlation has a part
/// for each of its rules instead, by time as well, and what is not in use in front.
pub(super) struct List<'t> {
    pub(super) marks: &'t mut [Mark],
    pub(super) used: &'t mut u32,
}

impl List<'_> {
    pub(super) fn in_use(&self) -> &[Mark] {
        &self.marks[..*self.used as usize]
    }

    /// Puts a mark among the others, and says where it stands. When there is no room, the one farthest
    /// away goes: in order that is the oldest, but files may lie in another order.
    pub(super) fn put(&mut self, mark: Mark) -> usize {
        let used = *self.used as usize;
        let at = self.in_use().partition_point(|known| known.time <= mark.time);
        if used < self.marks.len() {
            self.marks.copy_within(at..used, at + 1);
            self.marks[at] = mark;
            *self.used += 1;
            return at;
        }
        let (Some(first), Some(last)) = (self.marks.first(), self.marks.last()) else { return 0 };
        if is_nearer(mark.time, first.time, last.time) {
            self.marks.copy_within(at..used - 1, at + 1);
            self.marks[at] = mark;
            return at;
        }
        self.marks.copy_within(1..at, 0);
        self.marks[at - 1] = mark;
        at - 1
    }

    /// Whether so many marks, that at `at` among them, stand within the timespan.
    pub(super) fn is_full_around(&self, at: usize, least: usize, span: i64) -> bool {
        let marks = self.in_use();
        let end = (at + least).min(marks.len());
        let mut windows = marks[(at + 1).saturating_sub(least)..end].windows(least);
        windows.any(|window| window[least - 1].time - window[0].time <= span)
    }

    /// Puts the mark of a value among the others. Of three of the same value within a timespan the
    /// middle one goes: every window that holds it holds one of the others.
    pub(super) fn put_value(&mut self, mark: Mark, span: i64) {
        let at = self.put(mark);
        let same = |known: &(usize, &Mark)| known.1.value == mark.value;
        let (mut earlier, mut later) = ([None; 2], [None; 2]);
        let marks = self.in_use();
        let before = marks[..at].iter().enumerate().rev().filter(same);
        earlier.iter_mut().zip(before).for_each(|(place, (at, _))| *place = Some(at));
        let after = marks.iter().enumerate().skip(at + 1).filter(same);
        later.iter_mut().zip(after).for_each(|(place, (at, _))| *place = Some(at));
        let near = |from: Option<usize>, to: Option<usize>| {
            from.zip(to).is_some_and(|(from, to)| marks[to].time - marks[from].time <= span)
        };
        let here = Some(at);
        // What makes another needless must stay itself. From the last to the first, so that places hold.
        let gone = if near(earlier[0], later[0]) {
            [here, None]
        } else {
            [
                later[0].filter(|_| near(here, later[1])),
                earlier[0].filter(|_| near(earlier[1], here)),
            ]
        };
        for at in gone.into_iter().flatten() {
            let used = *self.used as usize;
            self.marks.copy_within(at + 1..used, at);
            *self.used -= 1;
        }
    }

    /// Takes note of a time of one rule of an ordered correlation, and says whether it stands among
    /// times of the others in their order and within the timespan: from it back always the latest,
    /// from it on always the earliest.
    pub(super) fn follows(&mut self, rule: usize, time: i64, span: i64) -> bool {
        remember(&mut self.marks[rule * KEPT..][..KEPT], time, span);
        let (before, after) = self.marks.split_at(rule * KEPT);
        let mut first = time;
        for times in before.chunks_exact(KEPT).rev() {
            match times.iter().rev().find(|mark| mark.time <= first) {
                Some(mark) if mark.time != NEVER => first = mark.time,
                _ => return false,
            }
        }
        let mut last = time;
        for times in after.chunks_exact(KEPT).skip(1) {
            match times.iter().find(|mark| mark.time >= last) {
                Some(mark) => last = mark.time,
                None => return false,
            }
        }
        last - first <= span
    }
}

/// Puts a time among those of its rule. When there is no room, one goes that stands between two
/// within a timespan; else the one farthest away.
fn remember(times: &mut [Mark], time: i64, span: i64) {
    let at = times.partition_point(|mark| mark.time <= time);
    if at > 0 && times[at - 1].time == time {
        return;
    }
    let between = |at: &usize| times[at + 1].time - times[at - 1].time <= span;
    let is_full = times[0].time != NEVER;
    let last = times.len() - 1;
    let gone = match is_full.then(|| (1..last).find(between)) {
        Some(Some(between)) => between,
        Some(None) if is_nearer(time, times[0].time, times[last].time) => last,
        _ => 0,
    };
    let mark = Mark { time, value: 0 };
    if gone < at {
        times.copy_within(gone + 1..at, gone);
        times[at - 1] = mark;
    } else if gone > 0 {
        times.copy_within(at..gone, at + 1);
        times[at] = mark;
    }
}

/// Whether a time is nearer to the first than to the last.
fn is_nearer(time: i64, first: i64, last: i64) -> bool {
    time.saturating_sub(first) < last.saturating_sub(time)
}

/// Memory to count values in.
pub(super) struct Scratch {
    others: Vec<Mark>,
    edges: Vec<(i64, i8)>,
}

impl Scratch {
    pub(super) fn for_marks(room: usize) -> Self {
        Self { others: Vec::with_capacity(room), edges: Vec::with_capacity(2 * room) }
    }

    /// Whether a window of the timespan that holds `new` has this many different values.
    pub(super) fn has_values(&mut self, marks: &[Mark], new: Mark, least: u32, span: i64) -> bool {
        let Self { others, edges } = self;
        others.clear();
        edges.clear();
        let is_near = |mark: &&Mark| (mark.time - new.time).abs() <= span;
        others.extend(marks.iter().filter(|mark| mark.value != new.value).filter(is_near));
        if others.len() + 1 < least as usize {
            return false;
        }
        others.sort_unstable_by_key(|mark| (mark.value, mark.time));
        // Of each value only the nearest on either side matters. Windows by where they begin: up to
        // the one they hold it, and again from where they reach the other.
        let mut values = 1;
        for same in others.chunk_by(|one, next| one.value == next.value) {
            let after = same.partition_point(|mark| mark.time <= new.time);
            let left = after.checked_sub(1).map(|at| same[at].time);
            let right = same.get(after).map(|mark| mark.time);
            values += u32::from(left.is_some());
            if left.zip(right).is_some_and(|(left, right)| right - left <= span) {
                continue;
            }
            edges.extend(left.map(|left| (left + 1, -1)));
            edges.extend(right.map(|right| (right - span, 1)));
        }
        // What goes and what comes at one place: first what goes.
        edges.sort_unstable();
        let mut most = values;
        for (at, change) in &*edges {
            values = values.saturating_add_signed(i32::from(*change));
            if *at <= new.time {
                most = most.max(values);
            }
        }
        most >= least
    }
}
