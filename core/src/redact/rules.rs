//! The policy's `redact` part, checked and in the form the passes read.

use memchr::memmem::Finder;

use super::builtin::{Builtin, FIRST_OWN};
use super::paths::PathSet;
use super::resource_name;
use crate::detect::{Detector, Detectors, ENCODED};
use crate::policy::{Action, Limits, PolicyError, Redact};

/// What redaction takes out, and what it puts there.
pub(crate) struct Rules {
    pub(crate) limits: Limits,
    pub(crate) detectors: Detectors,
    /// Action per rule number: built-in rules, then detectors, then own rules.
    actions: Vec<Action>,
    truncates: bool,
    names: Vec<String>,
    pub(crate) paths: PathSet,
    pub(crate) key: Option<PseudonymKey>,
    pub(crate) finders: Finders,
}

/// What is searched in every event. To make a searcher costs as much as to search a kilobyte.
pub(crate) struct Finders {
    /// What tells of encoded texts.
    pub(crate) encoded: [Finder<'static>; ENCODED.len()],
    /// In the path of a request.
    pub(crate) webhooks: Finder<'static>,
}

impl Finders {
    fn new() -> Self {
        Self { encoded: ENCODED.map(Finder::new), webhooks: Finder::new(b"/webhooks/") }
    }
}

/// Key of the `pseudonym` action; its memory is never printed.
pub(crate) struct PseudonymKey {
    pub(crate) id: String,
    pub(crate) bytes: Vec<u8>,
}

impl Rules {
    /// Checks and compiles. Errors name the key path from the policy's root.
    pub(crate) fn compile(redact: &Redact, limits: &Limits) -> Result<Self, PolicyError> {
        if redact.opaque == Action::Keep {
            return Err(PolicyError::at(
                "redact.opaque",
                "must not be `keep`: nothing was looked at",
            ));
        }
        if !matches!(redact.managed_fields, Action::Keep | Action::Drop) {
            return Err(PolicyError::at("redact.managedFields", "must be `drop` or `keep`"));
        }
        for name in redact.detectors.keys() {
            let group = Detector::ALL.iter().any(|one| one.group() == Some(name));
            if !group && name.parse::<Detector>().is_err() {
                return Err(PolicyError::at(
                    format!("redact.detectors.{name}"),
                    "no detector has this name",
                ));
            }
        }
        let mut actions = Vec::new();
        let mut names = Vec::new();
        for builtin in Builtin::ALL {
            actions.push(builtin.action(redact));
            names.push(builtin.name().to_owned());
        }
        let mut enabled = Vec::new();
        for detector in Detector::ALL {
            let action = detector.action(&redact.detectors);
            if action != Action::Keep {
                enabled.push(*detector);
            }
            actions.push(action);
            names.push(detector.name().to_owned());
        }
        for (at, rule) in redact.rules.iter().enumerate() {
            let name_ok = !rule.name.is_empty()
                && rule.name.len() <= 64
                && rule
                    .name
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
            if !name_ok {
                return Err(PolicyError::at(
                    format!("redact.rules[{at}].name"),
                    "must be 1 to 64 lower case letters, digits and `-`",
                ));
            }
            if names.contains(&rule.name) {
                return Err(PolicyError::at(
                    format!("redact.rules[{at}].name"),
                    "another rule or detector has this name",
                ));
            }
            for (index, resource) in rule.resources.iter().enumerate() {
                resource_name::check(resource).map_err(|message| {
                    PolicyError::at(format!("redact.rules[{at}].resources[{index}]"), message)
                })?;
            }
            actions.push(rule.action);
            names.push(rule.name.clone());
        }
        Ok(Self {
            limits: limits.clone(),
            detectors: Detectors::new(&enabled),
            truncates: actions.contains(&Action::Truncate),
            actions,
            names,
            paths: PathSet::compile(&redact.rules, FIRST_OWN)?,
            key: None,
            finders: Finders::new(),
        })
    }

    /// Whether any rule has this name.
    pub(crate) fn has_rule(&self, name: &[u8]) -> bool {
        self.names.iter().any(|known| known.as_bytes() == name)
    }

    /// Whether any rule cuts texts short.
    pub(crate) fn truncates(&self) -> bool {
        self.truncates
    }

    /// Sets the key of the `pseudonym` action.
    pub(crate) fn set_pseudonym_key(
        &mut self,
        redact: &Redact,
        key: &[u8],
    ) -> Result<(), PolicyError> {
        if key.len() < 16 {
            return Err(PolicyError::at("pseudonym key", "must have at least 16 bytes"));
        }
        let id = redact.pseudonym_key_id.clone().unwrap_or_else(|| "default".into());
        self.key = Some(PseudonymKey { id, bytes: key.to_vec() });
        Ok(())
    }

    /// Names of all rules by number.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// The action of a rule number.
    pub(crate) fn action(&self, rule: u16) -> Action {
        self.actions.get(usize::from(rule)).copied().unwrap_or(Action::Mask)
    }

    /// The name of a rule number.
    pub(crate) fn rule_name(&self, rule: u16) -> &str {
        self.names.get(usize::from(rule)).map_or("unknown", String::as_str)
    }
}
