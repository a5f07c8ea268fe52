//! The suggested audit policy and what it would save, measured.
//!
//! Two steps, weighed apart:
//!
//! 1. An `audit.k8s.io/v1` Policy that lowers levels and leaves out the stage RequestReceived, of which
//!    ResponseComplete or Panic tells again. It drops no request: such a policy decides before the
//!    answer is known, so one that drops cannot spare refused requests.
//! 2. The default noise rules of `decide.noise` on top, which see the answer and never drop what
//!    matters to an investigation ([`auditweir::decide::NoiseRule`]).
//!
//! Both are weighed by running them over every event, as `filter` would with the written policy.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::Arc;

use auditweir::decide::noise_rules;
use auditweir::policy::{Decide, Level};
use auditweir::{CompiledPolicy, Format, Policy};
use auditweir_shell::{Guard, Piece, Ready, SetupError};
use serde::Deserialize;

/// One rule of the suggested audit policy.
pub(super) struct Rule {
    pub(super) name: &'static str,
    pub(super) why: &'static str,
    yaml: &'static str,
}

/// The rules, in order. The last one matches everything.
pub(super) const RULES: [Rule; 9] = [
    Rule {
        name: "secret-values",
        why: "Secrets, ConfigMaps, tokens: who and which, no values",
        yaml: r#"- level: Metadata
  resources:
  - group: ""
    resources: [secrets, configmaps, serviceaccounts/token]
  - group: authentication.k8s.io
  - group: oauth.openshift.io
"#,
    },
    Rule {
        name: "sessions",
        why: "exec, attach, port-forward, proxy: with the command",
        yaml: r#"- level: Request
  resources:
  - group: ""
    resources: [pods/exec, pods/attach, pods/portforward, pods/proxy,
      pods/ephemeralcontainers, services/proxy, nodes/proxy]
"#,
    },
    Rule {
        name: "rights",
        why: "RBAC, certificates, webhooks, API services: both bodies",
        yaml: r"- level: RequestResponse
  verbs: [create, update, patch, delete, deletecollection]
  resources:
  - group: rbac.authorization.k8s.io
  - group: certificates.k8s.io
  - group: admissionregistration.k8s.io
  - group: apiregistration.k8s.io
  - group: authorization.openshift.io
  - group: security.openshift.io
  - group: user.openshift.io
",
    },
    Rule {
        name: "heartbeats",
        why: "leases, events, endpoints: that, not what",
        yaml: r#"- level: Metadata
  resources:
  - group: coordination.k8s.io
    resources: [leases]
  - group: ""
    resources: [events, endpoints]
  - group: events.k8s.io
  - group: discovery.k8s.io
    resources: [endpointslices]
"#,
    },
    Rule {
        name: "status",
        why: "status reports of controllers and kubelets",
        yaml: r#"- level: Metadata
  resources:
  - group: "*"
    resources: ["*/status"]
"#,
    },
    Rule {
        name: "platform-reviews",
        why: "access checks by kubelets and kube-system",
        yaml: r#"- level: Metadata
  userGroups: ["system:nodes", "system:serviceaccounts:kube-system"]
  resources:
  - group: authorization.k8s.io
"#,
    },
    Rule {
        name: "paths",
        why: "requests for no resource: health, metrics, discovery",
        yaml: r#"- level: Metadata
  nonResourceURLs: ["*"]
"#,
    },
    Rule {
        name: "reads",
        why: "get, list, watch: without the answers",
        yaml: r"- level: Metadata
  verbs: [get, list, watch]
",
    },
    Rule {
        name: "writes",
        why: "everything else: what was asked for, not the answer",
        yaml: "- level: Request\n",
    },
];

/// The suggested policy as its own file.
pub(super) fn audit_policy() -> String {
    let mut text = String::from(
        "# For kube-apiserver --audit-policy-file. It replaces the policy that is there: where that one writes\n\
         # less (None, Metadata, omitted stages), this one writes more. Compare before you install it.\n\
         # EKS, GKE and AKS let nobody set one: there it goes under decide.audit of auditweir's policy, below.\n\
         apiVersion: audit.k8s.io/v1\nkind: Policy\n\
         # ResponseComplete or Panic tells all that RequestReceived does, and the outcome.\n\
         omitStages: [RequestReceived]\nrules:\n",
    );
    for rule in &RULES {
        let _ = write!(text, "# {}: {}\n{}", rule.name, rule.why, rule.yaml);
    }
    text
}

