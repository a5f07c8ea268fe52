//! What a policy that can be used says and probably does not mean.

use auditweir::Policy;
use auditweir::detect::Detector;
use auditweir::policy::{Action, AuditPolicy};

/// What only shows whose a value is, rather than opening anything.
const PERSONAL: [Detector; 6] = [
    Detector::Email,
    Detector::Phone,
    Detector::Ipv4,
    Detector::Ipv6,
    Detector::Card,
    Detector::Iban,
];

/// Doubts, each with the key path of what it is about.
pub(super) fn doubts(policy: &Policy) -> Vec<(String, String)> {
    let mut all = Vec::new();
    let redact = &policy.redact;
    let settings = [
        ("secrets", redact.secrets),
        ("tokens", redact.tokens),
        ("hintedValues", redact.hinted_values),
    ];
    let settings = settings.map(|(name, action)| (format!("redact.{name}"), action));
    let personal = |name: &str| PERSONAL.iter().any(|one| one.name() == name);
    let detectors = redact.detectors.iter().filter(|(name, _)| !personal(name));
    let detectors = detectors.map(|(name, action)| (format!("redact.detectors.{name}"), *action));
    for (key, action) in settings.into_iter().chain(detectors) {
        let shown = match action {
            Action::Truncate => "`truncate` shows the first quarter, up to 32 characters, of",
            Action::Partial => "`partial` shows the first and the last two characters of",
            _ => continue,
        };
        let message = format!("{shown} credentials; `mask` and `pseudonym` show nothing");
        all.push((key, message));
    }
    for (at, rule) in redact.rules.iter().enumerate() {
        for (index, resource) in rule.resources.iter().enumerate() {
            let end = resource.find(['.', '/']).unwrap_or(resource.len());
            let (name, rest) = resource.split_at(end);
            if name != "*" && !name.ends_with('s') {
                let message = format!(
                    "`{name}` is no plural and probably matches nothing; a resource is named as in \
                     URLs, such as `{}{rest}`",
                    plural(name)
                );
                all.push((format!("redact.rules[{at}].resources[{index}]"), message));
            }
        }
    }
    if let Some(audit) = &policy.decide.audit {
        of_audit(audit, &mut all);
    }
    all
}

fn plural(name: &str) -> String {
    match name {
        "po" => "pods".into(),
        "svc" => "services".into(),
        "cm" => "configmaps".into(),
        "deploy" => "deployments".into(),
        "sa" => "serviceaccounts".into(),
        _ => match name.strip_suffix('y') {
            Some(stem) => format!("{stem}ies"),
            None => format!("{name}s"),
        },
    }
}

/// What kube-apiserver takes in silence, too, and never matches.
fn of_audit(audit: &AuditPolicy, all: &mut Vec<(String, String)>) {
    for (at, rule) in audit.rules.iter().enumerate() {
        for (index, of) in rule.resources.iter().enumerate() {
            let key = format!("decide.audit.rules[{at}].resources[{index}]");
            if of.group == "v1" {
                // The version of the core group, which API servers take for a name.
                let message = "no API group is called `v1`, so this matches nothing; write `\"\"`";
                all.push((format!("{key}.group"), message.to_owned()));
            }
            for (nth, name) in of.resources.iter().enumerate() {
                let lower = name.to_ascii_lowercase();
                let lower = lower.split('.').next().unwrap_or_default();
                if lower != name {
                    let plural = if lower.ends_with('s') || lower.contains('*') {
                        lower.to_owned()
                    } else {
                        plural(lower)
                    };
                    let message = format!(
                        "no resource is called `{name}`, so this matches nothing; write `{plural}`, and \
                         its API group under `group`"
                    );
                    all.push((format!("{key}.resources[{nth}]"), message));
                }
            }
        }
    }
}
