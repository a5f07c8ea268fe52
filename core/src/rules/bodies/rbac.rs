//! RBAC rules, each read as a whole: a verb of one rule never goes with a resource of another.

use crate::scan::Kind;
use crate::scan::doc::Value;
use crate::scan::key::Key;

use super::super::answer::Why;
use super::{is_json_patch, odd, operations, segments};

/// Something a role grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(in crate::rules) enum Grant {
    AnyVerb,
    AnyResource,
    AnyUrl,
    Escalate,
    Bind,
    Impersonate,
    ReadSecrets,
    Exec,
    NodesProxy,
    MintTokens,
    WriteSensitive,
    Write,
    ApproveCertificates,
    CreatePods,
    EphemeralContainers,
    ChangeWebhooks,
}

/// The grants by their names.
pub(in crate::rules) const GRANTS: [(&str, Grant); 16] = [
    ("any-verb", Grant::AnyVerb),
    ("any-resource", Grant::AnyResource),
    ("any-url", Grant::AnyUrl),
    ("escalate", Grant::Escalate),
    ("bind", Grant::Bind),
    ("impersonate", Grant::Impersonate),
    ("read-secrets", Grant::ReadSecrets),
    ("exec", Grant::Exec),
    ("nodes-proxy", Grant::NodesProxy),
    ("mint-tokens", Grant::MintTokens),
    ("write-sensitive", Grant::WriteSensitive),
    ("write", Grant::Write),
    ("approve-certificates", Grant::ApproveCertificates),
    ("create-pods", Grant::CreatePods),
    ("ephemeral-containers", Grant::EphemeralContainers),
    ("change-webhooks", Grant::ChangeWebhooks),
];

const RBAC: &str = "rbac.authorization.k8s.io";
const CORE: &str = "";
const WRITES: &[&str] = &["create", "update", "patch", "delete", "deletecollection"];

