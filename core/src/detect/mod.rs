//! Value detectors: credentials (and, when asked, personal data) recognised by what they look like.
//!
//! One pass with a literal prefilter ([`prefilter`]) finds candidates by prefixes that are rare in audit
//! logs, one pass over `=`, `@` and `~` finds assignments, URL userinfo and tokens with a tilde.
//! Hand-written verifiers then look at a bounded or remembered stretch around each candidate, so
//! the work is linear in the input whatever it holds. No regular expressions, no backtracking.
//!
//! The haystack is a raw JSON line or an unescaped text. Spans never include a quote, a backslash
//! or a control byte, so taking one out leaves valid JSON. `\u` escapes are not read: unescape
//! such strings first.

mod apostrophes;
mod display;
mod names;
mod personal;
mod prefilter;
mod prefixed;
mod runs;
mod signs;
pub mod values;

#[cfg(test)]
mod tests;

use prefilter::{Candidates, Prefilter};

pub use names::{NameKind, classify, name_hints_secret};
pub(crate) use names::{holds_a_value, holds_headers, is_marked};

macro_rules! detectors {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $on:literal;)+) => {
        /// What a detector looks for.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        #[non_exhaustive]
        pub enum Detector { $($(#[$doc])* $name),+ }

        impl Detector {
            /// All detectors.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// Stable kebab-case name, used in policies and receipts.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }

            /// Whether the default policy uses it.
            pub const fn default_on(self) -> bool {
                match self { $(Self::$name => $on),+ }
            }

            /// The detector of this name.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|detector| detector.name() == name)
            }
        }
    };
}

detectors! {
    /// JSON web token, also a service account's; header decoded and checked.
    Jwt = "jwt", true;
    /// A JSON web token that was base64-encoded once more.
    JwtBase64 = "jwt-base64", true;
    /// `Authorization` header values and `Bearer`/`Basic` credentials in text.
    AuthorizationHeader = "authorization-header", true;
    /// `user:password@` in a URL.
    UrlUserinfo = "url-userinfo", true;
    /// PEM private key, plain or base64.
    PrivateKey = "private-key", true;
    /// AWS access key id.
    AwsAccessKey = "aws-access-key", true;
    /// Google API key or OAuth access token.
    GoogleKey = "google-key", true;
    /// Azure AD client secret.
    AzureSecret = "azure-secret", true;
    /// GitHub token.
    GithubToken = "github-token", true;
    /// GitLab token.
    GitlabToken = "gitlab-token", true;
    /// Slack token or webhook.
    SlackToken = "slack-token", true;
    /// Stripe key.
    StripeKey = "stripe-key", true;
    /// npm token.
    NpmToken = "npm-token", true;
    /// PyPI token.
    PypiToken = "pypi-token", true;
    /// Docker Hub token.
    DockerToken = "docker-token", true;
    /// HashiCorp Vault token.
    VaultToken = "vault-token", true;
    /// OpenShift OAuth token.
    OpenshiftToken = "openshift-token", true;
    /// Tokens of further services, each with its own prefix.
    ServiceToken = "service-token", true;
    /// `password=…`, `token: …`, `--api-key …` and the like inside text.
    SecretAssignment = "secret-assignment", true;
    /// E-mail address.
    Email = "email", false;
    /// Telephone number in E.164 form.
    Phone = "phone", false;
    /// IPv4 address.
    Ipv4 = "ipv4", false;
    /// IPv6 address.
    Ipv6 = "ipv6", false;
    /// Payment card number (issuer range and Luhn checksum).
    Card = "card", false;
    /// International bank account number (length and mod 97).
    Iban = "iban", false;
}

/// Something a detector found: bytes `start..end` of the haystack.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Hit {
    /// First byte.
    pub start: u32,
    /// After the last byte.
    pub end: u32,
    /// Which detector.
    pub detector: Detector,
}

/// A set of detectors ready for use: immutable, shared between threads.
#[derive(Debug)]
pub struct Detectors {
    enabled: u32,
    prefilter: Option<Prefilter>,
}

impl Detectors {
    /// Prepares these detectors.
    pub fn new(enabled: &[Detector]) -> Self {
        let enabled = enabled.iter().fold(0u32, |set, detector| set | 1 << *detector as u8);
        let has = |prefix: &prefixed::Prefix| enabled >> prefix.detector as u8 & 1 == 1;
        let mut detectors = Self { enabled, prefilter: None };
        if prefixed::PREFIXES.iter().any(has) || signs::wanted(&detectors) {
            detectors.prefilter = Some(Prefilter::new(has));
        }
        detectors
    }

    pub(crate) fn has(&self, detector: Detector) -> bool {
        self.enabled >> detector as u8 & 1 == 1
    }

    /// Appends everything found in `haystack`, in order and without overlaps.
    pub fn scan(&self, haystack: &[u8], hits: &mut Vec<Hit>) {
        let from = hits.len();
        if let Some(prefilter) = &self.prefilter {
            let mut memory = prefixed::Memory::default();
            let mut sign_memory = signs::Memory::default();
            let mut candidates = Candidates::default();
            let mut at = 0;
            // What a hit covers is not looked at again, but for its end: the letters before the
            // underscore of a second token can look like the end of the first.
            let mut taken = 0;
            while at < haystack.len() {
                at = prefilter.collect(haystack, at, &mut candidates);
                for &(place, buckets) in candidates.list() {
                    if buckets == 0 {
                        signs::look(self, haystack, place as usize, &mut sign_memory, hits);
                        continue;
                    }
                    prefilter.literals(haystack, place as usize, buckets, |start, prefix| {
                        if start + GLUED >= taken
                            && let Some((start, end)) =
                                (prefix.verify)(haystack, start, &mut memory)
                        {
                            push(hits, start, end, prefix.detector);
                            taken = taken.max(end);
                        }
                    });
                }
            }
        }
        if self.has(Detector::SecretAssignment) && memchr::memchr(b'\n', haystack).is_some() {
            prefixed::yaml_lines(haystack, hits);
        }
        if self.has(Detector::SecretAssignment) && memchr::memchr(b'\'', haystack).is_some() {
            apostrophes::members(haystack, hits);
        }
        if self.enabled & personal::SET != 0 {
            personal::scan(self, haystack, hits);
        }
        merge(hits, from);
    }
}

/// How far before the end of a hit another one may start.
const GLUED: usize = 64;

fn push(hits: &mut Vec<Hit>, start: usize, end: usize, detector: Detector) {
    hits.push(Hit { start: start as u32, end: end as u32, detector });
}

/// Sorts the hits after `from` and joins those that overlap; the first one names them.
fn merge(hits: &mut Vec<Hit>, from: usize) {
    let new = &mut hits[from..];
    if new.len() < 2 {
        return;
    }
    new.sort_unstable_by_key(|hit| (hit.start, std::cmp::Reverse(hit.end), hit.detector));
    let mut kept = 0;
    for at in 1..new.len() {
        let hit = new[at];
        if hit.start < new[kept].end {
            new[kept].end = new[kept].end.max(hit.end);
        } else {
            kept += 1;
            new[kept] = hit;
        }
    }
    hits.truncate(from + kept + 1);
}
