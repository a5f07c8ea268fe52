//! What should come out, worked out the slow and simple way over `serde_json::Value`.
//!
//! Three oracles: [`json_accepts`] says which texts are JSON; [`changes`] compares an event before
//! and after with what its receipts say; [`masked_places`] redacts events of known shapes by rules
//! written down here once more, without a line of the library's code.

use std::collections::BTreeSet;

use auditweir::Format;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::dice::Dice;
use crate::filtering;

/// Whether a text is one JSON text.
pub fn json_accepts(text: &str) -> bool {
    serde_json::from_str::<&RawValue>(text).is_ok()
}

/// Whether the library reads a text as JSON, seen from outside: as a member of an event.
pub fn filter_accepts(text: &str) -> bool {
    let line = framed(text);
    let ran = filtering::run(line.as_bytes(), Format::Native);
    ran.verdict.lines() == 1
        && ran.verdict.dropped == 0
        && ran.verdict.cut == 0
        && ran.stats.reasons.iter().all(|(reason, _)| !reason.starts_with("json-"))
}

/// A text as a member of an event.
pub fn framed(text: &str) -> String {
    format!(r#"{{"auditID":"a","stage":"Panic","verb":"get","requestURI":"/","x":{text}}}"#)
}

/// How deep brackets nest at most, whether they match or not.
pub fn nesting(text: &[u8]) -> usize {
    let (mut depth, mut most) = (0usize, 0);
    for byte in text {
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        most = most.max(depth);
    }
    most
}

/// The JSON pointers at which two values differ: the outermost difference of each.
pub fn differences(before: &Value, after: &Value) -> BTreeSet<String> {
    fn walk(before: &Value, after: &Value, place: &str, found: &mut BTreeSet<String>) {
        match (before, after) {
            (Value::Object(a), Value::Object(b)) => {
                let kept: Vec<&String> = a.keys().filter(|name| b.contains_key(*name)).collect();
                assert!(kept.iter().copied().eq(b.keys()), "{place}: members were added or moved");
                for (name, value) in a {
                    let place = format!("{place}/{name}");
                    match b.get(name) {
                        Some(other) => walk(value, other, &place, found),
                        None => {
                            found.insert(place);
                        }
                    }
                }
            }
            (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
                for (at, (a, b)) in a.iter().zip(b).enumerate() {
                    walk(a, b, &format!("{place}/{at}"), found);
                }
            }
            // Number texts count, not their values.
            _ if *before == *after => {}
            _ => {
                found.insert(place.to_owned());
            }
        }
    }
    let mut found = BTreeSet::new();
    walk(before, after, "", &mut found);
    found
}

/// Takes the `auditweir` member off an output event. Gives the event and the number of values that
/// its receipts account for.
pub fn without_receipts(line: &str) -> (Value, u64) {
    let mut event: Value = serde_json::from_str(line).expect("output");
    let own = event.as_object_mut().and_then(|members| members.shift_remove("auditweir"));
    let receipts = own.as_ref().and_then(|own| own.get("redactions")).and_then(Value::as_array);
    let count =
        receipts.into_iter().flatten().filter_map(|r| r.get("count")).filter_map(Value::as_u64);
    (event, count.sum())
}

/// Checks that `output` is `input` but for what receipts account for, byte for byte: where a marker
/// stands, one JSON value of the input is skipped; everything else must be equal. For inputs from
/// which whole values are masked and nothing is dropped.
pub fn changes(input: &str, output: &str) -> Result<(), String> {
    let output = output.trim_end();
    let own = output.rfind(",\"auditweir\":{\"v\":1").ok_or("no auditweir member")?;
    let (event, receipts) = without_receipts(output);
    let mut before = input.trim().strip_suffix('}').ok_or("input is no object")?;
    let mut after = &output[..own];
    let mut markers = 0;
    while !after.is_empty() {
        if let Some(rest) = after.strip_prefix("\"[redacted:") {
            let end = rest.find("]\"").ok_or("marker without end")?;
            after = &rest[end + 2..];
            let mut values = serde_json::Deserializer::from_str(before).into_iter::<&RawValue>();
            let value =
                values.next().ok_or("no value to mask")?.map_err(|error| error.to_string())?;
            before = &before[value.get().len()..];
            markers += 1;
            continue;
        }
        let (Some(a), Some(b)) = (before.chars().next(), after.chars().next()) else {
            return Err(format!("the input goes on `{before}`, the output `{after}`"));
        };
        if a != b {
            return Err(format!("the input goes on `{before}`, the output `{after}`"));
        }
        (before, after) = (&before[a.len_utf8()..], &after[b.len_utf8()..]);
    }
    if !before.is_empty() {
        return Err(format!("missing from the output: `{before}`"));
    }
    if receipts != markers {
        return Err(format!("{markers} markers, but receipts for {receipts}"));
    }
    let before: Value = serde_json::from_str(input).map_err(|error| error.to_string())?;
    let differing = differences(&before, &event);
    if differing.len() as u64 != markers {
        return Err(format!(
            "{} places differ with {markers} markers: {differing:?}",
            differing.len()
        ));
    }
    Ok(())
}

/// A random JSON text: numbers in all spellings, escapes, white space, no key twice.
pub fn random_json(dice: &mut Dice<'_>, depth: usize, hinted: bool) -> String {
    let space = dice.pick(&["", "", "", " ", "  ", "\t"]);
    match dice.below(if depth == 0 { 6 } else { 10 }) {
        0 => dice.pick(&["null", "true", "false", "{}", "[]", "\"\"", "[ ]", "{ }"]).to_owned(),
        1 => dice
            .pick(&[
                "0",
                "-0",
                "1.0",
                "1e999",
                "-1E-400",
                "18446744073709551616",
                "123456789012345678901234567890",
                "0.1000000000000000055511151231257827",
                "1E+2",
                "-0.0",
                "9007199254740993",
                "1.50",
            ])
            .to_owned(),
        2..=5 => {
            let text = dice.pick(&[
                "plain",
                "with \\\"quotes\\\"",
                "\\u0041\\u00e9",
                "käse ✓ 😀",
                "\\ud83d\\ude00",
                "a\\/b",
                "\\n\\t\\r\\b\\f",
                "back\\\\slash",
                "\\u0000",
                "\u{2028}",
                "50%25 off",
                "100%",
                "x=1&y=2",
                "a@b",
                "k: v",
                "<&>",
                "1.2.3.4:80",
                "sha256:abcdef",
                "[redacted",
                "tilde~",
                "[x",
                "{y",
            ]);
            let tail = dice.below(1000);
            // The end keeps one text from being part of another: a copy of what is masked goes, too.
            format!("\"{text}{tail}.\"")
        }
        6 | 7 => {
            let count = dice.below(5);
            let items: Vec<String> =
                (0..count).map(|_| random_json(dice, depth - 1, hinted)).collect();
            format!("[{space}{}{space}]", items.join(&format!("{space},{space}")))
        }
        _ => {
            let count = dice.below(6);
            let mut members = Vec::new();
            for at in 0..count {
                let name = dice.pick(&[
                    "name2",
                    "spec",
                    "replicas",
                    "käse",
                    "a\\u0062c",
                    "with space",
                    "k\\\"q",
                    "items",
                    "labels",
                    "x",
                    "",
                    "metadata",
                    "status",
                    "dots.in.name",
                    "path/like",
                ]);
                let name = if hinted && dice.one_in(6) {
                    dice.pick(&["password", "apiKey", "DB_TOKEN"])
                } else {
                    name
                };
                let value = random_json(dice, depth - 1, hinted);
                members.push(format!("\"{at}{name}\"{space}:{space}{value}"));
            }
            format!("{{{space}{}{space}}}", members.join(&format!("{space},{space}")))
        }
    }
}

/// Names whose values go, decided by people.
const HINT: &[&str] = &[
    "password",
    "DB_PASSWORD",
    "apiKey",
    "client-secret",
    "AWS_SECRET_ACCESS_KEY",
    "authToken",
    "PGPASSWORD",
    "access_token",
    "token",
    "passphrase",
    "SMTP_PASS",
    "private_key",
];

/// Those of [`HINT`] under which short numbers go, too.
const PASSWORDS: &[&str] = &["password", "DB_PASSWORD", "PGPASSWORD", "passphrase"];

/// Those of [`STAY`] under which only what looks random would go.
const SETTINGS: &[&str] = &["tokenExpirationSeconds", "tokens_per_minute_count", "passwordPolicy"];

/// Names whose values stay, decided by people.
const STAY: &[&str] = &[
    "replicas",
    "image",
    "color",
    "secretName",
    "passwordFile",
    "tokenExpirationSeconds",
    "keyboard",
    "monkey",
    "authority",
    "SECRET_NAME",
    "bypass",
    "author",
    "publicKey",
    "tokens_per_minute_count",
    "passwordPolicy",
];

/// An event of shapes that [`masked_places`] knows. Its texts are short and all different.
pub fn typed_event(dice: &mut Dice<'_>) -> Value {
    let mut next = 0;
    let mut maker = Maker { dice, next: &mut next };
    maker.event()
}

struct Maker<'d, 'b, 'n> {
    dice: &'d mut Dice<'b>,
    next: &'n mut u32,
}