/// What one rule must have together for a grant: one of the verbs, one of the resources, the group.
type Row = (Grant, &'static [&'static str], &'static str, &'static [&'static str]);

static ROWS: &[Row] = &[
    (Grant::Escalate, &["escalate"], RBAC, &["roles", "clusterroles"]),
    (Grant::Bind, &["bind"], RBAC, &["roles", "clusterroles"]),
    (Grant::Impersonate, &["impersonate"], CORE, &["users", "groups", "serviceaccounts"]),
    (
        Grant::Impersonate,
        &["impersonate"],
        "authentication.k8s.io",
        &["users", "groups", "serviceaccounts", "uids", "userextras"],
    ),
    (Grant::ReadSecrets, &["get", "list", "watch"], CORE, &["secrets"]),
    (Grant::Exec, &["create", "get"], CORE, &["pods/exec", "pods/attach"]),
    (Grant::NodesProxy, &["create", "get", "update", "patch", "delete"], CORE, &["nodes/proxy"]),
    (Grant::MintTokens, &["create"], CORE, &["serviceaccounts/token"]),
    (
        Grant::WriteSensitive,
        WRITES,
        CORE,
        &[
            "secrets",
            "pods/exec",
            "pods/attach",
            "pods/ephemeralcontainers",
            "serviceaccounts/token",
            "nodes/proxy",
            "nodes",
            "persistentvolumes",
        ],
    ),
    (
        Grant::WriteSensitive,
        WRITES,
        RBAC,
        &["roles", "clusterroles", "rolebindings", "clusterrolebindings"],
    ),
    (Grant::WriteSensitive, WRITES, "apps", &["daemonsets"]),
    (
        Grant::WriteSensitive,
        WRITES,
        "admissionregistration.k8s.io",
        &["mutatingwebhookconfigurations", "validatingwebhookconfigurations"],
    ),
    (
        Grant::WriteSensitive,
        &["create", "update", "patch", "approve", "sign"],
        "certificates.k8s.io",
        &["certificatesigningrequests", "certificatesigningrequests/approval", "signers"],
    ),
    (
        Grant::ApproveCertificates,
        &["update", "patch"],
        "certificates.k8s.io",
        &["certificatesigningrequests/approval"],
    ),
    (Grant::ApproveCertificates, &["approve", "sign"], "certificates.k8s.io", &["signers"]),
    (Grant::CreatePods, &["create"], CORE, &["pods"]),
    (Grant::EphemeralContainers, &["update", "patch"], CORE, &["pods/ephemeralcontainers"]),
    (
        Grant::ChangeWebhooks,
        WRITES,
        "admissionregistration.k8s.io",
        &["mutatingwebhookconfigurations", "validatingwebhookconfigurations"],
    ),
];

/// What the rules of a role grant, and a binding's parts.
#[derive(Default)]
pub(in crate::rules) struct Rbac {
    grants: u32,
    pub(in crate::rules) unknown: Option<Why>,
    /// There are rules at all.
    pub(in crate::rules) has_rules: bool,
}

impl Rbac {
    pub(in crate::rules) fn clear(&mut self) {
        *self = Self::default();
    }

    pub(in crate::rules) fn has(&self, grant: Grant) -> bool {
        self.grants >> grant as u8 & 1 == 1
    }

    /// Reads the rules of a role or of a patch of one. `whole` is the answer, which shows what a
    /// patch of a part came to.
    pub(in crate::rules) fn read(&mut self, body: Value<'_>, whole: Option<Value<'_>>) {
        self.clear();
        if !is_json_patch(body) {
            self.unknown = odd(body);
            if let Some(rules) = body.member(b"rules") {
                self.rules(rules);
            }
            return;
        }
        let mut part = false;
        let of_rules = |path: &[u8]| {
            let mut names = segments(path);
            let first = names.next();
            let rest = names.count();
            (first == Some(b"rules"), rest)
        };
        operations(
            body,
            &mut |path, value| {
                if path.is_empty() {
                    if let Some(rules) = value.member(b"rules") {
                        self.rules(rules);
                    }
                    return;
                }
                match of_rules(path) {
                    (true, 0) => self.rules(value),
                    (true, 1) => self.rule(value),
                    (true, _) => part = true,
                    _ => {}
                }
            },
            &mut |_| {},
        );
        if !part {
            let mut moved = false;
            operations(body, &mut |_, _| {}, &mut |path| moved |= of_rules(path).0);
            part = moved;
        }
        if part {
            match whole.and_then(|whole| whole.member(b"rules")) {
                Some(rules) => self.rules(rules),
                None => self.unknown = Some(Why::PartOfPatch),
            }
        }
    }

    fn rules(&mut self, rules: Value<'_>) {
        if let Some(why) = odd(rules) {
            self.unknown = Some(why);
        }
        for rule in rules.items() {
            self.rule(rule);
        }
    }

    fn rule(&mut self, rule: Value<'_>) {
        if rule.kind() != Kind::Object {
            self.unknown = self.unknown.or(odd(rule));
            return;
        }
        self.has_rules = true;
        let (mut verbs, mut resources, mut groups, mut urls) = (None, None, None, None);
        for (key, value) in rule.members() {
            match key.key() {
                Key::Plain | Key::Hint => {}
                _ => continue,
            }
            key.read(|name| match name {
                b"verbs" => verbs = Some(value),
                b"resources" => resources = Some(value),
                b"apiGroups" => groups = Some(value),
                b"nonResourceURLs" => urls = Some(value),
                _ => {}
            });
        }
        let has = |list: Option<Value<'_>>, wanted: &dyn Fn(&[u8]) -> bool| {
            list.is_some_and(|list| list.items().any(|item| item.read(wanted)))
        };
        let any_verb = has(verbs, &|verb| verb == b"*");
        let any_resource = has(resources, &|name| name == b"*" || name == b"*/*");
        let has_resources = has(resources, &|_| true);
        let any_url = has(urls, &|url| url == b"*" || url == b"/*");
        let mut grant = |grant: Grant, is: bool| self.grants |= u32::from(is) << grant as u8;
        grant(Grant::AnyVerb, any_verb && (has_resources || any_url));
        grant(Grant::AnyResource, any_resource);
        grant(Grant::AnyUrl, any_url);
        let writes = |verb: &[u8]| WRITES.iter().any(|write| write.as_bytes() == verb);
        grant(Grant::Write, has_resources && (any_verb || has(verbs, &writes)));
        for (what, of_verbs, group, of_resources) in ROWS {
            let verb = any_verb
                || has(verbs, &|verb| of_verbs.iter().any(|wanted| wanted.as_bytes() == verb));
            let is = verb
                // No API server takes a rule without groups; who leaves them out means any.
                && (groups.is_none()
                    || has(groups, &|said| said == b"*" || said == group.as_bytes()))
                && has(resources, &|said| of_resources.iter().any(|wanted| covers(said, wanted)));
            grant(*what, is);
        }
    }
}