/// The suggested policy and noise rules as an auditweir policy.
pub(super) fn auditweir_policy() -> String {
    let mut text = String::from(
        "# For auditweir filter --policy: the same, and drops noise.\n\
         version: 1\ndecide:\n  noise: [default]\n  audit:\n",
    );
    for line in audit_policy().lines().skip_while(|line| line.starts_with('#')) {
        let _ = writeln!(text, "    {line}");
    }
    text
}

/// Events and bytes that something applies to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Weight {
    pub(super) events: u64,
    /// Of these, lowered or dropped.
    pub(super) changed: u64,
    /// Bytes without it.
    pub(super) before: u64,
    /// Bytes with it.
    pub(super) after: u64,
}

impl Weight {
    fn add(&mut self, changed: bool, before: u64, after: u64) {
        self.events += 1;
        self.changed += u64::from(changed);
        self.before += before;
        self.after += after;
    }

    /// Bytes saved; less than none where a note about the lowered level is longer than the body.
    pub(super) fn saved(&self) -> i64 {
        self.before.cast_signed() - self.after.cast_signed()
    }
}

/// Weighs the suggestion.
pub(super) struct Scales {
    alone: Guard,
    together: Guard,
    /// Whether inputs may be taken as they came: the policy in use decides nothing itself.
    direct: bool,
    matched: Vec<u64>,
    dropped: Vec<(&'static str, u64)>,
    out: Vec<u8>,
    /// By rule of the audit policy.
    pub(super) rules: [Weight; RULES.len()],
    /// By noise rule, of what the audit policy leaves.
    pub(super) noise: Vec<(&'static str, Weight)>,
    /// Stubs: nothing decides over them.
    pub(super) stubs: Weight,
    /// Events that the audit policy would have recorded at a higher level than this log has. What
    /// their bodies weigh nobody knows.
    pub(super) raised: u64,
    levels: Vec<Level>,
    /// All, with the audit policy alone.
    pub(super) by_policy: Weight,
    /// All, with noise rules as well.
    pub(super) by_both: Weight,
}

impl Scales {
    /// Scales beside a filter with `policy`; `compile` makes policies of the same run.
    pub(super) fn new(
        policy: &Policy,
        compile: impl Fn(Policy) -> Result<Arc<CompiledPolicy>, SetupError>,
    ) -> Result<Self, SetupError> {
        let suggested = auditweir_shell::parse(&auditweir_policy(), "suggested policy")?.decide;
        let with = |decide: Decide| {
            let mut alone = policy.clone();
            alone.decide = decide;
            // Rules drop nothing, and what they find is not weighed.
            alone.rules = None;
            compile(alone).map(|policy| Guard::new(Ready { policy, format: Format::Native }))
        };
        let mut alone = suggested.clone();
        alone.noise.clear();
        let levels = alone.audit.iter().flat_map(|audit| &audit.rules).map(|rule| rule.level);
        let levels = levels.collect();
        Ok(Self {
            raised: 0,
            levels,
            alone: with(alone)?,
            together: with(suggested)?,
            direct: policy.decide == Decide::default(),
            matched: Vec::new(),
            dropped: Vec::new(),
            out: Vec::new(),
            rules: [Weight::default(); RULES.len()],
            noise: noise_rules()
                .filter(|rule| rule.default)
                .map(|rule| (rule.name, Weight::default()))
                .collect(),
            stubs: Weight::default(),
            by_policy: Weight::default(),
            by_both: Weight::default(),
        })
    }

    /// Weighs what `filter` made of an input: its native lines. A single event is weighed as it
    /// came; those of a list one by one, as `filter` wrote them.
    pub(super) fn weigh(&mut self, input: Piece<'_>, lines: &[u8]) {
        let mut each = lines.split_inclusive(|byte| *byte == b'\n');
        match (each.next(), each.next()) {
            (Some(line), None) if self.direct => self.event(input, line),
            _ => {
                for line in lines.split_inclusive(|byte| *byte == b'\n') {
                    self.event(Piece::whole(line), line);
                }
            }
        }
    }

    fn event(&mut self, input: Piece<'_>, line: &[u8]) {
        let before = line.len() as u64;
        let touched = |scale: &Guard| -> u64 {
            scale.current().audit.iter().map(|rule| rule.lowered + rule.dropped).sum()
        };
        let untouched = touched(&self.alone);
        self.matched.clear();
        self.matched.extend(self.alone.current().audit.iter().map(|rule| rule.matched));
        self.out.clear();
        self.alone.apply_piece(input, &mut self.out);
        let by_policy = self.out.len() as u64;
        let now = &self.alone.current().audit;
        let rule = now.iter().zip(&self.matched).position(|(now, before)| now.matched > *before);
        let changed = touched(&self.alone) > untouched;

        self.dropped.clone_from(&self.together.current().dropped);
        self.out.clear();
        self.together.apply_piece(input, &mut self.out);
        let by_both = self.out.len() as u64;
        let noise = self.together.current().dropped.iter().find(|(name, count)| {
            self.dropped.iter().all(|(known, before)| known != name || before < count)
        });

        let wanted = rule.and_then(|rule| self.levels.get(rule));
        self.raised += u64::from(wanted.is_some_and(|wanted| Recorded::of(line).is_less(*wanted)));
        self.by_policy.add(changed, before, by_policy);
        self.by_both.add(changed || noise.is_some(), before, by_both);
        match rule.and_then(|rule| self.rules.get_mut(rule)) {
            Some(weight) => weight.add(changed, before, by_policy),
            None => self.stubs.add(false, before, by_policy),
        }
        if let Some((name, _)) = noise
            && let Some((_, weight)) = self.noise.iter_mut().find(|(known, _)| known == name)
        {
            weight.add(true, by_policy, by_both);
        }
    }
}

/// What of an event says how much of it was recorded.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Recorded<'a> {
    #[serde(borrow)]
    level: Cow<'a, str>,
    #[serde(borrow)]
    verb: Cow<'a, str>,
}

impl<'a> Recorded<'a> {
    fn of(line: &'a [u8]) -> Self {
        serde_json::from_slice(line).unwrap_or_default()
    }

