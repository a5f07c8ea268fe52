//! Detection rules: which events somebody should hear of.
//!
//! Rules are Sigma v2.1 documents, the shipped pack included. They look at the event as it came,
//! before levels are lowered and bodies are cut, and write down rule numbers only: everything that
//! a finding shows goes through redaction like any other output. A rule answers with a match, with
//! nothing, or that it cannot tell and why: an event that does not record what a rule asks for is
//! never taken for harmless.
//!
//! `sigma` reads, `compile` makes programs of tests, `dispatch` finds the rules to ask, `plan` what
//! is left to ask of them, `evaluate` asks that, `resolve` finds the values of fields, `bodies` walks bodies.

mod answer;
mod bodies;
mod compile;
mod condition;
mod correlation;
mod dispatch;
mod encode;
mod error;
mod evaluate;
mod examples;
mod exception;
mod fields;
mod members;
mod pack;
mod paths;
mod pattern;
mod plan;
mod read;
#[cfg(feature = "regex")]
mod regex;
mod resolve;
mod seen;
mod sigma;
mod subject;
#[cfg(test)]
mod tests;
mod user;
mod watch;
mod windows;
mod yaml;

use crate::event::Level;

pub use crate::event::Resource;
pub use answer::{RequestOutcome, Why};
pub use error::RuleError;
pub use examples::{Example, Expected, examples};
pub use exception::ExceptionInfo;
pub(crate) use watch::Watch;
pub use watch::{Finding, Findings};
pub use windows::{Signal, WindowError, WindowLimits, WindowStats, Windows};

use sha2::{Digest as _, Sha256};

use compile::{Program, Test};
use dispatch::Dispatch;
use plan::{Known, Likely};
use windows::Spec;

/// How bad it is if a rule is right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Good to know.
    Informational,
    /// Rarely worth a look alone.
    Low,
    /// Worth a look.
    #[default]
    Medium,
    /// Worth a look now.
    High,
    /// Worth waking somebody.
    Critical,
}

impl Severity {
    /// All of them, from least to most.
    pub const ALL: [Self; 5] =
        [Self::Informational, Self::Low, Self::Medium, Self::High, Self::Critical];

    /// Sigma's word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Informational => "informational",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// A number from 1 to 99, on the scale that Elastic has for it.
    pub const fn number(self) -> u64 {
        match self {
            Self::Informational => 1,
            Self::Low => 21,
            Self::Medium => 47,
            Self::High => 73,
            Self::Critical => 99,
        }
    }

    /// The severity of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name().eq_ignore_ascii_case(name))
    }
}

/// Techniques of MITRE ATT&CK, whose ids change with its versions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attack {
    /// Ids of version 18.
    pub v18: Vec<String>,
    /// Ids of version 19.
    pub v19: Vec<String>,
}

/// What a rule needs of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Needs {
    /// The least level at which it can always tell.
    pub level: Level,
    /// Annotations and members of `user.extra` without which it cannot tell.
    pub annotations: Vec<String>,
}

impl Default for Needs {
    fn default() -> Self {
        Self { level: Level::Metadata, annotations: Vec::new() }
    }
}

/// Requests that a rule is about. An empty list is any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Asks {
    /// Verbs.
    pub verbs: Vec<String>,
    /// Resources.
    pub resources: Vec<String>,
    /// Subresources; an empty name is none.
    pub subresources: Vec<String>,
    /// API groups; an empty name is the core group.
    pub groups: Vec<String>,
}

impl Rule {
    /// The least level at which it can always tell of requests of this verb. Not all that a patch
    /// does is in it: what it copies or adds to is shown by the response.
    pub fn level_for(&self, verb: &str) -> Level {
        match self.needs.level {
            Level::Request if verb == "patch" => Level::RequestResponse,
            level => level,
        }
    }
}

