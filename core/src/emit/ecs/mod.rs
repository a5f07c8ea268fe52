//! `ecs`: Elastic Common Schema 9.4, with the event under `kubernetes.audit`.
//!
//! One line, members in a fixed order, nested objects throughout. A field has the same type in all
//! documents; lists that a client can lengthen are bounded; every text is capped. Field names and
//! types are listed in [`super::fields`].

mod audit;
mod caller;
pub mod panels;

use super::line::Line;
use super::sentence::{self, PART};
use super::stub::{Group, member};
use super::{Constants, Emission, Emitter, Stub, join_lines, promoted};
use crate::enrich::class::{Set, category, kind};
use crate::enrich::tables::CompiledTables;
use crate::enrich::text::Text;
use crate::enrich::{Decision, Facts, Known, Outcome, address, body, intact};
use audit::{Audit, AuditScratch};
use caller::{Caller, Callers, Piece, Pieces};

use crate::event::Slot;
use crate::redacted::Redacted;
use crate::scan::Kind;
use crate::scan::doc::Value;
use crate::scan::key::Key;
use crate::unwrap::{Fact, Provider};

/// Most items of a list that clients can lengthen.
const MOST_ITEMS: usize = 32;
/// Most receipts whose rules are named.
const MOST_RECEIPTS: usize = 64;

const CHANGES: Set = category::API.with(category::CONFIGURATION);
const READS: Set = kind::ACCESS.with(kind::ALLOWED);

/// `@timestamp` when nothing else gives one: data streams refuse documents without.
const NO_TIME: &[u8] = b"1970-01-01T00:00:00Z";

/// See the module.
#[derive(Default)]
pub(crate) struct Ecs {
    audit: AuditScratch,
    text: Vec<u8>,
    callers: Callers,
}

impl Emitter for Ecs {
    const NAME: &'static str = "ecs";

    fn event(&mut self, emission: &Emission<'_>, facts: &Facts<'_>, out: &mut Vec<u8>) {
        let before = out.len();
        let raw = emission.event.raw();
        out.reserve(raw.len() + raw.len() / 4 + 3072);
        let most = emission.output.max_text as usize;
        let Self { audit, text, callers } = self;
        let caller = callers.current();
        let pieces = Pieces::default();
        let mut doc = Document { emission, facts, line: Line { out, most }, text, caller, pieces };
        doc.head();
        doc.user();
        doc.piece(Piece::Network, Document::network);
        doc.request();
        doc.orchestrator();
        doc.cloud();
        doc.process();
        doc.images();
        doc.error();
        doc.related();
        doc.audit(audit);
        let pieces = doc.pieces;
        callers.learn(emission, facts, &pieces, out);
        join_lines(raw, &mut out[before..]);
        out.push(b'\n');
    }

    /// The `native` stub under `kubernetes.audit`, with the members that every document of the data
    /// stream has.
    fn stub(&mut self, stub: &Stub<'_>, constants: &Constants, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"@timestamp\":\"");
        match stub.time() {
            Some(time) => time.write(out),
            None => out.extend_from_slice(NO_TIME),
        }
        out.extend_from_slice(b"\",");
        out.extend_from_slice(&constants.head);
        out.extend_from_slice(&constants.stub_event);
        out.extend_from_slice(b"\"id\":\"");
        out.extend_from_slice(stub.audit_id().unwrap_or(stub.id));
        out.push(b'"');
        member(b"hash", stub.id, out);
        for (key, text) in [(&b"action"[..], stub.verb()), (b"code", stub.stage())] {
            if let Some(text) = text {
                member(key, text, out);
            }
        }
        member(b"reason", stub.reason.as_bytes(), out);
        out.extend_from_slice(b"},\"tags\":[\"stub\"],\"kubernetes\":{\"audit\":{");
        stub.event(out);
        out.extend_from_slice(b"}}");
        stub.facts(&CLUSTER, out);
        stub.facts(&CLOUD, out);
        out.extend_from_slice(b",\"auditweir\":");
        stub.note(out);
        out.extend_from_slice(b"}\n");
    }