impl Maker<'_, '_, '_> {
    fn text(&mut self) -> Value {
        *self.next += 1;
        format!("v{}", self.next).into()
    }

    fn values(&mut self) -> Value {
        let mut map = Map::new();
        for at in 0..self.dice.below(4) {
            let value = match self.dice.below(8) {
                0 => Value::Null,
                1 => "".into(),
                2 => 17.into(),
                3 => serde_json::json!({"in": [self.text()]}),
                _ => self.text(),
            };
            map.insert(format!("k{at}"), value);
        }
        map.into()
    }

    fn metadata(&mut self) -> Value {
        let mut map = Map::new();
        map.insert("name".into(), "till".into());
        if self.dice.one_in(2) {
            map.insert("labels".into(), serde_json::json!({"app": self.text()}));
        }
        if self.dice.one_in(3) {
            map.insert("managedFields".into(), serde_json::json!([{"manager": self.text()}]));
        }
        if self.dice.one_in(3) {
            map.insert("finalizers".into(), serde_json::json!([self.text()]));
        }
        if self.dice.one_in(5) {
            map.insert("generation".into(), 3.into());
        }
        map.into()
    }

    fn resource(&mut self, kind: Option<&str>) -> Value {
        let mut map = Map::new();
        if let Some(kind) = kind {
            map.insert("kind".into(), kind.into());
            map.insert("apiVersion".into(), "v1".into());
        }
        map.insert("metadata".into(), self.metadata());
        for name in ["data", "stringData", "type", "immutable", "spec", "x"] {
            if self.dice.one_in(2) {
                let value = match name {
                    "type" => "Opaque".into(),
                    "immutable" => true.into(),
                    "x" => self.text(),
                    _ => self.values(),
                };
                map.insert(name.into(), value);
            }
        }
        map.into()
    }

    fn tree(&mut self, depth: usize) -> Value {
        if depth == 0 {
            return self.text();
        }
        match self.dice.below(7) {
            0 => {
                let count = self.dice.below(4);
                (0..count).map(|_| self.tree(depth - 1)).collect::<Vec<_>>().into()
            }
            1 => {
                let names = if self.dice.one_in(2) { HINT } else { STAY };
                let name = self.dice.pick(names);
                serde_json::json!({"name": name, "value": self.text(), "extra": self.tree(depth - 1)})
            }
            2 => {
                let kind = self.dice.pick(&["Secret", "ConfigMap"]);
                self.resource(Some(kind))
            }
            3 => serde_json::json!({"metadata": self.metadata(), "spec": self.tree(depth - 1)}),
            4 => {
                let flag = self.dice.pick(&["--password", "--replicas", "--api-token", "-v"]);
                serde_json::json!({"args": ["run", flag, self.text(), self.text()]})
            }
            _ => {
                let mut map = Map::new();
                for _ in 0..self.dice.below(4) {
                    let names = if self.dice.one_in(2) { HINT } else { STAY };
                    let name = self.dice.pick(names);
                    let value = match self.dice.below(5) {
                        0 => serde_json::json!([self.text(), 12, self.text()]),
                        1 => 12_345_678.into(),
                        2 => self.tree(depth - 1),
                        3 => true.into(),
                        _ => self.text(),
                    };
                    map.insert(name.into(), value);
                }
                map.into()
            }
        }
    }

    fn event(&mut self) -> Value {
        let resource =
            self.dice.pick(&["secrets", "configmaps", "widgets", "widgets", "tokenreviews"]);
        let mut event = serde_json::json!({
            "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "RequestResponse",
            "auditID": "6b1f0a57-9d0e-4f8d-8a36-1e0d4f2b9c11", "stage": "ResponseComplete", "requestURI": "/x",
            "verb": "update", "user": {"username": "jane"},
            "objectRef": {"resource": resource, "namespace": "shop", "name": "till"},
        });
        for side in ["requestObject", "responseObject"] {
            if self.dice.one_in(4) {
                continue;
            }
            let body = match resource {
                "secrets" | "configmaps" => {
                    let kind = if resource == "secrets" { "Secret" } else { "ConfigMap" };
                    let kind = if self.dice.one_in(3) { None } else { Some(kind) };
                    self.resource(kind)
                }
                "tokenreviews" => serde_json::json!({
                    "kind": "TokenReview", "metadata": self.metadata(),
                    "spec": {"token": self.text(), "audiences": [self.text()], "x": self.text()},
                    "status": {"authenticated": true, "user": {"username": self.text()}, "y": self.text()},
                }),
                _ => {
                    let depth = 1 + self.dice.below(4);
                    self.tree(depth)
                }
            };
            event[side] = body;
        }
        event
    }
}

