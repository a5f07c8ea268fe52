//! Windows against a search through all that was seen.

use std::collections::BTreeSet;

use super::super::{RuleText, Rules};
use super::{Signal, WindowError, WindowLimits, Windows};

const RULES: &str = "
title: base
id: base
logsource: {product: kubernetes, service: audit}
detection: {a: {verb: get}, condition: a}
---
title: other
id: other
logsource: {product: kubernetes, service: audit}
detection: {a: {verb: list}, condition: a}
---
title: many
correlation: {type: event_count, rules: [base], group-by: [user.username], timespan: 10s, condition: {gte: 3}}
---
title: different
correlation: {type: value_count, rules: [base], group-by: [user.username], timespan: 10s, field: objectRef.name, condition: {gte: 3}}
---
title: both
correlation: {type: temporal, rules: [base, other], group-by: [user.username], timespan: 10s}
---
title: ordered
correlation: {type: temporal_ordered, rules: [base, other], group-by: [user.username], timespan: 10s}
---
title: new
correlation: {type: first_seen, rules: [base], group-by: [user.username], timespan: 10s, learning: 5s}
";

fn rules() -> Rules {
    Rules::read(&[RuleText { file: "r", text: RULES }]).unwrap()
}

fn signal(correlation: u16, slot: u8, group: u64, value: u64, time: i64) -> Signal {
    let request =
        (time.cast_unsigned() * 64 + u64::from(slot) * 8 + value * 1000) ^ group.rotate_left(32);
    Signal { correlation, slot, group, value, time, request }
}

/// A sequence of small numbers from a seed.
fn dice(seed: &mut u64, below: u64) -> u64 {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
    (*seed >> 33) % below
}

/// Whether what was seen, all of one group, makes a whole with the newcomer, by looking at every
/// window that holds it.
fn by_search(new: &Signal, seen: &[Signal]) -> bool {
    let all = || seen.iter().chain([new]);
    let windows = all().filter(|first| (0..=10_000).contains(&(new.time - first.time)));
    windows.into_iter().any(|first| {
        let within = || all().filter(|s| (0..=10_000).contains(&(s.time - first.time)));
        match new.correlation {
            0 => within().count() >= 3,
            1 => within().map(|s| s.value).collect::<BTreeSet<_>>().len() >= 3,
            2 => within().map(|s| s.slot).collect::<BTreeSet<_>>().len() == 2,
            _ => within().any(|a| {
                let mut later = within().filter(|b| b.time >= a.time && b.slot == 1);
                a.slot == 0 && later.any(|b| *a == *new || *b == *new)
            }),
        }
    })
}

#[test]
fn every_kind_fires_when_a_search_says() {
    let rules = rules();
    let mut seed = 7;
    let (mut fired_at_all, mut silent) = (0, 0);
    for round in 0..8000u64 {
        let correlation = (round % 4) as u16;
        let mut time = 100_000;
        let step = [200, 1_500, 4_000, 9_000][dice(&mut seed, 4) as usize];
        let mut signals: Vec<Signal> = (0..dice(&mut seed, 16))
            .map(|_| {
                time += 1 + dice(&mut seed, step).cast_signed();
                let slot = if correlation >= 2 { dice(&mut seed, 2) as u8 } else { 0 };
                signal(correlation, slot, 1, dice(&mut seed, 4), time)
            })
            .collect();
        signals.dedup_by_key(|signal| signal.time);
        // As they came, twice each, at two stages of one request, and out of order within the bound.
        let doubled: Vec<Signal> = signals.iter().flat_map(|signal| [*signal; 2]).collect();
        let stage = |signal: &Signal| Signal { time: signal.time + 3, ..*signal };
        let staged = signals.iter().flat_map(|signal| [*signal, stage(signal)]).collect();
        let mut shuffled = signals.clone();
        for at in (1..shuffled.len()).rev() {
            shuffled.swap(at, dice(&mut seed, at as u64 + 1) as usize);
        }
        for order in [signals, doubled, staged, shuffled] {
            let limits = WindowLimits { groups: 8, lateness: 10_000 };
            let mut windows = Windows::new(limits);
            let (mut seen, mut newest, mut last) = (Vec::<Signal>::new(), i64::MIN, None::<i64>);
            for new in &order {
                let is_known = seen.iter().any(|known| known.request == new.request);
                newest = newest.max(new.time);
                let mut expected = false;
                if !is_known && new.time >= newest - 20_000 {
                    if by_search(new, &seen) {
                        // A group that fired is silent for a timespan.
                        expected = last.is_none_or(|last| (new.time - last).abs() > 10_000);
                        last = last.max(Some(new.time));
                    }
                    seen.push(*new);
                }
                let mut fired = 0;
                windows.observe(&rules, &[*new], &mut |_| fired += 1);
                assert_eq!(fired, i32::from(expected), "{new:?} of {order:?}");
                if expected { fired_at_all += 1 } else { silent += 1 }
            }
        }
    }
    assert!(fired_at_all > 5000 && silent > 5000, "{fired_at_all} {silent}");
}