    fn shrink(&mut self) {
        if self.audit.capacity() + self.text.capacity() > 1 << 20 {
            self.audit = AuditScratch::default();
            self.text = Vec::new();
        }
    }

    fn known(&mut self, event: &Redacted<'_>, tables: &CompiledTables) -> Option<Known> {
        self.callers.find(event, tables)
    }
}

/// Facts of the envelope around a stub.
const CLUSTER: Group = (
    b",\"orchestrator\":{\"type\":\"kubernetes\",\"cluster\":{",
    &[(b"\"name\":\"", Fact::ClusterName), (b"\"id\":\"", Fact::ClusterId)],
    b"}}",
);
const CLOUD: Group = (
    b",\"cloud\":{",
    &[
        (b"\"provider\":\"", Fact::Provider),
        (b"\"region\":\"", Fact::Region),
        (b"\"account\":{\"id\":\"", Fact::Account),
        (b"\"project\":{\"id\":\"", Fact::Project),
    ],
    b"}",
);

struct Document<'s, 'e, 'o> {
    emission: &'s Emission<'e>,
    facts: &'s Facts<'e>,
    line: Line<'o>,
    text: &'s mut Vec<u8>,
    /// The caller, when it is remembered; facts about it are not derived then.
    caller: Option<&'s Caller>,
    pieces: Pieces,
}