/// The places of a [`typed_event`] at which the default policy takes something out.
pub fn masked_places(event: &Value) -> BTreeSet<String> {
    let mut places = BTreeSet::new();
    let resource = event["objectRef"]["resource"].as_str().unwrap_or_default();
    for side in ["requestObject", "responseObject"] {
        let place = format!("/{side}");
        let Some(body) = event.get(side) else { continue };
        match resource {
            "secrets" | "configmaps" => resource_rule(body, &place, false, &mut places),
            "tokenreviews" => {
                for (part, keep) in [
                    ("spec", &["audiences"][..]),
                    ("status", &["authenticated", "user", "audiences", "error"]),
                ] {
                    for (name, value) in body[part].as_object().into_iter().flatten() {
                        if !keep.contains(&name.as_str()) {
                            take(value, format!("{place}/{part}/{name}"), &mut places);
                        }
                    }
                }
            }
            _ => {}
        }
        let typed = matches!(resource, "secrets" | "configmaps");
        general_rules(body, &place, typed, &mut places);
    }
    // What lies inside something that is gone is no place of its own.
    let all = places.clone();
    places.retain(|place| {
        !all.iter()
            .any(|outer| place.len() > outer.len() && place.starts_with(&format!("{outer}/")))
    });
    places
}

fn take(value: &Value, place: String, places: &mut BTreeSet<String>) {
    if !value.is_null() && value.as_str() != Some("") {
        places.insert(place);
    }
}

