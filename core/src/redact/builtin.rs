//! The built-in rules, numbered before the detectors and the policy's own rules.

use crate::detect::Detector;
use crate::policy::{Action, Redact};

macro_rules! builtins {
    ($($(#[$doc:meta])* $name:ident = $text:literal),+ $(,)?) => {
        /// A built-in rule.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u16)]
        pub(crate) enum Builtin { $($(#[$doc])* $name),+ }

        impl Builtin {
            pub(crate) const ALL: &'static [Self] = &[$(Self::$name),+];

            /// Stable name in receipts and counters.
            pub(crate) const fn name(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }
        }
    };
}

builtins! {
    /// Values of `data` and `stringData` of a Secret.
    SecretValues = "secret-values",
    /// Members a Secret does not have, and patch operations on them.
    SecretMember = "secret-member",
    /// Values of `data` and `binaryData` of a ConfigMap.
    ConfigMapValues = "config-map-values",
    /// Members a ConfigMap does not have, and patch operations on them.
    ConfigMapMember = "config-map-member",
    /// Tokens in TokenReview, TokenRequest and OAuth token objects.
    TokenValues = "token-values",
    /// Values whose name hints at a secret: variables, headers, parameters, keys, options.
    HintedValue = "hinted-value",
    /// A subtree too deep to look into.
    OpaqueSubtree = "opaque-subtree",
    /// `metadata.managedFields`.
    ManagedFields = "managed-fields",
    /// A document inside a string that could not be read and may hold a secret.
    NestedDocument = "nested-document",
    /// Another copy of a value that was taken out elsewhere in the event.
    SameValue = "same-value",
    /// A status message that quotes the request of a sensitive resource.
    QuotedInput = "quoted-input",
    /// A `\\uXXXX` escape that is half a character: replaced, because sinks refuse it.
    LoneSurrogate = "lone-surrogate",
    /// A body, or a webhook's patch of one, above the level that `decide.audit` asks for.
    AuditLevel = "audit-level",
    /// `user.extra.accessKeyId`: which key an AWS caller signed with.
    AccessKeyId = "access-key-id",
}

impl Builtin {
    pub(crate) const fn id(self) -> u16 {
        self as u16
    }

    /// The action the policy gives this rule.
    pub(crate) fn action(self, redact: &Redact) -> Action {
        match self {
            Self::SecretValues | Self::SecretMember => redact.secrets,
            Self::ConfigMapValues | Self::ConfigMapMember => redact.config_maps,
            Self::TokenValues => redact.tokens,
            Self::HintedValue => redact.hinted_values,
            Self::OpaqueSubtree => redact.opaque,
            Self::ManagedFields => redact.managed_fields,
            Self::AuditLevel => Action::Drop,
            Self::AccessKeyId => Action::Partial,
            Self::NestedDocument | Self::SameValue | Self::QuotedInput | Self::LoneSurrogate => {
                Action::Mask
            }
        }
    }
}

/// Number of the policy's first own rule.
pub(crate) const FIRST_OWN: u16 = (Builtin::ALL.len() + Detector::ALL.len()) as u16;

/// The rule number of a detector.
pub(crate) fn detector_rule(detector: Detector) -> u16 {
    Builtin::ALL.len() as u16 + detector.number()
}

#[cfg(test)]
mod tests {
    use super::Builtin;
    use crate::detect::readers;

    #[test]
    fn marks_of_all_builtin_rules_are_known_to_the_readers() {
        let names: Vec<&str> = Builtin::ALL.iter().map(|rule| rule.name()).collect();
        assert_eq!(names, readers::OTHER_RULES);
    }
}
