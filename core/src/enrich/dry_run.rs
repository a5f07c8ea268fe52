//! Whether a request only asked what would happen.
//!
//! A client may write `dryRun` where nothing reads it and so make a real deletion look harmless,
//! so this is as strict as k8s.io/apiserver: `All` is the only value; creations and changes read
//! it from the query, deletions from their body and, only when there is none, from the query
//! (`pkg/endpoints/handlers/{create,update,patch,delete}.go`). Connections (exec, proxy) and token
//! requests do what they do in any case.

use super::class::{Act, Effect, is_virtual};
use super::uri::Uri;
use crate::event::{Event, Level, Slot, says};
use crate::scan::Kind;
use crate::scan::doc::Value;

/// What an event says of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum DryRun {
    #[default]
    No,
    /// The query asks for it, and whether a body said otherwise was not recorded.
    Claimed,
    /// Nothing was stored.
    Yes,
}

impl DryRun {
    /// `labelled`: Google's audit log marks the request as a dry run.
    pub(super) fn read(
        event: &Event<'_>,
        act: &Act<'_>,
        uri: Option<Uri<'_>>,
        labelled: bool,
    ) -> Self {
        let effect = act.effect();
        let stores = matches!(effect, Effect::Creates | Effect::Changes | Effect::Deletes)
            && !act.resource.is_empty()
            && !is_virtual(act.resource)
            && !matches!(
                act.subresource,
                b"exec" | b"attach" | b"portforward" | b"proxy" | b"token"
            );
        if !stores {
            return Self::No;
        }
        if labelled {
            return Self::Yes;
        }
        let asked = uri.is_some_and(|uri| {
            uri.parameters().any(|(name, value)| says(name, b"dryRun") && says(value, b"All"))
        });
        if !matches!(act.verb, b"delete" | b"deletecollection") {
            return if asked || act.subresource == b"eviction" && evicts_dry(event) {
                Self::Yes
            } else {
                Self::No
            };
        }
        match event.get(Slot::RequestObject) {
            Some(options) if says_all(options) => Self::Yes,
            Some(_) => Self::No,
            None if !asked => Self::No,
            None if matches!(Level::of(event), Some(Level::Request | Level::RequestResponse)) => {
                Self::Yes
            }
            None => Self::Claimed,
        }
    }
}

/// Whether `dryRun` of options is `["All"]`.
fn says_all(options: Value<'_>) -> bool {
    options.member(b"dryRun").is_some_and(|list| match list.kind() {
        Kind::Array => list.items().next().is_some() && list.items().all(|item| item.says(b"All")),
        _ => list.says(b"All"),
    })
}

/// An eviction has the options of its deletion inside.
fn evicts_dry(event: &Event<'_>) -> bool {
    let body = event.get(Slot::RequestObject);
    body.and_then(|body| body.member(b"deleteOptions")).is_some_and(says_all)
}
