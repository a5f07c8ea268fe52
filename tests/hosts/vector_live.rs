//! What happens while Vector runs with the shipped configuration: the policy is changed, the sink is slow or away,
//! Vector is killed. With `VECTOR` alone; `cargo xtask vector live` does the same for longer.

use auditweir_tests::vector::{Count, ON_DISK, SMALL, Vector, buffered, held, interrupted};

use super::lua54::modules;
use super::vector::binary;

/// The clean line of the last event says which policy it went through.
fn came(vector: &Vector, id: &str) {
    vector.until(id, |vector| vector.sink.ids().contains_key(id));
}

/// A policy under a new name is taken with SIGHUP, and a wrong one leaves the old one in place.
#[test]
fn a_reload_takes_a_policy_of_a_new_name_and_refuses_a_wrong_one() {
    let Some(binary) = binary() else { return };
    let mut vector = Vector::new(&binary, modules(), None);
    vector.write(0..1);
    vector.start();
    came(&vector, "0");
    vector
        .policy("policy-2.yaml", "version: 1\nredact: {rules: [{name: own, paths: [auditID]}]}\n");
    vector.change("/policy.yaml", "/policy-2.yaml");
    vector.signal("-HUP");
    vector.until("reloaded", |vector| {
        vector.said().contains("New configuration loaded successfully")
    });
    vector.write(1..2);
    came(&vector, "[redacted:own]");

    vector.policy("policy-3.yaml", "version: 1\nredact: {ruels: []}\n");
    vector.change("/policy-2.yaml", "/policy-3.yaml");
    vector.signal("-HUP");
    vector.until("refused", |vector| vector.said().contains("`ruels`"));
    vector.until("restored", |vector| {
        vector.said().contains("Old configuration restored successfully")
    });
    vector.write(2..3);
    vector.until("the third", |vector| vector.sink.count() == 3);
    assert_eq!(vector.sink.ids()["[redacted:own]"], 2, "the policy before is in place");
}

/// What the README warns of: Vector compares its configuration alone, so a file that it names is not read again; and
/// where a wrong policy stands in the place of the old one, there is none to go back to. Nothing passes raw.
#[test]
fn a_policy_that_is_changed_in_its_place_is_not_seen_and_a_wrong_one_ends_vector() {
    let Some(binary) = binary() else { return };
    let mut vector = Vector::new(&binary, modules(), None);
    vector.write(0..1);
    vector.start();
    came(&vector, "0");
    vector.policy("policy.yaml", "version: 1\nredact: {ruels: []}\n");
    vector.signal("-HUP");
    vector.until("compared", |vector| {
        vector.said().contains("New configuration loaded successfully")
    });
    vector.write(1..2);
    came(&vector, "1");
    vector.change("format = \"native\"", "format = \"native\" --");
    vector.signal("-HUP");
    vector.ended();
    assert!(vector.said().contains("`ruels`"), "{}", vector.said());
    // And goes on where it was, once the policy is right.
    vector.write(2..3);
    vector.policy("policy.yaml", "version: 1\n");
    vector.start();
    assert_eq!(vector.count(3), Count { written: 3, lost: 0, doubled: 0 });
}

#[test]
fn reading_stops_while_the_sink_does_not_answer() {
    let Some(binary) = binary() else { return };
    let events = 20_000;
    let mut vector = Vector::new(&binary, modules(), Some(SMALL));
    let (count, share, peak) = held(&mut vector, events);
    assert_eq!(count, Count { written: events, lost: 0, doubled: 0 });
    assert!(share < 0.5, "{share} of the log was read");
    assert!(peak < 200 << 10, "{peak} KiB");
}

/// Stopped in the middle, it sends or keeps what it has read. (What a kill loses, with and without auditweir, tells
/// `cargo xtask vector live`: what Vector has not yet given to the system.)
#[test]
fn a_stop_loses_nothing() {
    let Some(binary) = binary() else { return };
    let mut vector = Vector::new(&binary, modules(), Some(ON_DISK));
    let count = interrupted(&mut vector, "-TERM", 5_000, 2);
    assert_eq!(count.lost, 0, "{count:?}\n{}", vector.said());
    assert_eq!(count.doubled, 0, "{count:?}\n{}", vector.said());
}

#[test]
fn a_kill_loses_nothing_of_the_buffer_on_disk() {
    let Some(binary) = binary() else { return };
    let mut vector = Vector::new(&binary, modules(), Some(ON_DISK));
    let count = buffered(&mut vector, 2_000);
    assert_eq!(count.lost, 0, "{count:?}\n{}", vector.said());
}
