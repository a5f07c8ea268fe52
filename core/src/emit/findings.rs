//! What rules found in an event, as schemas ask for it: rules, severity, techniques.
//!
//! A build without rules finds nothing; names and code are the same.

use super::Emission;
use super::document::{Document, Shape};
use super::layout::Doc as _;
use crate::enrich::text::Text;

/// What a document says of a rule that matches.
#[derive(Clone, Copy)]
pub(super) struct Match<'a> {
    pub(super) id: &'a str,
    pub(super) title: &'a str,
    pub(super) intent: &'a str,
    /// 1 to 99.
    pub(super) severity: u64,
    attack: &'a [String],
}

impl<'a> Emission<'a> {
    /// The rules that match.
    #[cfg(feature = "rules")]
    pub(super) fn matches(&self) -> impl Iterator<Item = Match<'a>> + Clone + use<'a> {
        self.findings.rules().map(|rule| Match {
            id: &rule.id,
            title: &rule.title,
            intent: &rule.intent,
            severity: rule.level.number(),
            attack: &rule.attack.v19,
        })
    }

    #[cfg(not(feature = "rules"))]
    #[expect(clippy::unused_self, reason = "as with rules")]
    pub(super) fn matches(&self) -> impl Iterator<Item = Match<'a>> + Clone + use<'a> {
        std::iter::empty()
    }

    /// Whether a rule matches.
    pub(super) fn is_alert(&self) -> bool {
        self.matches().next().is_some()
    }

    /// How bad the worst of them is.
    pub(super) fn severity(&self) -> Option<u64> {
        self.matches().map(|found| found.severity).max()
    }

    /// Techniques of ATT&CK, each once.
    pub(super) fn techniques(&self) -> impl Iterator<Item = &'a str> + Clone + use<'a> {
        once(self.matches().flat_map(|found| found.attack.iter().map(String::as_str)))
    }
}

/// Each text once, in order; there are few.
fn once<'a>(all: impl Iterator<Item = &'a str> + Clone) -> impl Iterator<Item = &'a str> + Clone {
    let before = all.clone();
    all.enumerate().filter_map(move |(at, text)| {
        before.clone().take(at).all(|earlier| earlier != text).then_some(text)
    })
}

/// A technique without its part behind the dot.
pub(super) fn whole(technique: &str) -> &str {
    technique.split('.').next().unwrap_or_default()
}

/// A text of a rule. Rules are YAML: it may hold anything.
pub(super) fn own(text: &str) -> Text<'_> {
    Text { bytes: text.as_bytes(), ready: false }
}

impl<F: Shape> Document<'_, '_, '_, F> {
    fn each<'a>(&mut self, texts: impl Iterator<Item = &'a str>) {
        texts.for_each(|text| self.item(Some(own(text))));
    }

    pub(super) fn match_ids(&mut self) {
        self.each(self.emission.matches().map(|found| found.id));
    }

    pub(super) fn match_titles(&mut self) {
        self.each(self.emission.matches().map(|found| found.title));
    }

    pub(super) fn match_intents(&mut self) {
        self.each(self.emission.matches().map(|found| found.intent));
    }

    pub(super) fn match_techniques(&mut self) {
        self.each(once(self.emission.techniques().map(whole)));
    }

    pub(super) fn match_parts(&mut self) {
        self.each(self.emission.techniques().filter(|technique| technique.contains('.')));
    }

    pub(super) fn match_any_techniques(&mut self) {
        self.each(self.emission.techniques());
    }
}