/// Whether a resource of a rule covers one that is asked for, as RBAC's `ResourceMatches` has it,
/// and as people who write `nodes/*` mean it.
fn covers(said: &[u8], wanted: &str) -> bool {
    let wanted = wanted.as_bytes();
    if said == b"*" || said == b"*/*" || said == wanted {
        return true;
    }
    let Some(slash) = memchr::memchr(b'/', wanted) else {
        // `userextras/scopes` is a part of `userextras`.
        return wanted == b"userextras" && said.starts_with(b"userextras/");
    };
    let (resource, sub) = (&wanted[..slash], &wanted[slash + 1..]);
    match memchr::memchr(b'/', said) {
        Some(at) => match (&said[..at], &said[at + 1..]) {
            (b"*", said) => said == sub,
            (said, b"*") => said == resource,
            _ => false,
        },
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::tests::scanned;

    fn grants(body: &str) -> Vec<&'static str> {
        scanned(body, |doc| {
            let mut rbac = Rbac::default();
            rbac.read(doc.root(), None);
            let told = GRANTS.iter().filter(|(_, grant)| rbac.has(*grant)).map(|(name, _)| *name);
            told.chain(rbac.unknown.map(|_| "unknown")).collect()
        })
    }

    #[test]
    fn a_rule_is_read_as_a_whole() {
        let role = |rules: &str| format!(r#"{{"kind":"ClusterRole","rules":[{rules}]}}"#);
        let get_roles =
            r#"{"apiGroups":["rbac.authorization.k8s.io"],"resources":["roles"],"verbs":["get"]}"#;
        let write_maps = r#"{"apiGroups":[""],"resources":["configmaps"],"verbs":["create"]}"#;
        assert_eq!(grants(&role(&format!("{get_roles},{write_maps}"))), ["write"]);
        let write_roles = r#"{"apiGroups":["rbac.authorization.k8s.io"],"resources":["roles"],"verbs":["create"]}"#;
        assert_eq!(grants(&role(write_roles)), ["write-sensitive", "write"]);
        let proxy = r#"{"apiGroups":[""],"resources":["nodes/*"],"verbs":["get"]}"#;
        assert_eq!(grants(&role(proxy)), ["nodes-proxy"]);
        let any_group = r#"{"apiGroups":["*"],"resources":["configmaps"],"verbs":["get"]}"#;
        assert!(grants(&role(any_group)).is_empty());
        let urls = r#"{"nonResourceURLs":["/healthz"],"verbs":["*"]}"#;
        assert!(grants(&role(urls)).is_empty());
        let bind = r#"{"apiGroups":["rbac.authorization.k8s.io"],"resources":["clusterroles"],"verbs":["bind"],"resourceNames":["view"]}"#;
        assert_eq!(grants(&role(bind)), ["bind"]);
        let exec = r#"{"apiGroups":[""],"resources":["*/exec"],"verbs":["create"]}"#;
        assert_eq!(grants(&role(exec)), ["exec", "write-sensitive", "write"]);
    }

    #[test]
    fn patches_are_read_as_far_as_they_show_rules() {
        let rule = r#"{"apiGroups":[""],"resources":["secrets"],"verbs":["get"]}"#;
        for patch in [
            format!(r#"[{{"op":"add","path":"/rules/-","value":{rule}}}]"#),
            format!(r#"[{{"op":"replace","path":"/rules","value":[{rule}]}}]"#),
            format!(r#"{{"rules":[{rule}]}}"#),
        ] {
            assert_eq!(grants(&patch), ["read-secrets"], "{patch}");
        }
        let part = r#"[{"op":"add","path":"/rules/0/verbs/-","value":"*"}]"#;
        assert_eq!(grants(part), ["unknown"]);
        assert!(grants(r#"[{"op":"add","path":"/metadata/labels","value":{}}]"#).is_empty());
    }
}
