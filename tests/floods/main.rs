//! Hostile floods cost time in proportion to their size.
//!
//! A test target of its own, and one test after another: what runs beside it on the same processor
//! would be measured, too. `--nocapture` prints the factors.

#![allow(clippy::print_stdout, reason = "the factors are worth reading")]

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use std::{fs, hint};

use auditweir::Format;
use auditweir_tests::filtering;
use auditweir_tests::floods::{FLOODS, PLAIN, make};

/// Length of a flood that is compared with plain text.
const SIZE: usize = 1 << 20;

/// Holds the other tests back.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Time this thread has spent on a processor, where the system tells; else the time of day. Other
/// programs must not make a test fail.
fn now(start: Instant) -> Duration {
    let told = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let told = told.and_then(|text| text.split(' ').next()?.parse().ok());
    told.map_or_else(|| start.elapsed(), Duration::from_nanos)
}

/// What so many runs cost.
fn spent(line: &str, format: Format, runs: u32) -> Duration {
    let clock = Instant::now();
    let start = now(clock);
    for _ in 0..runs {
        assert!(hint::black_box(filtering::run(line.as_bytes(), format)).verdict.lines() > 0);
    }
    now(clock).saturating_sub(start)
}

/// The best of three runs.
fn cost(line: &str, format: Format) -> Duration {
    (0..3)
        .map(|_| {
            let clock = Instant::now();
            let start = now(clock);
            let ran = hint::black_box(filtering::run(line.as_bytes(), format));
            assert!(ran.verdict.lines() > 0);
            now(clock).saturating_sub(start)
        })
        .min()
        .unwrap_or_default()
}

/// How many times the cost of the first the second is: the middle one of nine pairs, each measured
/// within a moment. A machine that is slower for a while must not make a test fail, nor pass.
fn pairwise(first: impl Fn() -> Duration, second: impl Fn() -> Duration) -> f64 {
    let mut times: Vec<f64> =
        (0..9).map(|_| second().as_secs_f64() / first().as_secs_f64().max(1e-6)).collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

#[test]
fn floods_are_linear() {
    let _alone = alone();
    let mut slow = Vec::new();
    for flood in FLOODS {
        let name = flood.0;
        for resource in ["secrets", "widgets"] {
            for format in Format::ALL {
                let size = 48 << 10;
                let make = |bytes: usize| make(flood, resource, bytes);
                let (small, large) = (make(size), make(size * 8));
                // Small times are noise: the system counts in ticks of a few milliseconds.
                let small = || cost(&small, format).max(Duration::from_millis(3));
                let large = || cost(&large, format);
                // Eight times the size: linear is 8, the square is 64.
                if large() > small() * 24 {
                    let times = pairwise(small, large);
                    if times > 24.0 {
                        slow.push(format!(
                            "{name} ({resource}, {format:?}): {times:.1} times for 8 times the size"
                        ));
                    }
                }
            }
        }
    }
    assert!(slow.is_empty(), "{}", slow.join("\n"));
}

/// A flood costs at most ten times what plain text of its length costs: being proportional is not
/// enough when every byte looks sixteen thousand further.
#[test]
fn names_that_look_ahead_remember_the_answer() {
    let _alone = alone();
    let line = |again: &str| {
        let text = again.repeat(SIZE / again.len());
        format!(
            r#"{{"auditID":"a","stage":"ResponseComplete","verb":"get","requestURI":"/x?{text}"}}"#
        )
    };
    // The system counts in ticks of a few milliseconds.
    let line_of_words = line("lorem ipsum dolor ");
    let plain = || spent(&line_of_words, Format::Native, 24) / 24;
    let usual = plain().min(plain());
    for again in [
        "authorization=",
        "password=$",
        "token={{",
        "authorization:{",
        "Authorization: Bearer",
        "license=a-",
        "a=b&c",
    ] {
        let line = line(again);
        let flood = || spent(&line, Format::Native, 4) / 4;
        let mut times = flood().min(flood()).as_secs_f64() / usual.as_secs_f64();
        if times >= 10.0 {
            times = pairwise(plain, flood);
        }
        println!("{times:5.1} times plain text: {again} in a URI");
        assert!(times < 10.0, "{again}: {times:.1} times plain text");
    }
}

/// No body costs more than ten times what plain text of its length costs, and what comes out is at
/// most four times as long.
#[test]
fn floods_cost_no_more_than_ten_times_plain_text() {
    let _alone = alone();
    let mut wrong = Vec::new();
    for (resource, format) in
        [("widgets", Format::Native), ("widgets", Format::Ecs), ("secrets", Format::Native)]
    {
        // The system counts in ticks of a few milliseconds.
        let line_of_words = make(&PLAIN, "widgets", SIZE);
        let plain = || spent(&line_of_words, format, 24) / 24;
        let usual = plain().min(plain());
        for flood in FLOODS {
            let line = make(flood, resource, SIZE);
            let spent = || spent(&line, format, 1);
            let out = filtering::run(line.as_bytes(), format).out.len();
            // Where facts are written, too, plain text is cheaper in comparison.
            let most = if format == Format::Native { 10.0 } else { 12.0 };
            let mut times = spent().min(spent()).as_secs_f64() / usual.as_secs_f64();
            if times > most {
                times = pairwise(plain, spent);
            }
            println!("{times:5.1} times plain text: {} ({resource}, {format:?})", flood.0);
            if times > most || out > 4 * line.len() + (16 << 10) {
                let size = out * 10 / line.len();
                wrong.push(format!(
                    "{} ({resource}, {format:?}): {times:.1} times, {size} tenths",
                    flood.0
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
