//! `observables` and `enrichments` of an OCSF event.

use super::{Activity, CREDENTIAL, UNKNOWN, extra, is_address, is_mailbox};
use crate::emit::document::Document;
use crate::emit::layout::{Keys, List, Value, layout};
use crate::emit::sentence;
use crate::enrich::text::Text;
use crate::event::Slot;
use crate::policy::LookupField;

layout! {
    json observables(doc: Activity<'_, '_, '_>) {
        do { doc.observables() } { "observables" {
            "name": observables, "type_id": observables, "type": observables, "value": observables,
        } },
    }

    json enrichments(doc: Activity<'_, '_, '_>) {
        do { doc.enrichments() } { "enrichments" {
            "name": enrichments, "value": enrichments, "type": enrichments, "data": enrichments,
        } },
    }

    json admission(doc: Activity<'_, '_, '_>) {
        use admission,
    }
}

macro_rules! kind {
    ($id:literal $caption:literal $name:literal) => {
        concat!(
            "{\"name\":\"",
            $name,
            "\",\"type_id\":",
            $id,
            ",\"type\":\"",
            $caption,
            "\",\"value\":\""
        )
        .as_bytes()
    };
}

impl<'o> Activity<'_, '_, 'o> {
    fn observe(&mut self, kind: &'static [u8], value: impl Value<'o, Self>) {
        let before = self.line.out.len();
        value.give(Keys { text: kind, bare: b"", list: b"" }, self);
        if self.line.out.len() > before {
            self.line.out.pop();
            self.line.put(b"},");
        }
    }

    /// What analysts search for, whatever attribute it stands in.
    fn observables(&mut self) {
        let (emission, facts) = (self.emission, self.facts);
        let list = self.line.open(b"\"observables\":[");
        let valid = |text: &Text<'_>| is_address(text.bytes);
        self.observe(kind!(2 "IP Address" "src_endpoint.ip"), facts.peer.filter(valid));
        self.observe(
            kind!(2 "IP Address" "http_request.x_forwarded_for"),
            facts.claimed.filter(valid),
        );
        self.observe(kind!(4 "User Name" "actor.user.name"), facts.username);
        self.observe(kind!(4 "User Name" "unmapped.impersonated_user.name"), facts.effective_name);
        let person = facts.effective_person;
        self.observe(kind!(4 "User Name" "unmapped.impersonated_user.person"), person);
        let login = facts.login_name.filter(|name| Some(*name) != facts.username);
        self.observe(kind!(4 "User Name" "unmapped.login_user"), login);
        let mailbox = facts.email().filter(|text| is_mailbox(*text));
        self.observe(kind!(5 "Email Address" "actor.user.email_addr"), mailbox);
        self.observe(kind!(6 "URL String" "http_request.url.url_string"), facts.request_uri);
        self.observe(kind!(16 "HTTP User-Agent" "http_request.user_agent"), facts.user_agent);
        self.observe(kind!(1 "Hostname" "src_endpoint.name"), facts.actor.node);
        if emission.event.get(Slot::ObjectRef).is_some() {
            self.observe(kind!(38 "Resource Details Object: name" "resources.name"), facts.name);
            self.observe(kind!(10 "Resource UID" "resources.uid"), facts.object_uid);
        }
        self.observe(
            kind!(19 "User Credential ID" "actor.user.programmatic_credentials.uid"),
            extra(emission, CREDENTIAL),
        );
        for image in facts.images.iter() {
            self.observe(kind!(8 "Hash" "api.request.containers.image.uid"), image.digest);
        }
        let command = sentence::command(facts);
        self.observe(kind!(13 "Command Line" "unmapped.exec.command_line"), command);
        self.line.close_list(list);
    }

    /// What the policy's tables and admission webhooks add.
    fn enrichments(&mut self) {
        let (emission, facts) = (self.emission, self.facts);
        let list = self.line.open(b"\"enrichments\":[");
        if let Some(network) = emission.network(facts) {
            self.enrich(b"src_endpoint.ip", facts.peer, b"network", |doc| {
                network.give(layout!(@keys json "network"), doc);
            });
        }
        for (name, asked, text) in [
            (&b"actor.user.name"[..], LookupField::Username, facts.username),
            (b"resources.namespace", LookupField::Namespace, facts.namespace),
            (b"resources.type", LookupField::Resource, facts.resource),
            (b"api.operation", LookupField::Verb, facts.verb),
            (b"src_endpoint.ip", LookupField::SourceIp, facts.peer),
        ] {
            self.enrich(name, text, b"lookup", |doc| {
                let asked = |field| text.filter(|_| field == asked).map(|text| text.bytes);
                emission.tables.look_up(asked, doc.line.out);
            });
        }
        if facts.admission || facts.refusal.is_some() {
            let verb = facts.verb.filter(|verb| !verb.is_empty()).unwrap_or(UNKNOWN);
            self.enrich(b"api.operation", Some(verb), b"admission", admission::write);
        }
        self.line.close_list(list);
    }

    /// One enrichment; nothing when `data` writes nothing.
    fn enrich(
        &mut self,
        name: &[u8],
        value: Option<Text<'_>>,
        kind: &[u8],
        data: impl FnOnce(&mut Self),
    ) {
        let Some(value) = value else { return };
        let before = self.line.out.len();
        self.line.word(b"{\"name\":\"", name);
        self.line.put(b"\"value\":\"");
        self.line.inside(value);
        self.line.put(b"\",");
        self.line.word(b"\"type\":\"", kind);
        let mark = self.line.open(b"\"data\":{");
        let from = self.line.out.len();
        data(self);
        if self.line.out.len() == from {
            return self.line.out.truncate(before);
        }
        self.line.close(mark);
        self.line.out.pop();
        self.line.put(b"},");
    }
}
