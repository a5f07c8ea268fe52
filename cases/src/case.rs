//! Reads case files. The format is documented in `cases/README.md`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::facts::FORMATS;
use crate::fakes;
use crate::host::Setup;

/// One file of cases.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct CaseFile {
    /// Policy of all cases in the file that have none of their own.
    pub policy: Option<Value>,
    /// Members that every mapping given as `input` starts with.
    #[serde(default)]
    pub event: Map<String, Value>,
    /// The cases.
    pub cases: Vec<Case>,
    /// File name, for messages.
    #[serde(skip)]
    pub file: String,
}

/// One case.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Case {
    /// Unique within its file.
    pub name: String,
    /// Why the expectation is what it is.
    pub why: Option<String>,
    /// Policy of this case alone.
    pub policy: Option<Value>,
    /// Key of the `pseudonym` action.
    pub key: Option<String>,
    /// What goes in.
    pub input: Option<Input>,
    /// What goes in, as base64, for bytes that YAML cannot hold.
    pub input_base64: Option<String>,
    /// Shape of the output; `every` runs the case once for each.
    #[serde(default = "native")]
    pub to: String,
    /// What must come out.
    pub expect: Expect,
    /// The case is known to fail. A pending case that passes is an error.
    #[serde(default)]
    pub pending: bool,
}

/// Input of a case.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Input {
    /// Text as is.
    Text(String),
    /// Lines.
    Lines(Vec<Line>),
    /// An event, put over the file's `event`.
    Event(Map<String, Value>),
}

/// One line of an input.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Line {
    /// Text as is.
    Text(String),
    /// An event, put over the file's `event`.
    Event(Map<String, Value>),
}

/// Expectations of a case. All that are given must hold.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Expect {
    /// Number of lines that come out.
    pub lines: usize,
    /// The whole output (one line, or a list of lines) without `auditweir` members: same members
    /// in the same order, same number texts.
    pub output: Option<Value>,
    /// The output is the input, byte for byte, plus `auditweir` members.
    #[serde(default)]
    pub unchanged: bool,
    /// Texts that occur in the output.
    #[serde(default)]
    pub contains: Vec<String>,
    /// Texts that occur in the input and in no decoding of the output or of what the host says.
    #[serde(default)]
    pub not_contains: Vec<String>,
    /// Values by JSON pointer in the first line (`2:/pointer` for the third).
    #[serde(default)]
    pub paths: Map<String, Value>,
    /// JSON pointers that lead nowhere.
    #[serde(default)]
    pub absent: Vec<String>,
    /// What each line says, whatever the format; see [`crate::facts`].
    #[serde(default)]
    pub facts: Facts,
    /// What holds besides in one format, by its name, of a case for every format.
    #[serde(default, rename = "in")]
    pub alone: BTreeMap<String, Alone>,
    /// Counters; those not named are not compared.
    pub verdict: Option<Verdict>,
}

/// Facts of the one line, or of each.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Facts {
    /// Of the first line.
    One(Map<String, Value>),
    /// Of each line, in order.
    Each(Vec<Map<String, Value>>),
}

impl Default for Facts {
    fn default() -> Self {
        Self::Each(Vec::new())
    }
}

impl Facts {
    /// A map for each line.
    pub fn lines(&self) -> &[Map<String, Value>] {
        match self {
            Self::One(line) => std::slice::from_ref(line),
            Self::Each(lines) => lines,
        }
    }
}

/// What holds in one format alone.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Alone {
    /// As in [`Expect`].
    #[serde(default)]
    pub contains: Vec<String>,
    /// As in [`Expect`].
    #[serde(default)]
    pub paths: Map<String, Value>,
    /// As in [`Expect`].
    #[serde(default)]
    pub absent: Vec<String>,
}

/// Expected counters.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verdict {
    /// Events written whole.
    pub events: Option<u64>,
    /// Events written as stubs.
    pub stubs: Option<u64>,
    /// Inputs rejected.
    pub rejected: Option<u64>,
    /// Events dropped by policy.
    pub dropped: Option<u64>,
}

fn native() -> String {
    "native".into()
}

impl Case {
    /// A case for every format as one case for each.
    fn each(self) -> Vec<Self> {
        if self.to != "every" {
            return vec![self];
        }
        let of = |format: &str| {
            let mut case = self.clone();
            case.name = format!("{}, {format}", self.name);
            format.clone_into(&mut case.to);
            let alone = case.expect.alone.remove(format).unwrap_or_default();
            case.expect.contains.extend(alone.contains);
            case.expect.paths.extend(alone.paths);
            case.expect.absent.extend(alone.absent);
            case
        };
        FORMATS.into_iter().map(of).collect()
    }
}

impl CaseFile {
    /// Parses a file's text; `${name}` becomes the fake credential of that name.
    pub fn parse(file: &str, text: &str) -> Result<Self, String> {
        let text = fakes::fill(text).map_err(|error| format!("{file}: {error}"))?;
        let mut parsed: Self =
            serde_saphyr::from_str(&text).map_err(|error| format!("{file}: {error}"))?;
        file.clone_into(&mut parsed.file);
        parsed.cases = parsed.cases.into_iter().flat_map(Case::each).collect();
        let mut names: Vec<&str> = parsed.cases.iter().map(|case| case.name.as_str()).collect();
        names.sort_unstable();
        if let Some((twice, _)) =
            names.iter().zip(names.iter().skip(1)).find(|(one, next)| one == next)
        {
            return Err(format!("{file}: two cases are named `{twice}`"));
        }
        Ok(parsed)
    }

    /// The bytes that a case feeds in. Fails on a case without input or with bad base64.
    pub fn input(&self, case: &Case) -> Result<Vec<u8>, String> {
        if let Some(text) = &case.input_base64 {
            return STANDARD
                .decode(text.replace(['\n', ' '], ""))
                .map_err(|error| format!("inputBase64: {error}"));
        }
        let line = |members: &Map<String, Value>| {
            let mut event = self.event.clone();
            for (name, value) in members {
                event.insert(name.clone(), value.clone());
            }
            Value::Object(event).to_string()
        };
        let input = case.input.as_ref().ok_or("the case has no `input` and no `inputBase64`")?;
        Ok(match input {
            Input::Text(text) => text.clone().into_bytes(),
            Input::Event(members) => line(members).into_bytes(),
            Input::Lines(lines) => {
                let mut text = String::new();
                for item in lines {
                    match item {
                        Line::Text(raw) => text.push_str(raw),
                        Line::Event(members) => text.push_str(&line(members)),
                    }
                    text.push('\n');
                }
                text.into_bytes()
            }
        })
    }

    /// The policy text of a case.
    pub fn policy(&self, case: &Case) -> Option<String> {
        case.policy.as_ref().or(self.policy.as_ref()).map(ToString::to_string)
    }

    /// The setup of a case, given its policy text.
    pub fn setup<'a>(case: &'a Case, policy: Option<&'a str>) -> Setup<'a> {
        Setup { policy, key: case.key.as_deref().map(str::as_bytes), to: &case.to }
    }
}