/// What is known of a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rule {
    /// A UUID.
    pub id: String,
    /// What the rule is after, in one name.
    pub intent: String,
    /// One line.
    pub title: String,
    /// One paragraph.
    pub description: String,
    /// How bad it is.
    pub level: Severity,
    /// Tags as the rule has them.
    pub tags: Vec<String>,
    /// Techniques.
    pub attack: Attack,
    /// Outcomes of requests that it chooses.
    pub outcomes: Vec<RequestOutcome>,
    /// What it needs of the log.
    pub needs: Needs,
    /// Fields it looks at.
    pub fields: Vec<String>,
    /// Requests it cannot do without.
    pub asks: Asks,
    /// What other rule sets do about the same: name and text.
    pub others: Vec<(String, String)>,
    /// It is about several events; see [`Windows`].
    pub is_stateful: bool,
    /// The file it came from.
    pub file: String,
}

/// Compiled rules: immutable, shared between filters and threads through `Arc`.
#[expect(clippy::struct_field_names, reason = "rules hold rules")]
pub struct Rules {
    rules: Vec<Rule>,
    /// Each rule as it stands in an event, up to the outcome.
    pieces: Vec<Vec<u8>>,
    /// Whether a rule is disabled.
    off: Vec<bool>,
    programs: Vec<Program>,
    tests: Vec<Test>,
    /// What tests answer by class of event, in their order.
    known: Vec<Known>,
    likely: Likely,
    dispatch: Dispatch,
    specs: Vec<Spec>,
    exceptions: Vec<ExceptionInfo>,
    warnings: Vec<RuleError>,
}

impl std::fmt::Debug for Rules {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rules").field("rules", &self.rules.len()).finish_non_exhaustive()
    }
}

/// A text with rules.
#[derive(Clone, Copy, Debug)]
pub struct RuleText<'a> {
    /// Stands for it in errors.
    pub file: &'a str,
    /// YAML: one document or more.
    pub text: &'a str,
}

impl Rules {
    /// The rules that come with this crate.
    pub fn pack() -> Result<Self, RuleError> {
        Self::read(&pack::texts())
    }

    /// The texts of the rules that come with this crate.
    pub fn pack_texts() -> Vec<RuleText<'static>> {
        pack::texts()
    }

    /// Reads and compiles rules. The first mistake is the answer: a rule that is left out is a rule
    /// that is silent.
    pub fn read(texts: &[RuleText<'_>]) -> Result<Self, RuleError> {
        Self::read_with(texts, &RuleOptions::default())
    }

    /// The same, for this cluster and without some rules.
    pub fn read_with(texts: &[RuleText<'_>], options: &RuleOptions) -> Result<Self, RuleError> {
        read::read(texts, options)
    }

    /// All rules, those included that only others refer to.
    pub fn all(&self) -> &[Rule] {
        &self.rules
    }

    /// The rules that give findings.
    pub fn telling(&self) -> impl Iterator<Item = &Rule> {
        let alone = self.programs.iter().filter(|program| !program.silent);
        let many = self.specs.iter().map(|spec| spec.rule);
        let numbers = alone.map(|program| program.rule).chain(many);
        numbers
            .map(usize::from)
            .filter(|number| !self.off[*number])
            .map(|number| &self.rules[number])
    }

    /// What is known to be harmless.
    pub fn exceptions(&self) -> &[ExceptionInfo] {
        &self.exceptions
    }

    /// What rules ask for that hardly any event has, such as a verb that nobody knows.
    pub fn warnings(&self) -> &[RuleError] {
        &self.warnings
    }

    fn correlations(&self) -> &[Spec] {
        &self.specs
    }

    /// What snapshots of windows are known by: the correlations, and what they are about.
    fn fingerprint(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        for spec in &self.specs {
            hash.update(format!("{spec:?} {:?}", self.rules[usize::from(spec.rule)]));
        }
        hash.finalize().into()
    }
}

/// What rules are read for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleOptions {
    /// Name of the cluster, for exceptions that name some.
    pub cluster: String,
    /// Ids or intents of rules that are not asked.
    pub disable: Vec<String>,
}