impl Document<'_, '_, '_> {
    /// Writes a piece as remembered, or by `write`.
    #[inline(always)]
    fn piece(&mut self, piece: Piece, write: impl FnOnce(&mut Self)) {
        if let Some(caller) = self.caller {
            return self.line.put(caller.piece(piece));
        }
        let from = self.line.out.len();
        write(self);
        self.pieces.set(piece, from, self.line.out.len());
    }

    fn head(&mut self) {
        let Self { emission, facts, line, .. } = self;
        let constants = emission.constants;
        line.put(b"{\"@timestamp\":\"");
        match emission.time {
            Some(time) => time.write(line.out),
            None => line.put(NO_TIME),
        }
        line.put(b"\",");
        line.put(&constants.head);
        line.put(&constants.event);
        line.put(b"\"id\":\"");
        match facts.audit_id {
            Some(id) => line.inside(id),
            None => line.put(emission.id),
        }
        line.put(b"\",\"hash\":\"");
        line.put(emission.id);
        let (categories, types) = facts.act.class();
        // what reads and writes of ordinary objects give, without looking at single names
        match categories {
            category::API => line.put(b"\",\"category\":[\"api\"],\"type\":["),
            CHANGES => line.put(b"\",\"category\":[\"api\",\"configuration\"],\"type\":["),
            _ => {
                line.put(b"\",\"category\":[");
                for name in categories.names(category::NAMES) {
                    line.word(b"\"", name.as_bytes());
                }
                line.out.pop();
                line.put(b"],\"type\":[");
            }
        }
        if types == READS {
            line.put(b"\"access\",\"allowed\"],");
        } else {
            for name in types.names(kind::NAMES) {
                line.word(b"\"", name.as_bytes());
            }
            line.out.pop();
            line.put(b"],");
        }
        line.some(b"\"action\":\"", facts.verb);
        line.word(b"\"outcome\":\"", facts.outcome.text());
        line.some(b"\"code\":\"", facts.stage_text);
        let denied = facts.decision == Decision::Forbid;
        let reason = facts.status_reason.filter(|reason| !reason.is_empty());
        line.some(b"\"reason\":\"", reason.or(if denied { facts.reason } else { None }));
        if let Some(start) = facts.received {
            line.put(b"\"start\":\"");
            start.write(line.out);
            line.put(b"\",");
        }
        if let Some(end) = facts.staged
            && facts.stage.is_final()
        {
            line.put(b"\"end\":\"");
            end.write(line.out);
            line.put(b"\",");
        }
        if let Some(duration) = facts.duration {
            line.number(b"\"duration\":", duration);
        }
        line.out.pop();
        line.put(b"},");
        sentence::message(self.facts, &mut self.line);
        self.tags();
        self.labels();
    }

    fn tags(&mut self) {
        let Self { emission, facts, line, .. } = self;
        let timed = emission.timed;
        let redacted = !emission.redactor.edits.is_empty();
        let truncated = facts.truncated || emission.envelope.cut();
        let contradicted = emission.envelope.contradicted();
        if redacted || truncated || facts.deprecated || contradicted || !timed {
            let tags = line.open(b"\"tags\":[");
            for (set, name) in [
                (redacted, &b"redacted"[..]),
                (truncated, b"truncated"),
                (facts.deprecated, b"deprecated"),
                (!timed, b"no_timestamp"),
                (contradicted, b"contradicted"),
            ] {
                if set {
                    line.word(b"\"", name);
                }
            }
            line.close_list(tags);
        }
    }

    fn labels(&mut self) {
        let Self { emission, facts, line, .. } = self;
        let tables = emission.tables;
        if tables.is_empty() {
            return;
        }
        let labels = line.open(b"\"labels\":{");
        if let Some(network) = facts.peer_address.and_then(|address| tables.network(address)) {
            line.word(b"\"source_network\":\"", network);
        }
        tables.look_up(|field| facts.looked_up(field), line.out);
        line.close(labels);
    }

    fn user(&mut self) {
        let user = self.line.open(b"\"user\":{");
        self.piece(Piece::User, Self::user_members);
        self.target();
        self.line.close(user);
    }

    fn user_members(&mut self) {
        let facts = self.facts;
        self.line.some(b"\"name\":\"", facts.username);
        self.line.some(b"\"id\":\"", facts.user_id);
        self.roles(Slot::UserGroups, facts.rbac.map(|rbac| rbac.role));
        let line = &mut self.line;
        if let Some(group) = facts.group {
            line.put(b"\"group\":{\"name\":\"");
            line.inside(group);
            line.put(b"\"},");
        }
        if let Some((namespace, _)) = facts.actor.service_account {
            line.text(b"\"domain\":\"", namespace);
        } else if let Some((address, domain)) = facts.actor.email {
            line.text(b"\"domain\":\"", domain);
            line.text(b"\"email\":\"", address);
        }
        line.some(b"\"full_name\":\"", facts.session);
        let effective = line.open(b"\"effective\":{");
        line.some(b"\"name\":\"", facts.effective_name);
        line.some(b"\"id\":\"", facts.effective_id);
        self.roles(Slot::ImpersonatedGroups, None);
        self.line.close(effective);
    }

    /// `roles`: the groups, and the role that allowed the request.
    fn roles(&mut self, slot: Slot, role: Option<&[u8]>) {
        let emission = self.emission;
        let roles = self.line.open(b"\"roles\":[");
        if let Some(list) = intact(emission, slot) {
            let node = list.node();
            let short = (node.end - node.start) as usize <= self.line.most;
            if short && emission.is_intact(list) {
                let src = emission.event.doc.src;
                let inner = src[node.start as usize + 1..node.end as usize - 1].trim_ascii();
                if !inner.is_empty() {
                    self.line.put(inner);
                    self.line.put(b",");
                }
            } else {
                self.items(list);
            }
        }
        if let Some(role) = role {
            self.line.item(Text::fixed(role));
        }
        self.line.close_list(roles);
    }

    /// The strings of a list as they leave, bounded.
    fn items(&mut self, list: Value<'_>) {
        for item in list.items().take(MOST_ITEMS) {
            if let Some(raw) = self.emission.inside(item, self.text) {
                self.line.item(Text::fixed(raw));
            }
        }
    }

    /// Who is given something: subjects of a binding, the account a token is for.
    fn target(&mut self) {
        let facts = self.facts;
        let binding = matches!(facts.act.resource, b"rolebindings" | b"clusterrolebindings");
        if let Some((namespace, name)) = facts.token_account() {
            self.line.put(b"\"target\":{\"name\":[\"system:serviceaccount:");
            self.line.inside_short(namespace, PART);
            self.line.put(b":");
            self.line.inside_short(name, PART);
            self.line.put(b"\"]},");
        } else if binding {
            let body = [Slot::RequestObject, Slot::ResponseObject]
                .into_iter()
                .filter_map(|slot| self.emission.body(slot))
                .find(|body| body.get(Key::RoleRef).is_some() || body.get(Key::Subjects).is_some());
            let Some(body) = body else { return };
            let target = self.line.open(b"\"target\":{");
            let names = self.line.open(b"\"name\":[");
            for subject in
                body.get(Key::Subjects).iter().flat_map(|list| list.items()).take(MOST_ITEMS)
            {
                self.member_item(subject, Key::Name);
            }
            self.line.close_list(names);
            let roles = self.line.open(b"\"roles\":[");
            if let Some(role) = body.get(Key::RoleRef) {
                self.member_item(role, Key::Name);
            }
            self.line.close_list(roles);
            self.line.close(target);
        }
    }

    fn member_item(&mut self, object: Value<'_>, key: Key) {
        if let Some(value) = object.get(key)
            && let Some(raw) = self.emission.inside(value, self.text)
        {
            self.line.item(Text::fixed(raw));
        }
    }

    fn network(&mut self) {
        let Self { facts, line, .. } = self;
        if let Some(peer) = facts.peer {
            let source = line.open(b"\"source\":{");
            if facts.peer_address.is_some() {
                line.text(b"\"ip\":\"", peer);
            }
            line.text(b"\"address\":\"", peer);
            line.close(source);
        }
        if let Some(claimed) = facts.claimed
            && address(claimed.bytes).is_some()
        {
            line.put(b"\"client\":{\"ip\":\"");
            line.inside(claimed);
            line.put(b"\"},");
        }
        if let Some(text) = facts.user_agent
            && let Some(agent) = facts.agent
        {
            let user_agent = line.open(b"\"user_agent\":{");
            line.text(b"\"original\":\"", text);
            line.text(b"\"name\":\"", agent.name);
            line.text(b"\"version\":\"", agent.version);
            if !agent.os.is_empty() {
                line.put(b"\"os\":{\"name\":\"");
                line.inside(agent.os);
                line.put(b"\"},");
            }
            line.close(user_agent);
        }
    }

    fn request(&mut self) {
        let Self { facts, line, .. } = self;
        if let Some(text) = facts.request_uri
            && let Some(uri) = facts.uri
        {
            let url = line.open(b"\"url\":{");
            line.text(b"\"original\":\"", text);
            line.text(b"\"path\":\"", uri.path);
            line.text(b"\"query\":\"", uri.query);
            line.close(url);
        }
        let http = line.open(b"\"http\":{");
        let request = line.open(b"\"request\":{");
        if let Some(method) = facts.act.method() {
            line.word(b"\"method\":\"", method);
        }
        line.some(b"\"id\":\"", facts.audit_id);
        line.close(request);
        if facts.code != 0 {
            line.put(b"\"response\":{\"status_code\":");
            crate::text::decimal(u64::from(facts.code), line.out);
            line.put(b"},");
        }
        line.close(http);
    }

    fn orchestrator(&mut self) {
        let emission = self.emission;
        let facts = self.facts;
        let orchestrator = self.line.open(b"\"orchestrator\":{");
        self.line.put(b"\"type\":\"kubernetes\",");
        let constants = emission.constants;
        let cluster = self.line.open(b"\"cluster\":{");
        self.known(b"\"name\":\"", Fact::ClusterName, &constants.cluster_name);
        self.known(b"\"id\":\"", Fact::ClusterId, &constants.cluster_id);
        self.line.close(cluster);
        self.line.some(b"\"namespace\":\"", facts.namespace);
        if let Some(version) = facts.api_version {
            self.line.put(b"\"api_version\":\"");
            // v1alpha1 has the group in there already
            if let Some(group) = facts.api_group.filter(|group| !group.is_empty())
                && !version.bytes.contains(&b'/')
            {
                self.line.inside_short(group, PART);
                self.line.put(b"/");
            }
            self.line.inside_short(version, PART);
            self.line.put(b"\",");
        }
        let resource = self.line.open(b"\"resource\":{");
        self.line.some(b"\"type\":\"", facts.resource);
        let metadata = if facts.act.resource.is_empty() { None } else { body::metadata(emission) };
        let name = facts.name.filter(|name| !name.is_empty());
        let uid = facts.object_uid.filter(|uid| !uid.is_empty());
        match (name, metadata.and_then(|metadata| metadata.get(Key::Name))) {
            (Some(name), _) => self.line.text(b"\"name\":\"", name),
            // generateName: the name is known only to the answer
            (None, Some(name)) => {
                if let Some(raw) = emission.inside(name, self.text) {
                    self.line.text(b"\"name\":\"", Text::fixed(raw));
                }
            }
            (None, None) => {}
        }
        match (uid, metadata.and_then(|metadata| metadata.get(Key::Uid))) {
            (Some(uid), _) => self.line.text(b"\"id\":\"", uid),
            (None, Some(uid)) => {
                if let Some(raw) = emission.inside(uid, self.text) {
                    self.line.text(b"\"id\":\"", Text::fixed(raw));
                }
            }
            (None, None) => {}
        }
        if let Some(metadata) = metadata {
            self.resource_metadata(metadata);
        }
        self.resource_addresses();
        self.line.close(resource);
        self.line.close(orchestrator);
    }

    fn resource_metadata(&mut self, metadata: Value<'_>) {
        if let Some(owner) = metadata.get(Key::OwnerReferences).and_then(|list| list.items().next())
            && let Some(kind) = owner.get(Key::Kind)
            && let Some(raw) = self.emission.inside(kind, self.text)
        {
            self.line.put(b"\"parent\":{\"type\":\"");
            self.line.inside(Text::fixed(raw));
            self.line.put(b"\"},");
        }
        let Some(labels) = metadata.get(Key::Labels) else { return };
        let list = self.line.open(b"\"label\":[");
        for (key, value) in labels.members().take(MOST_ITEMS) {
            if !self.emission.has(key, value) || value.kind() != Kind::String {
                continue;
            }
            let Some(raw) = self.emission.inside(value, self.text) else { continue };
            let name = key.node();
            if raw.len() + (name.end - name.start) as usize > self.line.most {
                continue;
            }
            self.line.put(b"\"");
            self.emission.copy(name.start + 1, name.end - 1, self.line.out);
            self.line.put(b":");
            self.line.put(raw);
            self.line.put(b"\",");
        }
        self.line.close_list(list);
    }

    /// Pod and Service addresses the answer tells.
    fn resource_addresses(&mut self) {
        let (outer, inner) = match self.facts.act.resource {
            b"pods" => (Key::Status, Key::PodIp),
            b"services" => (Key::Spec, Key::ClusterIp),
            _ => return,
        };
        let Some(value) = self
            .emission
            .body(Slot::ResponseObject)
            .and_then(|object| object.get(outer)?.get(inner))
        else {
            return;
        };
        if let Some(raw) = self.emission.inside(value, self.text)
            && address(raw).is_some()
        {
            self.line.put(b"\"ip\":[\"");
            self.line.put(raw);
            self.line.put(b"\"],");
        }
    }

    /// A member from the envelope around the event, else from the policy. False when neither
    /// says it.
    fn known(&mut self, key: &'static [u8], fact: Fact, constant: &[u8]) -> bool {
        match self.emission.envelope.get(fact) {
            Some(text) => self.line.word(key, text),
            None => self.line.put(constant),
        }
        !constant.is_empty() || self.emission.envelope.get(fact).is_some()
    }

    fn cloud(&mut self) {
        let (emission, facts) = (self.emission, self.facts);
        let constants = emission.constants;
        let provider = emission.envelope.get(Fact::Provider).and_then(Provider::of_code);
        let platform = provider.map_or(facts.actor.platform, |provider| provider.platform);
        let caller = match self.caller {
            Some(caller) => Some(Text::fixed(caller.account())),
            None => facts.account,
        };
        let cloud = self.line.open(b"\"cloud\":{");
        if !self.known(b"\"provider\":\"", Fact::Provider, &constants.provider) {
            if let Some(provider) = Provider::of_platform(platform) {
                self.line.word(b"\"provider\":\"", provider.code);
            }
        }
        let account = self.line.open(b"\"account\":{");
        if !self.known(b"\"id\":\"", Fact::Account, &constants.account) {
            self.line.some(b"\"id\":\"", caller);
        }
        self.line.close(account);
        self.known(b"\"region\":\"", Fact::Region, &constants.region);
        if let Some(project) = emission.envelope.get(Fact::Project) {
            self.line.put(b"\"project\":{\"id\":\"");
            self.line.put(project);
            self.line.put(b"\"},");
        }
        if !platform.is_empty() {
            self.line.put(b"\"service\":{\"name\":\"");
            self.line.put(platform);
            self.line.put(b"\"},");
        }
        self.line.close(cloud);
    }

    fn process(&mut self) {
        let Self { facts, line, .. } = self;
        let Some(exec) = facts.exec else { return };
        let process = line.open(b"\"process\":{");
        let arguments = line.open(b"\"args\":[");
        for argument in exec.arguments() {
            line.put(b"\"");
            line.inside(Text { bytes: argument, ready: false });
            line.put(b"\",");
        }
        line.close_list(arguments);
        let start = line.out.len();
        line.put(b"\"command_line\":\"");
        let from = line.out.len();
        let count = exec.arguments().count().max(1);
        let share = line.most.saturating_sub(count) / count;
        for argument in exec.arguments() {
            if line.out.len() > from {
                line.put(b" ");
            }
            line.inside_short(Text { bytes: argument, ready: false }, share);
        }
        if line.out.len() == from {
            line.out.truncate(start);
        } else {
            line.put(b"\",");
        }
        line.close(process);
    }

    fn images(&mut self) {
        let Self { facts, line, .. } = self;
        if facts.images.is_empty() {
            return;
        }
        let container = line.open(b"\"container\":{");
        let image = line.open(b"\"image\":{");
        let names = line.open(b"\"name\":[");
        facts.images.iter().for_each(|image| line.item(image.name));
        line.close_list(names);
        let tags = line.open(b"\"tag\":[");
        facts.images.iter().for_each(|image| line.item(image.tag));
        line.close_list(tags);
        let hash = line.open(b"\"hash\":{");
        let all = line.open(b"\"all\":[");
        facts.images.iter().for_each(|image| line.item(image.digest));
        line.close_list(all);
        line.close(hash);
        line.close(image);
        line.close(container);
    }

    fn error(&mut self) {
        let Self { facts, line, .. } = self;
        if facts.outcome == Outcome::Failure {
            let error = line.open(b"\"error\":{");
            line.some(b"\"type\":\"", facts.status_reason);
            line.some(b"\"message\":\"", facts.status_message);
            line.close(error);
        }
    }

    fn related(&mut self) {
        let related = self.line.open(b"\"related\":{");
        self.piece(Piece::Related, Self::related_members);
        let Self { facts, line, .. } = self;
        if !facts.images.is_empty() {
            let hashes = line.open(b"\"hash\":[");
            facts.images.iter().for_each(|image| line.item(image.digest));
            line.close_list(hashes);
        }
        line.close(related);
    }

    fn related_members(&mut self) {
        let emission = self.emission;
        let facts = self.facts;
        let line = &mut self.line;
        let users = line.open(b"\"user\":[");
        line.item(facts.username.unwrap_or(Text::fixed(b"")));
        if facts.effective_name != facts.username {
            line.item(facts.effective_name.unwrap_or(Text::fixed(b"")));
        }
        if let Some((_, name)) = facts.actor.service_account {
            line.item(name);
        }
        line.item(facts.session.unwrap_or(Text::fixed(b"")));
        line.close_list(users);
        if let Some(list) = intact(emission, Slot::SourceIps) {
            let ips = self.line.open(b"\"ip\":[");
            if let (Some(peer), None, Some(_)) = (facts.peer, facts.claimed, facts.peer_address) {
                self.line.item(peer);
            } else {
                for item in list.items().take(MOST_ITEMS) {
                    if let Some(raw) = emission.inside(item, self.text)
                        && address(raw).is_some()
                    {
                        self.line.item(Text::fixed(raw));
                    }
                }
            }
            self.line.close_list(ips);
        }
        let line = &mut self.line;
        let hosts = line.open(b"\"hosts\":[");
        line.item(facts.actor.node.unwrap_or(Text::fixed(b"")));
        line.item(facts.node.unwrap_or(Text::fixed(b"")));
        line.close_list(hosts);
    }

    fn audit(&mut self, scratch: &mut AuditScratch) {
        let Self { emission, facts, line, caller, pieces, .. } = self;
        line.put(b"\"kubernetes\":{\"audit\":{");
        Audit { emission, facts, line, scratch, caller: *caller, pieces }.write();
        line.put(b"\"action\":\"");
        if let Some(verb) = facts.verb {
            line.inside_short(verb, PART);
            line.put(b"-");
        }
        match facts.resource.filter(|resource| !resource.is_empty()) {
            Some(resource) => {
                line.inside_short(resource, PART);
                if let Some(sub) = facts.subresource.filter(|sub| !sub.is_empty()) {
                    line.put(b"/");
                    line.inside_short(sub, PART);
                }
            }
            None => line.put(b"nonresource"),
        }
        line.put(if facts.stage.is_final() {
            b"\",\"is_final\":true,"
        } else {
            b"\",\"is_final\":false,"
        });
        if let Some(who) = facts.denied_by {
            line.word(b"\"denied_by\":\"", who);
        }
        self.piece(Piece::Authorization, Self::authorization);
        let Self { emission, facts, line, .. } = self;
        if facts.latency {
            promoted::latency(emission, line);
        }
        if facts.admission {
            promoted::admission(emission, line, self.text);
        }
        let receipts = &emission.redactor.receipts;
        if !receipts.is_empty() {
            line.put(b"\"redaction\":{");
            line.number(b"\"count\":", u64::from(emission.redactor.count()));
            line.put(b"\"rules\":[");
            for (at, receipt) in receipts.iter().enumerate().take(MOST_RECEIPTS) {
                if receipts[..at].iter().all(|earlier| earlier.rule != receipt.rule) {
                    line.word(b"\"", emission.rules.rule_name(receipt.rule).as_bytes());
                }
            }
            line.out.pop();
            line.put(b"]},");
        }
        line.put(b"\"auditweir\":{\"v\":1,\"id\":\"");
        line.put(emission.id);
        line.put(b"\"");
        emission.receipts(line.out);
        line.put(b"}}}}");
    }

    /// What `kubernetes.audit` says of client, command and authorization.
    fn authorization(&mut self) {
        let Self { facts, line, .. } = self;
        if facts.claimed.is_some() {
            line.put(b"\"client_ip_trusted\":false,");
        }
        if let Some(agent) = facts.agent {
            let client = line.open(b"\"client\":{");
            line.text(b"\"arch\":\"", agent.arch);
            line.text(b"\"component\":\"", agent.component);
            line.close(client);
        }
        if let Some(exec) = facts.exec {
            let request = line.open(b"\"exec\":{");
            line.text(b"\"container\":\"", Text { bytes: exec.container(), ready: false });
            line.put(if exec.stdin { b"\"stdin\":true," } else { b"\"stdin\":false," });
            line.put(if exec.tty { b"\"tty\":true," } else { b"\"tty\":false," });
            line.close(request);
        }
        if let Some(rbac) = facts.rbac {
            line.put(b"\"authorization\":{");
            for (key, kind, name, namespace) in [
                (&b"\"binding\":{"[..], rbac.binding_kind, rbac.binding, rbac.binding_namespace),
                (b"\"role\":{", rbac.role_kind, rbac.role, b""),
                (b"\"subject\":{", rbac.subject_kind, rbac.subject, rbac.subject_namespace),
            ] {
                line.put(key);
                line.word(b"\"kind\":\"", kind);
                line.text(b"\"name\":\"", Text::fixed(name));
                line.text(b"\"namespace\":\"", Text::fixed(namespace));
                line.out.pop();
                line.put(b"},");
            }
            line.out.pop();
            line.put(b"},");
        }
    }
}