    /// Whether there would be more of it at this level. A read has no body that is sent.
    fn is_less(&self, wanted: Level) -> bool {
        let is_read = matches!(&*self.verb, "get" | "list" | "watch");
        match &*self.level {
            "Metadata" if is_read => wanted > Level::Request,
            "Metadata" => wanted > Level::Metadata,
            "Request" => wanted > Level::Request,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use auditweir::policy::{AuditPolicy, Stage};

    fn parse(text: &str) -> AuditPolicy {
        serde_saphyr::from_str(text).expect("an audit policy")
    }

    #[test]
    fn a_level_that_would_be_raised_is_seen() {
        for (line, wanted, is) in [
            (r#"{"level":"Metadata","verb":"create"}"#, Level::Request, true),
            (r#"{"level":"Metadata","verb":"create"}"#, Level::Metadata, false),
            (r#"{"level":"Metadata","verb":"get"}"#, Level::Request, false),
            (r#"{"level":"Request","verb":"patch"}"#, Level::RequestResponse, true),
            (r#"{"level":"RequestResponse","verb":"patch"}"#, Level::RequestResponse, false),
            (r#"{"stub":true}"#, Level::RequestResponse, false),
        ] {
            assert_eq!(Recorded::of(line.as_bytes()).is_less(wanted), is, "{line} {wanted:?}");
        }
    }

    #[test]
    fn both_texts_are_the_same_policy() {
        let audit = parse(&audit_policy());
        let policy = Policy::from_yaml(&auditweir_policy()).expect("a policy");
        assert_eq!(policy.decide.audit.as_ref(), Some(&audit));
        assert_eq!(policy.decide.noise, ["default"]);
        policy.compile().expect("compiles");
        assert_eq!(audit.rules.len(), RULES.len());
    }

    #[test]
    fn the_audit_policy_drops_no_request() {
        let audit = parse(&audit_policy());
        // Another stage tells of the same request.
        assert_eq!(audit.omit_stages, [Stage::RequestReceived]);
        for rule in &audit.rules {
            assert!(rule.level > Level::None && rule.omit_stages.is_empty(), "{rule:?}");
        }
        // The last rule matches everything, so no event is left to the API server's default.
        let last = audit.rules.last().expect("a rule");
        assert_eq!(serde_json::to_value(last).expect("JSON")["level"], "Request");
        assert!(last.users.is_empty() && last.user_groups.is_empty() && last.verbs.is_empty());
        assert!(last.resources.is_empty() && last.namespaces.is_empty());
        assert!(last.non_resource_urls.is_empty());
    }
}