fn resource_rule(body: &Value, place: &str, embedded: bool, places: &mut BTreeSet<String>) {
    for (name, value) in body.as_object().into_iter().flatten() {
        let place = format!("{place}/{name}");
        match name.as_str() {
            "kind" | "apiVersion" | "type" | "immutable" | "metadata" => {}
            "data" | "stringData" | "binaryData" => {
                for (key, value) in value.as_object().into_iter().flatten() {
                    take(value, format!("{place}/{key}"), places);
                }
            }
            // What calls itself a Secret where the API has none loses its values alone.
            _ if embedded => {}
            _ => take(value, place, places),
        }
    }
}

/// What goes at or below a value whose name hints; `beside` says that it stands beside the value.
fn below(name: &str, value: &Value, place: &str, beside: bool, places: &mut BTreeSet<String>) {
    match value {
        Value::String(_) if !beside => take(value, place.to_owned(), places),
        Value::Number(number)
            if !beside && (PASSWORDS.contains(&name) || number.to_string().len() >= 6) =>
        {
            take(value, place.to_owned(), places);
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                below(name, item, &format!("{place}/{at}"), beside, places);
            }
        }
        Value::Object(members) => {
            for (own, member) in members {
                if HINT.contains(&own.as_str()) || SETTINGS.contains(&own.as_str()) {
                    continue; // has its own rule
                }
                let inline = matches!(own.as_str(), "value" | "data" | "stringData");
                below(name, member, &format!("{place}/{own}"), !inline, places);
            }
        }
        _ => {}
    }
}

fn general_rules(value: &Value, place: &str, typed: bool, places: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                general_rules(item, &format!("{place}/{at}"), typed, places);
            }
        }
        Value::Object(members) => {
            if matches!(members.get("kind").and_then(Value::as_str), Some("Secret" | "ConfigMap")) {
                resource_rule(value, place, !typed, places);
            }
            let named = members
                .get("name")
                .and_then(Value::as_str)
                .and_then(|name| HINT.iter().find(|hint| **hint == name));
            for (name, value) in members {
                let place = format!("{place}/{name}");
                if let Some(named) = named
                    && name == "value"
                {
                    below(named, value, &place, false, places);
                }
                if HINT.contains(&name.as_str()) {
                    below(name, value, &place, false, places);
                }
                if name == "managedFields" && place.ends_with("/metadata/managedFields") {
                    take(value, place.clone(), places);
                }
                if name == "args" {
                    let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
                    for (at, pair) in items.windows(2).enumerate() {
                        if matches!(pair[0].as_str(), Some("--password" | "--api-token")) {
                            take(&pair[1], format!("{place}/{}", at + 1), places);
                        }
                    }
                }
                if name == "stringData" {
                    for (key, value) in value.as_object().into_iter().flatten() {
                        take(value, format!("{place}/{key}"), places);
                    }
                }
                general_rules(value, &place, typed, places);
            }
        }
        _ => {}
    }
}
