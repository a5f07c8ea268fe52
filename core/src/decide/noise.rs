//! Noise: what the platform says to itself all day, dropped by named rules.

use super::platform::{Platform, plain};
use crate::event::{Event, Level, Slot, Stage, split};
use crate::policy::PolicyError;
use crate::reason::Reason;

/// A noise rule, switched on by its name (or by `default`) in `decide.noise`.
///
/// Whatever rules are on, these events are never dropped as noise:
///
/// - refused or failed ones: code 400 or more, no code, a decision other than `allow`, or, once a
///   response has begun, no decision at all
/// - `exec`, `attach`, `portforward`, `proxy` and every other subresource but `status`
/// - Secrets, ConfigMaps, service accounts and their tokens, certificate signing requests, RBAC,
///   webhook configurations and admission policies, API services, OpenShift's users and OAuth
///   objects, every group `authentication.k8s.io` but for token reviews
/// - those of anonymous and impersonated users, of people, of members of `system:masters` but
///   for the API server itself, and of any user whose name and groups do not both say that it is
///   part of the platform
/// - stage `Panic`, deletions, verbs out of the ordinary
/// - level `RequestResponse`: whoever asked for both bodies wants the event. A level lowered by
///   `decide.audit` counts as lowered
/// - events with an annotation that is not routine, such as the use of a stale token
/// - events in which any of this is missing or spelled with escapes
///
/// What a client writes as it likes (user agent, audit id, source addresses, bodies) plays no
/// part, and names of objects only beside an authenticated identity that they must belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NoiseRule {
    /// Name in the policy and in [`crate::Stats::dropped`].
    pub name: &'static str,
    /// What the rule drops, in one sentence.
    pub description: &'static str,
    /// Whether `default` switches it on.
    pub default: bool,
}

/// All noise rules, in the order in which they are tried.
pub fn noise_rules() -> impl ExactSizeIterator<Item = &'static NoiseRule> {
    RULES.iter().map(|(rule, ..)| rule)
}

/// The name that stands for all rules with [`NoiseRule::default`].
const DEFAULT: &str = "default";

