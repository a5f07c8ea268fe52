//! Events over time in bounded memory, without knowing the period beforehand.

use std::collections::BTreeMap;

use auditweir_shell::time::DAY;

use super::counts::Counts;

/// Widths of a bar in seconds; each divides the next.
const WIDTHS: [i64; 16] = [
    1,
    5,
    10,
    30,
    60,
    300,
    600,
    1800,
    3600,
    3 * 3600,
    6 * 3600,
    12 * 3600,
    DAY,
    7 * DAY,
    28 * DAY,
    364 * DAY,
];
/// Bars kept; when there are more, they become wider.
const KEPT: usize = 4096;

/// Events per stretch of time.
#[derive(Default)]
pub(super) struct Volume {
    /// Index into [`WIDTHS`].
    width: usize,
    bars: BTreeMap<i64, Counts>,
    /// First and last time.
    pub(super) span: Option<(i64, i64)>,
    /// Events without a time.
    pub(super) undated: u64,
}

/// A part of the time to draw: bars of equal width without gaps.
pub(super) struct Drawing {
    /// When the first bar begins.
    pub(super) from: i64,
    /// Seconds per bar.
    pub(super) width: i64,
    /// The bars.
    pub(super) bars: Vec<Counts>,
    /// Dated events before the first and after the last bar.
    pub(super) outside: u64,
}

impl Volume {
    /// Counts at a time in seconds.
    pub(super) fn add(&mut self, time: Option<i64>, counts: &Counts) {
        let Some(time) = time else {
            self.undated += counts.events;
            return;
        };
        let (first, last) = self.span.unwrap_or((time, time));
        self.span = Some((first.min(time), last.max(time)));
        self.bars.entry(time.div_euclid(WIDTHS[self.width])).or_default().add(counts);
        while self.bars.len() > KEPT && self.width + 1 < WIDTHS.len() {
            self.width += 1;
            self.bars = Self::widened(&self.bars, WIDTHS[self.width] / WIDTHS[self.width - 1]);
        }
    }

    fn widened(bars: &BTreeMap<i64, Counts>, by: i64) -> BTreeMap<i64, Counts> {
        let mut wider = BTreeMap::<i64, Counts>::new();
        for (at, counts) in bars {
            wider.entry(at.div_euclid(by)).or_default().add(counts);
        }
        wider
    }

    /// Bars for a drawing of at most `most` of them. Where a few events lie far from all others (a
    /// wrong clock is enough), the drawing leaves them out and says how many.
    pub(super) fn draw(&self, most: usize) -> Option<Drawing> {
        let events: u64 = self.bars.values().map(|counts| counts.events).sum();
        let own = WIDTHS[self.width];
        let (whole_from, whole_to) = (*self.bars.keys().next()?, *self.bars.keys().next_back()?);
        let (mut from, mut to) = (whole_from, whole_to);
        let (short_from, short_to) = self.shortest(events - events / 50)?;
        if (short_to - short_from + 1) * 10 < whole_to - whole_from + 1 {
            // with what lies close by
            let edge = (short_to - short_from) / 10 + 1;
            let near = self.bars.range(short_from - edge..=short_to + edge);
            (from, to) = near
                .fold((short_from, short_to), |(from, to), (at, _)| (from.min(*at), to.max(*at)));
        }
        let width = WIDTHS[self.width..]
            .iter()
            .copied()
            .find(|width| {
                let bars = (to * own).div_euclid(*width) - (from * own).div_euclid(*width) + 1;
                usize::try_from(bars).is_ok_and(|bars| bars <= most)
            })
            .unwrap_or(WIDTHS[WIDTHS.len() - 1]);
        let wider = Self::widened(&self.bars, width / own);
        let (from, to) = ((from * own).div_euclid(width), (to * own).div_euclid(width));
        // Past the widest bars there is only leaving out.
        let to = to.min(from.saturating_add_unsigned(most as u64) - 1);
        let bars: Vec<Counts> =
            (from..=to).map(|at| wider.get(&at).copied().unwrap_or_default()).collect();
        let drawn: u64 = bars.iter().map(|counts| counts.events).sum();
        Some(Drawing { from: from * width, width, bars, outside: events - drawn })
    }

    /// The shortest stretch that holds so many events.
    fn shortest(&self, wanted: u64) -> Option<(i64, i64)> {
        let bars: Vec<(i64, u64)> =
            self.bars.iter().map(|(at, counts)| (*at, counts.events)).collect();
        let (mut start, mut held) = (0, 0);
        let mut best: Option<(i64, i64)> = None;
        for (end, count) in &bars {
            held += count;
            while held - bars[start].1 >= wanted {
                held -= bars[start].1;
                start += 1;
            }
            if held >= wanted && best.is_none_or(|(from, to)| end - bars[start].0 < to - from) {
                best = Some((bars[start].0, *end));
            }
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one() -> Counts {
        Counts::unknown(0)
    }

    #[test]
    fn widths_divide_each_other() {
        assert!(WIDTHS.windows(2).all(|pair| pair[1] % pair[0] == 0));
    }

    #[test]
    fn memory_is_bounded_and_nothing_is_lost() {
        let mut volume = Volume::default();
        for second in 0..200_000 {
            volume.add(Some(second * 7), &one());
        }
        assert!(volume.bars.len() <= KEPT);
        let drawing = volume.draw(100).expect("bars");
        assert!(drawing.bars.len() <= 100 && drawing.outside == 0);
        assert_eq!(drawing.bars.iter().map(|bar| bar.events).sum::<u64>(), 200_000);
    }

    #[test]
    fn a_wrong_clock_does_not_flatten_the_drawing() {
        let mut volume = Volume::default();
        volume.add(Some(0), &one());
        for second in 0..1000 {
            volume.add(Some(1_700_000_000 + second), &one());
        }
        volume.add(Some(250_000_000_000), &one());
        volume.add(None, &one());
        let drawing = volume.draw(100).expect("bars");
        assert_eq!((drawing.width, drawing.outside, volume.undated), (10, 2, 1));
        assert!(Volume::default().draw(9).is_none());
    }
}