/// A group is new when it was not there within the timespan, once what is ordinary was learnt.
#[test]
fn what_was_not_seen_before_is_told() {
    let rules = rules();
    let limits = WindowLimits { groups: 64, ..WindowLimits::default() };
    let mut seed = 11;
    let (mut told, mut known) = (0, 0);
    for _ in 0..2000 {
        let mut windows = Windows::new(limits);
        let mut time = 100_000;
        let mut seen: Vec<Signal> = Vec::new();
        for at in 0..dice(&mut seed, 12) {
            time += 1 + dice(&mut seed, 6000).cast_signed();
            let next = signal(4, 0, dice(&mut seed, 3), 0, time);
            let near = |s: &Signal| s.group == next.group && next.time - s.time <= 10_000;
            let is_learnt = seen.first().is_some_and(|first| next.time - first.time >= 5_000);
            let expected = is_learnt && !seen.iter().any(near);
            let mut fired = 0;
            // Delivered twice it is one event.
            windows.observe(&rules, &[next, next], &mut |_| fired += 1);
            assert_eq!(fired, i32::from(expected), "{next:?} after {seen:?}");
            if expected {
                told += 1;
            } else {
                known += 1;
            }
            seen.push(next);
            if at % 3 == 2 {
                windows = Windows::restore(&windows.snapshot(&rules), &rules, limits).unwrap();
            }
        }
    }
    assert!(told > 500 && known > 500, "{told} {known}");
    // A flood puts out what was known, which is counted and told again, never kept silent.
    let mut windows = Windows::new(limits);
    let mut fired = 0;
    windows.observe(&rules, &[signal(4, 0, u64::MAX, 0, 1)], &mut |_| fired += 1);
    for group in 0..100_000u64 {
        windows.observe(&rules, &[signal(4, 0, group * 7919, 0, 10_000)], &mut |_| fired += 1);
    }
    assert!(windows.stats().evicted > 90_000, "{:?}", windows.stats());
    assert_eq!(windows.tables[4].groups(), 64 * 16);
    let again = signal(4, 0, 0, 0, 10_001);
    windows.observe(&rules, &[again], &mut |_| fired += 1);
    assert_eq!(fired, 100_001);
}

/// Logs of two API servers one behind the other, each a day of a busy user: what is in the second
/// alone is seen, and what is spread over both.
#[test]
fn files_may_lie_in_any_order() {
    let rules = rules();
    for correlation in 0..4u16 {
        let slot = |at: i64| u8::from(correlation >= 2 && at % 2 == 1);
        // Too seldom to be anything: of the others only what comes first.
        let busy = (0..500).map(|at| signal(correlation, 0, 1, 0, 1_000_000 + at * 20_000));
        let alone = (0..3).map(|at: i64| {
            signal(correlation, slot(at), 1, 7 + at.cast_unsigned(), 1_215_000 + at)
        });
        let rest = (0..200).map(|at| signal(correlation, 0, 1, 0, 1_310_000 + at * 20_000));
        let mut windows = Windows::new(WindowLimits::for_files());
        let mut fired = Vec::new();
        for new in busy.chain(alone).chain(rest) {
            windows.observe(&rules, &[new], &mut |_| fired.push(new.time));
        }
        let within = |time: &i64| (1_215_000..1_215_010).contains(time);
        assert!(fired.len() == 1 && within(&fired[0]), "{correlation}: {fired:?}");
        assert_eq!(windows.stats().late, 0);
    }
}