type Test = fn(&Quiet<'_>) -> bool;

macro_rules! rules {
    ($($name:literal, $default:literal, $description:literal, $test:expr;)+) => {
        &[$((
            NoiseRule { name: $name, description: $description, default: $default },
            const { Reason::new($name) },
            $test,
        )),+]
    };
}

static RULES: &[(NoiseRule, Reason, Test)] = rules! {
    "node-leases", true,
    "A kubelet renews the lease of its own node in kube-node-lease.",
    |e| matches!(e.actor, Platform::Kubelet(node) if e.name == node)
        && e.is("coordination.k8s.io", "leases") && e.namespace == b"kube-node-lease" && e.renews();

    "leader-election", true,
    "The control plane or a service account renews a lease in kube-system or its own namespace.",
    |e| e.is("coordination.k8s.io", "leases") && e.renews() && match e.actor {
        Platform::Account { namespace } => e.namespace == namespace,
        Platform::Kubelet(_) => false,
        _ => e.namespace == b"kube-system",
    };

    "node-status", true,
    "A kubelet reads its own node or writes its status.",
    |e| matches!(e.actor, Platform::Kubelet(node) if e.name == node) && e.of("", "nodes")
        && match e.subresource { b"status" => e.renews(), _ => e.verb == b"get" };

    "endpoints", true,
    "The endpoint controllers create or update Endpoints and EndpointSlices.",
    |e| (e.is("", "endpoints") || e.is("discovery.k8s.io", "endpointslices"))
        && (e.renews() || e.verb == b"create")
        && matches!(e.actor, Platform::Component(b"kube-controller-manager")
            | Platform::Controller(b"endpoint-controller" | b"endpointslice-controller"
                | b"endpointslicemirroring-controller"));

    "event-records", true,
    "The platform records Event objects (`events` of the core group and events.k8s.io).",
    |e| (e.is("", "events") || e.is("events.k8s.io", "events")) && e.actor.is_platform()
        && matches!(e.verb, b"create" | b"patch" | b"update");

    "health-probes", true,
    "Part of the platform or a service account reads /healthz, /livez or /readyz.",
    |e| e.verb == b"get" && e.is_path(&[b"/healthz", b"/livez", b"/readyz"]);

    "metrics-scrapes", false,
    "Part of the platform or a service account reads /metrics.",
    |e| e.verb == b"get" && e.is_path(&[b"/metrics"]);

    "discovery", true,
    "The control plane reads /version, /api, /apis or /openapi.",
    |e| e.verb == b"get" && e.actor.is_control_plane()
        && e.is_path(&[b"/version", b"/api", b"/apis", b"/openapi"]);

    "self-access-reviews", true,
    "The control plane asks what it may do itself (SelfSubjectAccessReview, SelfSubjectRulesReview).",
    |e| e.verb == b"create" && e.actor.is_control_plane()
        && (e.is("authorization.k8s.io", "selfsubjectaccessreviews")
            || e.is("authorization.k8s.io", "selfsubjectrulesreviews"));

    "token-reviews", true,
    "Kubelets and webhooks of kube-system check the tokens of their own callers (TokenReview).",
    |e| e.verb == b"create" && e.actor.is_platform()
        && e.is("authentication.k8s.io", "tokenreviews");

    "access-reviews", true,
    "Kubelets and webhooks of kube-system check what their own callers may do (SubjectAccessReview).",
    |e| e.verb == b"create" && e.actor.is_platform()
        && e.is("authorization.k8s.io", "subjectaccessreviews");

    "apiserver-self", true,
    "The API server reads from itself.",
    |e| e.actor == Platform::ApiServer && e.reads() && e.target == Target::Resource;

    "watch-starts", true,
    "Stage ResponseStarted of the platform's watches; ResponseComplete follows with all there is.",
    |e| e.stage == Stage::ResponseStarted && e.verb == b"watch" && e.actor.is_platform();

    "request-received", true,
    "Stage RequestReceived of the platform's requests; ResponseComplete or Panic follows.",
    |e| e.stage == Stage::RequestReceived && e.actor.is_platform();

    "component-reads", false,
    "The control plane gets, lists or watches resources.",
    |e| e.actor.is_control_plane() && e.reads() && e.target == Target::Resource;
};

const _: () = assert!(RULES.len() <= 32);

/// The bits of the rules named. Errors name the key path.
pub(super) fn compile(names: &[String]) -> Result<u32, PolicyError> {
    let mut bits = 0;
    for (at, name) in names.iter().enumerate() {
        let mut known = name == DEFAULT;
        for (bit, (rule, ..)) in RULES.iter().enumerate() {
            if rule.name == name || name == DEFAULT && rule.default {
                bits |= 1 << bit;
                known = true;
            }
        }
        if !known {
            return Err(PolicyError::at(
                format!("decide.noise[{at}]"),
                format!(
                    "no noise rule has this name; there are {DEFAULT}, {}",
                    RULES.iter().map(|(rule, ..)| rule.name).collect::<Vec<_>>().join(", ")
                ),
            ));
        }
    }
    Ok(bits)
}

/// The first of the rules in `bits` that calls the event noise. `level` is what the event goes on
/// at.
pub(super) fn find(
    event: &Event<'_>,
    bits: u32,
    level: Option<Level>,
    stage: Option<Stage>,
) -> Option<Reason> {
    if !matches!(level, Some(Level::Metadata | Level::Request)) {
        return None;
    }
    let quiet = Quiet::read(event, stage?)?;
    RULES
        .iter()
        .enumerate()
        .find(|(bit, (.., test))| bits >> bit & 1 == 1 && test(&quiet))
        .map(|(_, (_, reason, _))| *reason)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Target {
    Resource,
    Path,
}

/// An event that noise rules may look at: nothing about it is out of the ordinary.
struct Quiet<'a> {
    actor: Platform<'a>,
    stage: Stage,
    verb: &'a [u8],
    target: Target,
    group: &'a [u8],
    resource: &'a [u8],
    subresource: &'a [u8],
    namespace: &'a [u8],
    name: &'a [u8],
    /// Without the query; empty for resources.
    path: &'a [u8],
}

impl<'a> Quiet<'a> {
    /// `None` for everything that [`NoiseRule`] promises to keep. No rule can bypass this.
    fn read(event: &Event<'a>, stage: Stage) -> Option<Self> {
        let began = match stage {
            Stage::Panic => return None,
            Stage::RequestReceived => false,
            Stage::ResponseStarted | Stage::ResponseComplete => true,
        };
        let unusual = [Slot::ImpersonatedUser, Slot::AuthenticationMetadata];
        if unusual.iter().any(|slot| event.get(*slot).is_some()) {
            return None;
        }
        let actor = Platform::read(event)?;
        let failed = event.get(Slot::StatusStatus).is_some_and(|status| !status.says(b"Success"))
            || event.get(Slot::StatusReason).is_some_and(|reason| !reason.says(b""));
        let succeeded = matches!(event.code(), 200..=299 | 304) && !failed;
        let answered = event.get(Slot::ResponseStatus).is_some();
        if began && !succeeded || !began && answered || !is_routine(event, began) {
            return None;
        }
        // absent is empty, escaped is odd
        let text = |slot| event.get(slot).map_or(Some(&b""[..]), plain);
        let verb = text(Slot::Verb)?;
        if !matches!(verb, b"get" | b"list" | b"watch" | b"create" | b"update" | b"patch") {
            return None;
        }
        let uri = event.get(Slot::RequestUri)?.raw_text();
        let (path, _) = split(uri);
        let is_resource = event.get(Slot::ObjectRef).is_some();
        let quiet = Self {
            actor,
            stage,
            verb,
            target: if is_resource { Target::Resource } else { Target::Path },
            group: text(Slot::ApiGroup)?,
            resource: text(Slot::Resource)?,
            subresource: text(Slot::Subresource)?,
            namespace: text(Slot::Namespace)?,
            name: text(Slot::Name)?,
            path: if is_resource { b"" } else { path },
        };
        let ordinary = if is_resource { !quiet.is_sensitive() } else { is_plain_path(path) };
        ordinary.then_some(quiet)
    }

    /// Resources of which every event counts.
    fn is_sensitive(&self) -> bool {
        let group = match self.group {
            b"" => matches!(self.resource, b"secrets" | b"configmaps" | b"serviceaccounts"),
            b"authentication.k8s.io" => self.resource != b"tokenreviews",
            b"rbac.authorization.k8s.io"
            | b"certificates.k8s.io"
            | b"admissionregistration.k8s.io"
            | b"apiregistration.k8s.io" => true,
            group => {
                group.ends_with(b".openshift.io")
                    && [&b"authorization."[..], b"oauth.", b"user.", b"security."]
                        .iter()
                        .any(|start| group.starts_with(start))
            }
        };
        group || self.resource.is_empty() || !matches!(self.subresource, b"" | b"status")
    }

    fn of(&self, group: &str, resource: &str) -> bool {
        self.target == Target::Resource
            && self.group == group.as_bytes()
            && self.resource == resource.as_bytes()
    }

    /// The resource itself, no subresource of it.
    fn is(&self, group: &str, resource: &str) -> bool {
        self.of(group, resource) && self.subresource.is_empty()
    }

    fn renews(&self) -> bool {
        matches!(self.verb, b"get" | b"update" | b"patch")
    }

    fn reads(&self) -> bool {
        matches!(self.verb, b"get" | b"list" | b"watch")
    }

    /// One of these paths, or below one of them.
    fn is_path(&self, paths: &[&[u8]]) -> bool {
        self.target == Target::Path
            && paths.iter().any(|path| {
                self.path.strip_prefix(*path).is_some_and(|rest| matches!(rest, [] | [b'/', ..]))
            })
    }
}

fn is_plain_path(path: &[u8]) -> bool {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"/._-".contains(b);
    path.iter().all(plain) && !path.windows(2).any(|pair| matches!(pair, b".." | b"//"))
}

/// Whether the annotations are those of an allowed request and nothing else.
fn is_routine(event: &Event<'_>, began: bool) -> bool {
    let Some(annotations) = event.get(Slot::Annotations) else { return !began };
    let mut allowed = false;
    for (key, value) in annotations.members() {
        match plain(key) {
            Some(b"authorization.k8s.io/decision") if value.says(b"allow") => allowed = true,
            Some(
                b"authorization.k8s.io/reason" | b"k8s.io/deprecated" | b"k8s.io/removed-release",
            ) => {}
            Some(name) if name.starts_with(b"apiserver.latency.k8s.io/") => {}
            _ => return false,
        }
    }
    allowed || !began
}
