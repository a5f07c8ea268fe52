//! What the path of a request says as a whole and `objectRef` says in pieces.
//!
//! The API server decodes the path and splits it at every slash: a URL with a password as the name
//! of a namespace becomes a namespace `https:` and a name `user:password@host`, which no detector
//! knows by itself. So what the detectors find in the decoded path goes from every name that is a
//! segment of it, and from messages that quote one. Of a URL's userinfo only the password goes:
//! the rest says which object was asked for.

use std::ops::Range;

use super::Redactor;
use super::builtin::detector_rule;
use super::edits::Edits;
use super::scope::Scope;
use crate::detect::Detector;
use crate::event::{Event, Slot, split};
use crate::scan::Kind;
use crate::scan::doc::Value;
use crate::scan::key::Key;

/// Names that the API server takes from segments of the path.
const NAMES: [Slot; 6] = [
    Slot::Namespace,
    Slot::Name,
    Slot::Resource,
    Slot::Subresource,
    Slot::ApiGroup,
    Slot::ObjectApiVersion,
];

/// What goes: its rule, the segment of the path it is in, and where in that.
pub(super) type Piece = (u16, Range<usize>, Range<usize>);

impl Redactor {
    /// Adds edits for pieces of the path in other fields; `edits` are settled.
    pub(super) fn torn(&mut self, scope: &Scope<'_>, event: &Event<'_>, edits: &mut Edits) {
        if let Some(uri) = event.get(Slot::RequestUri)
            && !edits.within(uri.node().start, uri.node().end).is_empty()
        {
            self.torn_path(scope, event, uri, edits);
        }
        if let Some(object) = event.get(Slot::ObjectRef)
            && memchr::memchr3(b'@', b'%', b'\\', object.raw()).is_some()
        {
            self.bare_userinfo(scope, event, edits);
        }
    }

    fn torn_path(
        &mut self,
        scope: &Scope<'_>,
        event: &Event<'_>,
        uri: Value<'_>,
        edits: &mut Edits,
    ) {
        let raw = uri.raw_text();
        let (path, _) = split(raw);
        self.view.unescape(path, uri.node().start + 1);
        self.view.percent_decode(3);
        let mut path = std::mem::take(&mut self.scratch);
        path.clear();
        path.extend_from_slice(&self.view.text);
        self.hits.clear();
        scope.policy.detectors.scan(&path, &mut self.hits);
        let hits = std::mem::take(&mut self.hits);
        if !hits.is_empty() {
            let mut pieces = std::mem::take(&mut self.pieces);
            pieces.clear();
            let mut start = 0;
            let mut from = 0;
            for segment in path.split(|b| *b == b'/') {
                let end = start + segment.len();
                while hits.get(from).is_some_and(|hit| hit.end as usize <= start) {
                    from += 1;
                }
                for hit in hits[from..].iter().take_while(|hit| (hit.start as usize) < end) {
                    let mut first = hit.start as usize;
                    // Others run on over the slash, and what follows says what was done: a
                    // namespace that looks like a token must not hide the resource in it.
                    let spans =
                        matches!(hit.detector, Detector::UrlUserinfo | Detector::SlackToken);
                    if first < start && !spans {
                        continue;
                    }
                    if hit.detector == Detector::UrlUserinfo {
                        let pair = &path[first..hit.end as usize];
                        first += memchr::memchr(b':', pair).map_or(0, |colon| colon + 1);
                    }
                    let piece = first.max(start) - start..(hit.end as usize).min(end) - start;
                    if !piece.is_empty() {
                        pieces.push((detector_rule(hit.detector), start..end, piece));
                    }
                }
                start = end + 1;
            }
            for (rule, segment, piece) in &pieces {
                if scope.policy.action(*rule) != crate::policy::Action::Keep {
                    self.taints.remember_torn(&path[segment.clone()], piece.clone());
                }
            }
            let details = [event.get(Slot::StatusDetails), event.get(Slot::ResponseObject)];
            let inner = details[1].and_then(|status| status.get(Key::Details));
            let named = details.into_iter().take(1).chain([inner]).flatten().flat_map(|details| {
                details.members().map(|(_, value)| value).filter(|v| v.kind() == Kind::String)
            });
            for value in NAMES.iter().filter_map(|slot| event.get(*slot)).chain(named) {
                self.torn_name(scope, value, &path, &pieces, edits);
            }
            self.pieces = pieces;
        }
        self.hits = hits;
        self.scratch = path;
    }

    /// Takes the pieces from a name that is the segment they stand in.
    fn torn_name(
        &mut self,
        scope: &Scope<'_>,
        value: Value<'_>,
        path: &[u8],
        pieces: &[Piece],
        edits: &mut Edits,
    ) {
        let node = value.node();
        self.view.unescape(value.raw_text(), node.start + 1);
        self.view.percent_decode(3);
        let mut compared = (0..0, false);
        for (rule, segment, piece) in pieces {
            if compared.0 != *segment {
                compared = (segment.clone(), path[segment.clone()] == self.view.text);
            }
            if compared.1 {
                let range = self.view.source(piece.clone());
                if !self.is_kept(range.start) && !edits.covers(range.start, range.end) {
                    scope.take_part(range.start, range.end, *rule, edits);
                }
            }
        }
    }

    /// `user:password@host` as the name of something in the core group, or after a scheme. No
    /// object of the core group can be called so; those of others can: `oidc:jane@example.com`.
    fn bare_userinfo(&mut self, scope: &Scope<'_>, event: &Event<'_>, edits: &mut Edits) {
        let names = [Slot::Namespace, Slot::Name, Slot::Resource, Slot::Subresource];
        let after_scheme = names.iter().any(|slot| event.raw_text(*slot).ends_with(b":"));
        if !after_scheme && !event.raw_text(Slot::ApiGroup).is_empty() {
            return;
        }
        for value in names.iter().filter_map(|slot| event.get(*slot)) {
            self.view.unescape(value.raw_text(), value.node().start + 1);
            self.view.percent_decode(3);
            let text = &self.view.text;
            let Some(at) = memchr::memrchr(b'@', text).filter(|at| at + 1 < text.len()) else {
                continue;
            };
            let Some(colon) = memchr::memchr(b':', &text[..at]).filter(|colon| *colon > 0) else {
                continue;
            };
            let range = self.view.source(colon + 1..at);
            if !self.is_kept(range.start) && !edits.covers(range.start, range.end) {
                let rule = detector_rule(Detector::UrlUserinfo);
                scope.take_part(range.start, range.end, rule, edits);
            }
        }
    }
}
