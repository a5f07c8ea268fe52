//! Compares what came out of a host with what a case expects.

use serde_json::Value;

use crate::case::{Case, Expect};
use crate::facts;
use crate::host::Output;
use crate::reveal::{Revealed, contains};

/// All the ways in which `output` is not what `case` expects; empty when it passes.
pub fn failures(case: &Case, input: &[u8], output: &Output) -> Vec<String> {
    let mut wrong = Vec::new();
    let text = match std::str::from_utf8(&output.stdout) {
        Ok(text) => text,
        Err(error) => return vec![format!("output is not UTF-8: {error}")],
    };
    let lines: Vec<&str> = text.lines().collect();
    let values: Vec<Value> = lines
        .iter()
        .enumerate()
        .filter_map(|(at, line)| match serde_json::from_str(line) {
            Ok(value) => Some(value),
            Err(error) => {
                wrong.push(format!("line {at} is not JSON: {error}"));
                None
            }
        })
        .collect();
    if !text.is_empty() && !text.ends_with('\n') {
        wrong.push("the last line has no newline".into());
    }
    if lines.len() != case.expect.lines {
        wrong.push(format!("{} lines instead of {}", lines.len(), case.expect.lines));
    }
    if wrong.is_empty() {
        members(&case.expect, &values, &mut wrong);
        wrong.extend(facts::failures(&case.to, case.expect.facts.lines(), &values));
        texts(&case.expect, input, output, &mut wrong);
        verdict(&case.expect, output, &mut wrong);
        if case.expect.unchanged {
            unchanged(input, &lines, &mut wrong);
        }
    }
    wrong
}

fn members(expect: &Expect, values: &[Value], wrong: &mut Vec<String>) {
    if let Some(expected) = &expect.output {
        let expected: Vec<&Value> = match expected {
            Value::Array(lines) => lines.iter().collect(),
            line => vec![line],
        };
        if expected.len() != values.len() {
            wrong.push(format!("`output` has {} lines, got {}", expected.len(), values.len()));
        }
        for (at, (expected, value)) in expected.iter().zip(values).enumerate() {
            let mut value = value.clone();
            if let Some(members) = value.as_object_mut() {
                members.shift_remove("auditweir");
            }
            let (expected, got) = (text(expected), text(&value));
            if expected != got {
                wrong.push(format!("line {at}\n    expected {expected}\n    got      {got}"));
            }
        }
    }
    for (pointer, expected) in &expect.paths {
        match find(values, pointer) {
            Some(value) if text(value) == text(expected) => {}
            Some(value) => wrong.push(format!("{pointer} is {value} instead of {expected}")),
            None => wrong.push(format!("{pointer} is missing, expected {expected}")),
        }
    }
    for pointer in &expect.absent {
        if let Some(value) = find(values, pointer) {
            wrong.push(format!("{pointer} should be absent but is {value}"));
        }
    }
}

/// For comparison as text, not as values: order of members and spelling of numbers count.
fn text(value: &Value) -> String {
    value.to_string()
}

/// The value at `LINE:/pointer`; the line may be left out.
fn find<'a>(values: &'a [Value], place: &str) -> Option<&'a Value> {
    let (line, pointer) = match place.split_once(":/") {
        Some((line, rest)) if line.bytes().all(|b| b.is_ascii_digit()) => {
            (line.parse().ok()?, &place[place.len() - rest.len() - 1..])
        }
        _ => (0, place),
    };
    values.get(line)?.pointer(pointer)
}

fn texts(expect: &Expect, input: &[u8], output: &Output, wrong: &mut Vec<String>) {
    for needle in &expect.contains {
        if !contains(&output.stdout, needle.as_bytes()) {
            wrong.push(format!("the output does not contain `{needle}`"));
        }
    }
    if expect.not_contains.is_empty() {
        return;
    }
    let before = Revealed::new(input);
    let after = Revealed::new(&output.stdout);
    let said = Revealed::new(&output.said);
    for needle in &expect.not_contains {
        if !before.contains(needle) {
            wrong.push(format!("the case proves nothing: `{needle}` is not in its input"));
        }
        if after.contains(needle) {
            wrong.push(format!("`{needle}` is in the output"));
        }
        if said.contains(needle) {
            wrong.push(format!("`{needle}` is in what the host says besides"));
        }
    }
}

fn verdict(expect: &Expect, output: &Output, wrong: &mut Vec<String>) {
    let (Some(expected), Some(counts)) = (&expect.verdict, output.counts) else { return };
    for (name, expected, got) in [
        ("events", expected.events, counts.events),
        ("stubs", expected.stubs, counts.stubs),
        ("rejected", expected.rejected, counts.rejected),
        ("dropped", expected.dropped, counts.dropped),
    ] {
        if expected.is_some_and(|expected| expected != got) {
            wrong.push(format!("verdict.{name} is {got} instead of {}", expected.unwrap_or(0)));
        }
    }
}

/// Each output line is its input line, byte for byte up to the last brace, plus one member.
fn unchanged(input: &[u8], lines: &[&str], wrong: &mut Vec<String>) {
    let before = input.split(|b| *b == b'\n').filter(|line| !line.trim_ascii().is_empty());
    for (at, (before, after)) in before.zip(lines).enumerate() {
        if let Err(message) = same_but_for_receipt(before, after.as_bytes()) {
            wrong.push(format!("line {at}: {message}"));
        }
    }
}

/// `after` is `before` with an `auditweir` member appended and not one other byte changed.
pub fn same_but_for_receipt(before: &[u8], after: &[u8]) -> Result<(), String> {
    let before = before.trim_ascii();
    let body = before.strip_suffix(b"}").ok_or("the input does not end in `}`")?;
    let Some(rest) = after.strip_prefix(body) else {
        let at = body.iter().zip(after).take_while(|(a, b)| a == b).count();
        let from = at.saturating_sub(30);
        let show = |text: &[u8]| {
            String::from_utf8_lossy(&text[from.min(text.len())..(at + 40).min(text.len())])
                .into_owned()
        };
        return Err(format!(
            "differs from the input at byte {at}\n    input  …{}…\n    output …{}…",
            show(body),
            show(after)
        ));
    };
    let member = rest.strip_prefix(b",").unwrap_or(rest);
    if !member.starts_with(b"\"auditweir\":{") || !member.ends_with(b"}}") {
        return Err("what follows the input is not one `auditweir` member".into());
    }
    if contains(member, b"\"redactions\"") {
        return Err("there are receipts although nothing changed".into());
    }
    Ok(())
}