#[test]
fn memory_is_bounded_and_what_goes_is_counted() {
    let rules = rules();
    let mut windows = Windows::new(WindowLimits { groups: 64, ..WindowLimits::default() });
    for user in 0..100_000 {
        windows.observe(&rules, &[signal(0, 0, user * 7919, 0, 1_000)], &mut |_| {});
    }
    assert!(windows.stats().evicted > 99_000, "{:?}", windows.stats());
    assert_eq!(windows.tables[0].groups(), 64);
}

#[test]
fn late_and_repeated_events_are_counted_and_nothing_else() {
    let rules = rules();
    let mut windows = Windows::new(WindowLimits::default());
    let now = signal(0, 0, 1, 0, 1_000_000);
    windows.observe(&rules, &[now, now, signal(0, 0, 1, 0, 900_000)], &mut |_| panic!("fired"));
    let stats = windows.stats();
    assert_eq!((stats.repeated, stats.late, stats.evicted), (1, 1, 0));
}

#[test]
fn a_snapshot_goes_on_where_it_was() {
    let rules = rules();
    let limits = WindowLimits { groups: 64, ..WindowLimits::default() };
    let mut windows = Windows::new(limits);
    let signals = [signal(0, 0, 1, 0, 1_000), signal(0, 0, 1, 0, 2_000)];
    assert!(signals.iter().all(|signal| Signal::from_bytes(signal.to_bytes()) == *signal));
    windows.observe(&rules, &signals, &mut |_| panic!("fired"));
    let mut bytes = windows.snapshot(&rules);
    let mut again = Windows::restore(&bytes, &rules, limits).unwrap();
    let mut fired = 0;
    again.observe(&rules, &[signals[1], signal(0, 0, 1, 0, 3_000)], &mut |_| fired += 1);
    assert_eq!((fired, again.stats().repeated), (1, 1));
    let other = WindowLimits { groups: 128, ..limits };
    assert_eq!(Windows::restore(&bytes, &rules, other).unwrap_err(), WindowError::Other);
    bytes[20] ^= 1;
    assert_eq!(Windows::restore(&bytes, &rules, limits).unwrap_err(), WindowError::Damaged);
    assert_eq!(Windows::restore(b"", &rules, limits).unwrap_err(), WindowError::Damaged);
}

#[test]
fn what_no_window_can_answer_is_refused() {
    let head = "title: base\nid: base\nlogsource: {product: kubernetes}\ndetection: {a: {verb: get}, condition: a}\n---\ntitle: x\ncorrelation:\n";
    for (body, says) in [
        ("  {type: event_count, rules: [base], timespan: 1m, condition: {lt: 3}}", "window closes"),
        ("  {type: event_count, rules: [base], timespan: 1m, condition: {eq: 3}}", "window closes"),
        ("  {type: value_sum, rules: [base], timespan: 1m, condition: {gte: 3}}", "not supported"),
        ("  {type: event_count, rules: [base], timespan: 1x, condition: {gte: 3}}", "timespan"),
        ("  {type: event_count, rules: [none], timespan: 1m, condition: {gte: 3}}", "no rule"),
        ("  {type: value_count, rules: [base], timespan: 1m, condition: {gte: 3}}", "field"),
        ("  {type: event_count, rules: [base], timespan: 1m, condition: {gte: 3}, x: 1}", "member"),
        ("  {type: temporal, rules: [base], timespan: 1m, condition: {gte: 3}}", "condition"),
        (
            "  {type: first_seen, rules: [base], timespan: 1m, group-by: [verb], condition: {gte: 3}}",
            "enough",
        ),
        ("  {type: first_seen, rules: [base], timespan: 1m}", "group-by"),
        (
            "  {type: first_seen, rules: [base], timespan: 1m, group-by: [verb], learning: soon}",
            "7d",
        ),
        ("  {type: temporal, rules: [base], timespan: 1m, learning: 1d}", "only first_seen"),
    ] {
        let text = format!("{head}{body}\n");
        let error = Rules::read(&[RuleText { file: "r", text: &text }]).unwrap_err();
        assert!(error.message.contains(says), "{error}");
        assert!(error.line >= 8, "{error}");
    }
}
