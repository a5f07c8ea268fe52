//! Why an event became a stub, was rejected or was dropped: one list of words.

use std::fmt;

/// Why an event became a stub, was rejected or was dropped: a word such as `line-too-long`, made
/// of lower case letters, digits and `-`.
///
/// Every reason the library gives is an associated constant. A host that has reasons of its own
/// makes them the same way, so that a wrong one does not compile:
///
/// ```
/// use auditweir::Reason;
///
/// const QUEUE_FULL: Reason = Reason::new("queue-full");
/// assert_eq!(QUEUE_FULL.as_str(), "queue-full");
/// ```
///
/// ```compile_fail
/// const BAD: auditweir::Reason = auditweir::Reason::new("queue \"full\"");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Reason(&'static str);

impl Reason {
    /// A reason of this name: 1 to 64 lower case letters, digits and single `-` between them.
    ///
    /// # Panics
    ///
    /// When the name is none. In a constant that is an error of the compiler.
    pub const fn new(name: &'static str) -> Self {
        let bytes = name.as_bytes();
        assert!(!bytes.is_empty() && bytes.len() <= 64, "a reason has 1 to 64 characters");
        let mut at = 0;
        let mut between = false;
        while at < bytes.len() {
            let dash = bytes[at] == b'-';
            let plain = bytes[at].is_ascii_lowercase() || bytes[at].is_ascii_digit();
            assert!(plain || dash && between, "a reason is written in kebab-case");
            between = !dash;
            at += 1;
        }
        assert!(between, "a reason ends in a letter or digit");
        Self(name)
    }

    /// The name, which needs no escape in JSON.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

macro_rules! reasons {
    ($($(#[$doc:meta])+ $constant:ident = $name:literal;)+) => {
        impl Reason {
            $($(#[$doc])+ pub const $constant: Self = Self::new($name);)+

            /// Every reason of the library. Names of noise rules are reasons for drops, too; see
            /// [`crate::decide::noise_rules`].
            pub const ALL: &'static [Self] = &[$(Self::$constant),+];
        }
    };
}

reasons! {
    /// The input is longer than `limits.lineBytes`.
    LINE_TOO_LONG = "line-too-long";
    /// The filter failed on it, which is a bug.
    INTERNAL = "internal";

    /// An object that has no member of an audit event, or no object.
    NOT_AN_AUDIT_EVENT = "not-an-audit-event";
    /// A member of the event occurs twice, which no API server writes.
    DUPLICATE_MEMBER = "duplicate-member";
    /// A member of the event has a type that no API server writes.
    WRONG_TYPE = "wrong-type";

    /// A line that a container runtime split, without its rest.
    PARTIAL_LINE = "partial-line";
    /// Envelopes in envelopes, deeper than `limits.nested`.
    WRAPPED_TOO_DEEP = "wrapped-too-deep";
    /// Content that should be base64 and is not.
    BAD_BASE64 = "bad-base64";
    /// Content that should be gzip and is not.
    BAD_GZIP = "bad-gzip";
    /// Decoding gives more than `limits.decodedBytes`.
    DECODED_TOO_LARGE = "decoded-too-large";

    /// The JSON ends too early.
    JSON_UNEXPECTED_END = "json-unexpected-end";
    /// JSON: a value should stand here.
    JSON_EXPECTED_VALUE = "json-expected-value";
    /// JSON: a member's name should stand here.
    JSON_EXPECTED_KEY = "json-expected-key";
    /// JSON: a colon should stand here.
    JSON_EXPECTED_COLON = "json-expected-colon";
    /// JSON: a comma or a closing bracket should stand here.
    JSON_EXPECTED_COMMA_OR_CLOSE = "json-expected-comma-or-close";
    /// JSON: no number.
    JSON_BAD_NUMBER = "json-bad-number";
    /// JSON: a word that is not `true`, `false` or `null`.
    JSON_BAD_LITERAL = "json-bad-literal";
    /// JSON: an escape that does not exist.
    JSON_BAD_ESCAPE = "json-bad-escape";
    /// JSON: a control character inside a string.
    JSON_CONTROL_IN_STRING = "json-control-in-string";
    /// More keys and values than `limits.nodes`.
    TOO_MANY_MEMBERS = "too-many-members";

    /// A text that is no known prefix stands before JSON.
    TEXT_BEFORE_JSON = "text-before-json";
    /// A record holds another event besides, which says something else.
    CONTRADICTS_OUTER_EVENT = "contradicts-outer-event";
    /// What another service, container, unit or component wrote, as the record around it says.
    NOT_OF_A_KUBE_APISERVER = "not-of-a-kube-apiserver";
    /// An entry of Rancher's own audit log.
    RANCHER_API_AUDIT_LOG = "rancher-api-audit-log";
    /// What an API server asks an admission webhook.
    ADMISSION_REVIEW = "admission-review";
    /// Another object of the Kubernetes API.
    KUBERNETES_OBJECT = "kubernetes-object";

    /// Dropped: the same event stands in the record once more.
    COPY_IN_ONE_RECORD = "copy-in-one-record";
    /// Dropped: nothing but white space.
    BLANK = "blank";
    /// Dropped: a line of something other than an API server.
    NOT_AN_AUDIT_LINE = "not-an-audit-line";
    /// Dropped: a list without items.
    EMPTY_LIST = "empty-list";
    /// Dropped: what a cloud's log service says to its subscribers, the actions of a bulk request.
    CONTROL_MESSAGE = "control-message";
    /// Dropped: a rule of the audit policy has level `None`, or no rule matched.
    AUDIT_LEVEL_NONE = "audit-level-none";
    /// Dropped: the audit policy omits this stage.
    AUDIT_OMIT_STAGE = "audit-omit-stage";

    /// A host's policy or options cannot be used, so that nothing can be cleaned.
    POLICY_ERROR = "policy-error";
    /// What stands where a shipper's record should.
    NOT_A_RECORD = "not-a-record";
    /// A shipper's record without content.
    EMPTY_RECORD = "empty-record";
    /// A shipper's record that is not a map.
    RECORD_NOT_A_MAP = "record-not-a-map";
    /// A shipper's record that did not arrive whole.
    RECORD_NOT_DELIVERED = "record-not-delivered";
    /// MessagePack: a key that is no text.
    MSGPACK_KEY = "msgpack-key";
    /// MessagePack: a type of the sender's own.
    MSGPACK_EXT = "msgpack-ext";
    /// MessagePack: nested too deep.
    MSGPACK_TOO_DEEP = "msgpack-too-deep";
    /// MessagePack: cannot be read.
    MSGPACK_UNREADABLE = "msgpack-unreadable";
    /// Lua: tables nested too deep, or in a circle.
    LUA_TOO_DEEP = "lua-too-deep";
    /// Lua: a table whose keys are neither texts nor 1 to n.
    LUA_KEY = "lua-key";
    /// Lua: the host could not read a table.
    LUA_ERROR = "lua-error";
    /// Lua: a value that JSON has no type for.
    LUA_TYPE = "lua-type";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kebab_case_and_occur_once() {
        for (at, reason) in Reason::ALL.iter().enumerate() {
            assert_eq!(Reason::new(reason.as_str()), *reason);
            assert!(!Reason::ALL[..at].contains(reason), "{reason} occurs twice");
        }
        let long = "x".repeat(65).leak();
        for name in ["", "-a", "a-", "a--b", "A", "a b", "a\"b", "a_b", "ä", long] {
            assert!(std::panic::catch_unwind(|| Reason::new(name)).is_err(), "{name}");
        }
    }
}
