//! `observables` and `enrichments` of an OCSF event.

use super::unmapped;
use super::{Document, is_address, is_mailbox};
use crate::emit::{promoted, sentence};
use crate::enrich::text::Text;
use crate::event::Slot;
use crate::policy::LookupField;

impl Document<'_, '_, '_> {
    /// What analysts search for, whatever attribute it stands in.
    pub(super) fn observables(&mut self) {
        let Self { emission, facts, line, scratch, .. } = self;
        let list = line.open(b"\"observables\":[");
        let mut add = |kind: &'static [u8], text: Option<Text<'_>>| {
            if let Some(text) = text.filter(|text| !text.is_empty()) {
                line.put(kind);
                line.inside(text);
                line.put(b"\"},");
            }
        };
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
        let valid = |text: &Text<'_>| is_address(text.bytes);
        add(kind!(2 "IP Address" "src_endpoint.ip"), facts.peer.filter(valid));
        add(kind!(2 "IP Address" "http_request.x_forwarded_for"), facts.claimed.filter(valid));
        add(kind!(4 "User Name" "actor.user.name"), facts.username);
        add(kind!(4 "User Name" "unmapped.impersonated_user.name"), facts.effective_name);
        let mailbox = facts.actor.email.map(|(mailbox, _)| mailbox);
        add(
            kind!(5 "Email Address" "actor.user.email_addr"),
            mailbox.filter(|text| is_mailbox(*text)),
        );
        add(kind!(6 "URL String" "http_request.url.url_string"), facts.request_uri);
        add(kind!(16 "HTTP User-Agent" "http_request.user_agent"), facts.user_agent);
        add(kind!(1 "Hostname" "src_endpoint.name"), facts.actor.node);
        if emission.event.get(Slot::ObjectRef).is_some() {
            add(kind!(38 "Resource Details Object: name" "resources.name"), facts.name);
            add(kind!(10 "Resource UID" "resources.uid"), facts.object_uid);
        }
        let credential = unmapped::extra(emission, b"authentication.kubernetes.io/credential-id");
        let credential = credential.and_then(|value| emission.inside(value, &mut scratch.text));
        add(
            kind!(19 "User Credential ID" "actor.user.programmatic_credentials.uid"),
            credential.map(Text::fixed),
        );
        for image in facts.images.iter() {
            add(kind!(8 "Hash" "api.request.containers.image.uid"), Some(image.digest));
        }
        if let Some(exec) = facts.exec
            && exec.arguments().next().is_some()
        {
            line.put(kind!(13 "Command Line" "unmapped.exec.command_line"));
            sentence::command(exec, line);
            line.put(b"\"},");
        }
        line.close_list(list);
    }

    /// What the policy's tables and admission webhooks add.
    pub(super) fn enrichments(&mut self) {
        let Self { emission, facts, line, scratch, .. } = self;
        let list = line.open(b"\"enrichments\":[");
        let tables = emission.tables;
        if !tables.is_empty() {
            if let (Some(peer), Some(address)) = (facts.peer, facts.peer_address)
                && let Some(network) = tables.network(address)
            {
                line.put(b"{\"name\":\"src_endpoint.ip\",\"value\":\"");
                line.inside(peer);
                line.put(b"\",\"type\":\"network\",\"data\":{\"network\":\"");
                line.put(network);
                line.put(b"\"}},");
            }
            for (name, asked, text) in [
                (&b"actor.user.name"[..], LookupField::Username, facts.username),
                (b"resources.namespace", LookupField::Namespace, facts.namespace),
                (b"resources.type", LookupField::Resource, facts.resource),
                (b"api.operation", LookupField::Verb, facts.verb),
                (b"src_endpoint.ip", LookupField::SourceIp, facts.peer),
            ] {
                let Some(text) = text else { continue };
                let before = line.out.len();
                line.put(b"{\"name\":\"");
                line.put(name);
                line.put(b"\",\"value\":\"");
                line.inside(text);
                line.put(b"\",\"type\":\"lookup\",\"data\":");
                let data = line.open(b"{");
                tables.look_up(|field| (field == asked).then_some(text.bytes), line.out);
                if line.out.last() == Some(&b'{') {
                    line.out.truncate(before);
                } else {
                    line.close(data);
                    line.out.pop();
                    line.put(b"},");
                }
            }
        }
        if facts.admission {
            let before = line.out.len();
            line.put(b"{\"name\":\"api.operation\",\"value\":\"");
            line.inside(
                facts.verb.filter(|verb| !verb.is_empty()).unwrap_or(Text::fixed(b"unknown")),
            );
            line.put(b"\",\"type\":\"admission\",\"data\":{");
            let from = line.out.len();
            promoted::admission(emission, line, &mut scratch.text);
            if line.out.len() == from {
                line.out.truncate(before);
            } else {
                line.out.pop();
                line.put(b"}},");
            }
        }
        line.close_list(list);
    }
}
