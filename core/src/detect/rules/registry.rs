//! Package and image registries.

use super::jwt::decode_head;
use super::{Memory, RULE, Rule, SERVICE_RULE, Span, by, exactly, from, word};
use crate::detect::runs::{ALNUM, BASE64, HEX, URL64, run};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "npm-token",
        about: "npm access token.",
        literals: &[exactly("npm_", ALNUM, 36)],
        finds: &["npm_{crc}"],
        #[cfg(test)]
        keeps: &["npm_config_cache", "npm_lifecycle_event"],
        ..RULE
    },
    Rule {
        name: "pypi-token",
        about: "PyPI upload token (a macaroon).",
        literals: &[from("pypi-AgE", URL64, 50)],
        finds: &["pypi-AgEIcHlwaS5vcmc{60w}"],
        #[cfg(test)]
        keeps: &["pypi-AgEnt"],
        ..RULE
    },
    Rule {
        name: "docker-token",
        about: "Docker Hub personal or organisation access token.",
        literals: &[from("dckr_pat_", URL64, 27), from("dckr_oat_", URL64, 27)],
        finds: &["dckr_pat_{27w}", "dckr_oat_{32w}"],
        #[cfg(test)]
        keeps: &["dckr_pat_short"],
        ..RULE
    },
    Rule {
        name: "registry-auth",
        about: "`_auth` of an npm configuration: a user and a password in base64.",
        literals: &[by("_auth", auth)],
        #[cfg(test)]
        keeps: &["_auth = none", "basic_auth=true", "x_auth_token"],
        ..RULE
    },
    Rule {
        name: "artifactory-token",
        about: "JFrog Artifactory API key or reference token.",
        literals: &[word("AKCp", ALNUM, 60, 90), word("cmVmdGtuOj", ALNUM, 40, 80)],
        finds: &["AKCp8{68a}", "cmVmdGtuOj{54a}"],
        #[cfg(test)]
        keeps: &["AKCpShort1"],
        ..SERVICE_RULE
    },
    Rule {
        name: "nuget-key",
        about: "NuGet API key.",
        literals: &[word("oy2", ALNUM, 43, 43)],
        finds: &["oy2{43l}"],
        #[cfg(test)]
        keeps: &["oy2abc123"],
        ..SERVICE_RULE
    },
    Rule {
        name: "rubygems-key",
        about: "RubyGems API key.",
        literals: &[exactly("rubygems_", HEX, 48)],
        finds: &["rubygems_{48h}"],
        #[cfg(test)]
        keeps: &["rubygems_version"],
        ..SERVICE_RULE
    },
    Rule {
        name: "crates-token",
        about: "crates.io API token.",
        literals: &[word("cio", ALNUM, 32, 32)],
        finds: &["cio{32a}"],
        #[cfg(test)]
        keeps: &["ciodns"],
        ..SERVICE_RULE
    },
    Rule {
        name: "clojars-token",
        about: "Clojars deploy token.",
        literals: &[exactly("CLOJARS_", ALNUM, 60)],
        finds: &["CLOJARS_{60l}"],
        #[cfg(test)]
        keeps: &["CLOJARS_USERNAME"],
        ..SERVICE_RULE
    },
    Rule {
        name: "dependency-track-key",
        about: "Dependency-Track API key.",
        literals: &[word("odt_", URL64, 32, 64)],
        finds: &["odt_{32a}", "odt_{8a}_{32a}"],
        #[cfg(test)]
        keeps: &["odt_file"],
        ..SERVICE_RULE
    },
];

/// Base64 of text with a colon, after signs.
fn auth(hay: &[u8], at: usize, _: &mut Memory) -> Span {
    let signs = hay[at + 5..].iter().take(6);
    let signs =
        signs.take_while(|b| matches!(b, b' ' | b'=' | b':' | b'"' | b'\\' | b'\'')).count();
    let start = at + 5 + signs;
    let end = run(hay, start, BASE64, 4 << 10);
    let mut buffer = [0; 144];
    let pair = decode_head(&hay[start..end], &mut buffer);
    let text = pair.iter().all(|b| (0x20..0x7f).contains(b));
    (signs > 0 && end >= start + 8 && text && pair.contains(&b':')).then_some((start, end))
}
