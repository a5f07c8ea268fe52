//! What is said of a wrong policy, in words that say what to write instead.

use auditweir::detect::Detector;
use auditweir::policy::distance;

/// What parsers say, and what that means for whoever wrote the policy.
const MEANT: &[(&str, &str)] = &[
    ("expected sequence start", "must be a list: `[a, b]`, or lines that start with `- `"),
    ("expected mapping start", "must hold names with values: `name: value`"),
    ("expected string scalar", "must be a text"),
    ("invalid u8", "must be a whole number from 0 to 255"),
    ("invalid u32", "must be a whole number, not negative, up to 4294967295"),
    ("tabs disallowed", "has a tab; YAML is indented by blanks"),
    ("multiple YAML documents detected", "a second document begins here; a policy is one"),
    ("unknown variant `~`", "is empty"),
    ("unknown variant ``", "is empty"),
];

/// The message of an error at a key, with what was probably meant.
pub(crate) fn plain(message: &str, key: &str) -> String {
    if message.starts_with("unknown field `apiVersion`") && !key.contains('.') {
        return "this is an audit policy of Kubernetes; it goes under `decide.audit` of a policy that \
                begins with `version: 1`"
            .to_owned();
    }
    if let Some(rest) = message.strip_prefix("duplicate mapping key: ") {
        let name = rest.split(',').next().unwrap_or_default();
        return format!("`{name}` stands here twice");
    }
    if key == "rules" && message.starts_with("expected mapping start") {
        return "must hold names with values, for detection rules (`rules: {pack: default}`); rules of \
                your own by path go under `redact.rules`"
            .to_owned();
    }
    if message == "no detector has this name" {
        let name = key.rsplit('.').next().unwrap_or_default();
        let known = Detector::ALL.iter().flat_map(|one| [Some(one.name()), one.group()]).flatten();
        return format!("{message}; all are in docs/detectors.md{}", nearest(name, known));
    }
    if let Some((_, meant)) = MEANT.iter().find(|(said, _)| message.starts_with(said)) {
        let choice = message.find("expected one of").map_or("", |at| &message[at..]);
        return if choice.is_empty() { (*meant).to_owned() } else { format!("{meant}; {choice}") };
    }
    if let Some((head, known)) = message.split_once(", expected one of ") {
        let name = head.split('`').nth(1).unwrap_or_default();
        return message.to_owned() + &nearest(name, known.split(", "));
    }
    message.to_owned()
}

/// `; did you mean …?` when one is near.
fn nearest<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> String {
    let letters = |text: &str| text.replace(['-', '_'], "").to_ascii_lowercase();
    let asked = letters(name);
    let far = |known: &str| {
        let known = letters(known);
        let begins = asked.len() > 2 && (known.starts_with(&asked) || asked.starts_with(&known));
        if begins { 1 } else { distance(&asked, &known) }
    };
    match known.map(|known| (far(known), known.len(), known)).min() {
        Some((far, _, known)) if !asked.is_empty() && far <= 1 + asked.len() / 6 => {
            format!("; did you mean `{known}`?")
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use crate::parse;

    /// Twenty wrong policies, and the start and a part of what is said of each.
    #[test]
    fn what_is_wrong_is_said_with_place_key_and_what_to_write() {
        for (policy, place, part) in [
            (
                "version: 1\nredact:\n  secret: mask\n",
                "3:3: redact.secret: ",
                "did you mean `secrets`?",
            ),
            (
                "version: 1\nredact:\n  secrets: Mask\n",
                "3:12: redact.secrets: ",
                "did you mean `mask`?",
            ),
            (
                "version: 1\nredact:\n  secrets: hide\n",
                "3:12: redact.secrets: ",
                "expected one of keep, drop",
            ),
            (
                "version: 1\nredact:\n  secrets:\n",
                "3:10: redact.secrets: ",
                "is empty; expected one of keep",
            ),
            ("version: 1\nredact:\n\tsecrets: mask\n", "3:", "a tab; YAML is indented by blanks"),
            (
                "version: 1\nredact:\n  secrets: mask\n  secrets: drop\n",
                "4:3:",
                "`secrets` stands here twice",
            ),
            ("", " ", "is empty; a policy says at least `version: 1`"),
            ("version: one\n", "1:10: version: ", "must be a whole number"),
            ("redact: {}\n", "1:1: ", "missing field `version`"),
            ("version: 1\nredact: mask\n", "2:9: redact: ", "must hold names with values"),
            (
                "version: 1\nredact:\n  rules:\n    - paths: [requestObject.x]\n",
                "4:7: redact.rules[0]: ",
                "missing field `name`",
            ),
            (
                "version: 1\nredact:\n  rules:\n    - name: a\n      path: requestObject.x\n",
                "5:7: redact.rules[0].path: ",
                "did you mean `paths`?",
            ),
            (
                "version: 1\nredact:\n  rules:\n    name: a\n",
                "4:5: redact.rules: ",
                "must be a list",
            ),
            (
                "version: 1\nredact:\n  rules:\n    - name: a\n      paths: requestObject.x\n",
                "5:14: redact.rules[0].paths: ",
                "must be a list",
            ),
            (
                "version: 1\nredact:\n  rules:\n    - {name: a, paths: [requestObject.x], action: masked}\n",
                "4:51: redact.rules[0].action: ",
                "did you mean `mask`?",
            ),
            (
                "version: 1\nredact:\n  detectors: [jwt]\n",
                "3:14: redact.detectors: ",
                "must hold names with values",
            ),
            ("version: 1\nlimits: {depth: 1000}\n", "2:17: limits.depth: ", "from 0 to 255"),
            ("version: 1\ndecide:\n  noise: default\n", "3:10: decide.noise: ", "must be a list"),
            ("version: 1\nrules:\n  - name: x\n", "3:3: rules: ", "`redact.rules`"),
            (
                "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n",
                "1:1:",
                "`decide.audit`",
            ),
            ("version: 1\n---\nversion: 1\n", "3:1:", "a policy is one"),
            ("version: 1\nkind: Policy\n", "2:7: kind: ", "RedactionPolicy"),
        ] {
            let said = parse(policy, "p").err().map(|error| error.to_string()).unwrap_or_default();
            assert!(
                said.starts_with(&format!("p:{place}")) && said.contains(part),
                "{policy}\n{said}"
            );
        }
    }

    #[test]
    fn what_cannot_match_is_said_with_what_would() {
        for (redact, part) in [
            (
                "detectors: {github: keep}",
                "redact.detectors.github: no detector has this name; all are in docs/detectors.md; did you mean `github-token`?",
            ),
            ("rules: [{name: a, paths: ['$.requestObject.x']}]", "write `requestObject.x`"),
            ("rules: [{name: a, paths: [/requestObject/spec/x]}]", "write `requestObject.spec.x`"),
            ("rules: [{name: a, paths: [.requestObject.x]}]", "has an empty name"),
            (
                "rules: [{name: a, paths: ['requestObject.list[0].x']}]",
                "write `[]`, which is any item",
            ),
            (
                "rules: [{name: a, paths: ['requestObject.list[*].x']}]",
                "write `[]`, which is any item",
            ),
            ("rules: [{name: a, paths: [RequestObject.x]}]", "write `requestObject.x`"),
            ("rules: [{name: a, paths: [spec.x]}]", "write `requestObject.spec.x` and"),
            (
                "rules: [{name: a, paths: [requestObject.x], resources: [Database]}]",
                "2:66: redact.rules[0].resources[0]: can never match",
            ),
        ] {
            let policy = format!("version: 1\nredact: {{{redact}}}\n");
            let source = crate::Source::bytes("p", policy.as_bytes());
            let said = crate::read_policy(source).err().map(|e| e.to_string()).unwrap_or_default();
            assert!(said.starts_with("p:2:") && said.contains(part), "{policy}\n{said}");
        }
    }
}
