//! Layouts: which fact a format writes where, under which name.
//!
//! A layout is read like the document it makes. It expands to straight code whose keys are
//! constants, and to the list of its names for [`super::fields`]; so a name stands in one place.
//!
//! ```text
//! "url" { "original" Wildcard: request_uri, "path": path },     members of an object
//! "ip": peer = facts.peer_address.and(facts.peer),               a value given here
//! "roles": groups = List(|doc| doc.items(Slot::UserGroups)),    a list; an empty one vanishes
//! "tags" [for tag in tags => { "name": tags = tag }],            a list of objects
//! if doc.facts.admission => { … },                              members under a condition
//! use admission,                                                 a part that several layouts have
//! let told = doc.told(),                                         a name for a value
//! do { doc.bodies() } { "data": request_object },                code, and the names it writes
//! ```

use super::PART;
use super::line::Line;
use crate::enrich::Timestamp;
use crate::enrich::origin::Origin;
use crate::enrich::text::Text;
use crate::scan::doc;
use crate::text::decimal;

/// A name in every form that a format may begin a member with; constants, one of which is used.
#[derive(Clone, Copy)]
pub(super) struct Keys {
    pub(super) text: &'static [u8],
    pub(super) bare: &'static [u8],
    pub(super) list: &'static [u8],
}

/// A document under construction: where a layout writes to.
pub(super) trait Doc<'o> {
    /// Whether members are attributes of OpenTelemetry, and not plain JSON.
    const OTEL: bool = false;

    fn line(&mut self) -> &mut Line<'o>;

    /// A string of the event as it leaves.
    fn leaf(&mut self, _keys: Keys, _value: doc::Value<'_>) {}

    /// Begins a text.
    #[inline(always)]
    fn begin(&mut self, keys: Keys) {
        self.line().put(keys.text);
    }

    /// Ends it.
    #[inline(always)]
    fn end(&mut self) {
        self.line().put(if Self::OTEL { b"\"}}," } else { b"\"," });
    }

    /// A text of a list, unless empty.
    fn item(&mut self, text: Option<Text<'_>>) {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            self.entry(text);
        }
    }

    /// A text of a list, however empty.
    fn entry(&mut self, text: Text<'_>) {
        let line = self.line();
        line.put(if Self::OTEL { b"{\"stringValue\":\"" } else { b"\"" });
        line.inside(text);
        line.put(if Self::OTEL { b"\"}," } else { b"\"," });
    }
}

/// A document of which is known where it comes from.
pub(super) trait Placed<'s> {
    fn origin(&self) -> Origin<'s>;

    /// What the envelope alone says of it.
    fn told(&self) -> Origin<'s>;
}

/// Something that can be the value of a field.
pub(super) trait Value<'o, T: Doc<'o>> {
    fn give(self, keys: Keys, to: &mut T);
}

impl<'o, T: Doc<'o>> Value<'o, T> for Text<'_> {
    #[inline(always)]
    fn give(self, keys: Keys, to: &mut T) {
        if !self.is_empty() {
            to.begin(keys);
            to.line().inside(self);
            to.end();
        }
    }
}

/// A word of ours.
impl<'o, T: Doc<'o>> Value<'o, T> for &str {
    #[inline(always)]
    fn give(self, keys: Keys, to: &mut T) {
        self.as_bytes().give(keys, to);
    }
}

/// The same, however short texts must be.
impl<'o, T: Doc<'o>> Value<'o, T> for &[u8] {
    #[inline(always)]
    fn give(self, keys: Keys, to: &mut T) {
        to.begin(keys);
        to.line().put(self);
        to.end();
    }
}

impl<'o, T: Doc<'o>> Value<'o, T> for u64 {
    #[inline(always)]
    fn give(self, keys: Keys, to: &mut T) {
        let line = to.line();
        line.put(keys.bare);
        line.put(if T::OTEL { b"\"intValue\":\"" } else { b"" });
        decimal(self, line.out);
        line.put(if T::OTEL { b"\"}}," } else { b"," });
    }
}

impl<'o, T: Doc<'o>> Value<'o, T> for bool {
    #[inline(always)]
    fn give(self, keys: Keys, to: &mut T) {
        let line = to.line();
        line.put(keys.bare);
        line.put(if T::OTEL { b"\"boolValue\":" } else { b"" });
        line.put(if self { b"true" } else { b"false" });
        line.put(if T::OTEL { b"}}," } else { b"," });
    }
}

impl<'o, T: Doc<'o>> Value<'o, T> for Timestamp<'_> {
    #[inline(always)]
    fn give(self, keys: Keys, to: &mut T) {
        to.begin(keys);
        self.write(to.line().out);
        to.end();
    }
}

/// A string of the event as it leaves.
impl<'o, T: Doc<'o>> Value<'o, T> for doc::Value<'_> {
    fn give(self, keys: Keys, to: &mut T) {
        to.leaf(keys, self);
    }
}

impl<'o, T: Doc<'o>, V: Value<'o, T>, W: Value<'o, T>> Value<'o, T> for Result<V, W> {
    #[inline(always)]
    fn give(self, keys: Keys, to: &mut T) {
        match self {
            Ok(value) => value.give(keys, to),
            Err(other) => other.give(keys, to),
        }
    }
}

impl<'o, T: Doc<'o>, V: Value<'o, T>> Value<'o, T> for Option<V> {
    #[inline(always)]
    fn give(self, keys: Keys, to: &mut T) {
        if let Some(value) = self {
            value.give(keys, to);
        }
    }
}

/// A list, of which the function writes the items; one without any vanishes.
pub(super) struct List<F>(pub(super) F);

impl<'o, T: Doc<'o>, F: FnOnce(&mut T)> Value<'o, T> for List<F> {
    #[inline(always)]
    fn give(self, keys: Keys, to: &mut T) {
        let list = to.line().open(keys.list);
        (self.0)(to);
        let line = to.line();
        if T::OTEL {
            if line.end_list(list) {
                line.put(b"}}},");
            }
        } else {
            line.close_list(list);
        }
    }
}

/// A text of which the function writes the inside; an empty one vanishes.
pub(super) struct Parts<F>(pub(super) F);

impl<'o, T: Doc<'o>, F: FnOnce(&mut T)> Value<'o, T> for Parts<F> {
    #[inline(always)]
    fn give(self, keys: Keys, to: &mut T) {
        let before = to.line().out.len();
        to.begin(keys);
        let from = to.line().out.len();
        (self.0)(to);
        if to.line().out.len() == from {
            to.line().out.truncate(before);
        } else {
            to.end();
        }
    }
}

/// A text that is several names with slashes between them.
pub(super) struct Slashes<'a>(pub(super) [&'a [u8]; 3]);

impl<'o, T: Doc<'o>> Value<'o, T> for Slashes<'_> {
    fn give(self, keys: Keys, to: &mut T) {
        to.begin(keys);
        let line = to.line();
        for (at, part) in self.0.into_iter().enumerate().filter(|(_, part)| !part.is_empty()) {
            line.put(if at > 0 { b"/" } else { b"" });
            line.inside_short(Text::fixed(part), PART);
        }
        to.end();
    }
}

/// See the module. `json` or `otel` says how a member begins.
macro_rules! layout {
    (@code $style:ident $doc:ident) => {};
    (@code $style:ident $doc:ident $name:literal { $($inner:tt)* } $(, $($rest:tt)*)?) => {
        let mark = $doc.line().open(concat!("\"", $name, "\":{").as_bytes());
        $crate::emit::layout::layout!(@code $style $doc $($inner)*);
        $doc.line().close(mark);
        $crate::emit::layout::layout!(@code $style $doc $($($rest)*)?);
    };
    (@code $style:ident $doc:ident $name:literal [{ $($inner:tt)* }] $(, $($rest:tt)*)?) => {
        $crate::emit::layout::layout! { @code $style $doc
            $name [for _once in [()] => { $($inner)* }] $(, $($rest)*)?
        }
    };
    (@code $style:ident $doc:ident
        $name:literal [for $item:ident in $items:expr => { $($inner:tt)* }] $(, $($rest:tt)*)?) => {
        let list = $doc.line().open(concat!("\"", $name, "\":[").as_bytes());
        for $item in $items {
            let mark = $doc.line().open(b"{");
            $crate::emit::layout::layout!(@code $style $doc $($inner)*);
            $doc.line().close(mark);
        }
        $doc.line().close_list(list);
        $crate::emit::layout::layout!(@code $style $doc $($($rest)*)?);
    };
    (@code $style:ident $doc:ident use $part:ident $(, $($rest:tt)*)?) => {
        $crate::emit::layout::layout!(@$part $doc @code $style $doc);
        $crate::emit::layout::layout!(@code $style $doc $($($rest)*)?);
    };
    (@code $style:ident $doc:ident
        if $condition:expr => { $($inner:tt)* } $(, $($rest:tt)*)?) => {
        if $condition {
            $crate::emit::layout::layout!(@code $style $doc $($inner)*);
        }
        $crate::emit::layout::layout!(@code $style $doc $($($rest)*)?);
    };
    (@code $style:ident $doc:ident let $name:ident = $value:expr $(, $($rest:tt)*)?) => {
        let $name = $value;
        $crate::emit::layout::layout!(@code $style $doc $($($rest)*)?);
    };
    (@code $style:ident $doc:ident do $code:block { $($names:tt)* } $(, $($rest:tt)*)?) => {
        $code
        $crate::emit::layout::layout!(@code $style $doc $($($rest)*)?);
    };
    (@code $style:ident $doc:ident
        $name:literal $($kind:ident)?: $fact:ident = $value:expr $(, $($rest:tt)*)?) => {
        $crate::emit::layout::Value::give($value, $crate::emit::layout::layout!(@keys $style $name), &mut *$doc);
        $crate::emit::layout::layout!(@code $style $doc $($($rest)*)?);
    };
    (@code $style:ident $doc:ident
        $name:literal $($kind:ident)?: $fact:ident $(, $($rest:tt)*)?) => {
        let value = $doc.facts.$fact();
        $crate::emit::layout::Value::give(value, $crate::emit::layout::layout!(@keys $style $name), &mut *$doc);
        $crate::emit::layout::layout!(@code $style $doc $($($rest)*)?);
    };

    (@names $each:ident [$($path:literal)*]) => {};
    (@names $each:ident [$($path:literal)*]
        $name:literal { $($inner:tt)* } $(, $($rest:tt)*)?) => {
        $crate::emit::layout::layout!(@names $each [$($path)* $name] $($inner)*);
        $crate::emit::layout::layout!(@names $each [$($path)*] $($($rest)*)?);
    };
    (@names $each:ident [$($path:literal)*]
        $name:literal [$(for $item:ident in $items:expr =>)? { $($inner:tt)* }] $(, $($rest:tt)*)?) => {
        $crate::emit::layout::layout!(@names $each [$($path)* $name] $($inner)*);
        $crate::emit::layout::layout!(@names $each [$($path)*] $($($rest)*)?);
    };
    (@names $each:ident [$($path:literal)*] use $part:ident $(, $($rest:tt)*)?) => {
        $crate::emit::layout::layout!(@$part $each @names $each [$($path)*]);
        $crate::emit::layout::layout!(@names $each [$($path)*] $($($rest)*)?);
    };
    (@names $each:ident [$($path:literal)*]
        if $condition:expr => { $($inner:tt)* } $(, $($rest:tt)*)?) => {
        $crate::emit::layout::layout!(@names $each [$($path)*] $($inner)*);
        $crate::emit::layout::layout!(@names $each [$($path)*] $($($rest)*)?);
    };
    (@names $each:ident [$($path:literal)*] let $name:ident = $value:expr $(, $($rest:tt)*)?) => {
        $crate::emit::layout::layout!(@names $each [$($path)*] $($($rest)*)?);
    };
    (@names $each:ident [$($path:literal)*]
        do $code:block { $($names:tt)* } $(, $($rest:tt)*)?) => {
        $crate::emit::layout::layout!(@names $each [$($path)*] $($names)*);
        $crate::emit::layout::layout!(@names $each [$($path)*] $($($rest)*)?);
    };
    (@names $each:ident [$($path:literal)*]
        $name:literal $($kind:ident)?: $fact:ident $(= $value:expr)? $(, $($rest:tt)*)?) => {
        $each(
            concat!($($path, ".",)* $name),
            $crate::enrich::facts::key::$fact,
            $crate::emit::layout::layout!(@kind $($kind)?),
        );
        $crate::emit::layout::layout!(@names $each [$($path)*] $($($rest)*)?);
    };

    // Parts that several layouts have.
    (@layers $doc:ident $($head:tt)*) => {
        $crate::emit::layout::layout! { $($head)*
            "total": latency_total, "etcd": latency_etcd,
            "apf_queue_wait": latency_apf_queue_wait, "authentication": latency_authentication,
            "authorization": latency_authorization, "impersonation": latency_impersonation,
            "mutating_webhook": latency_mutating_webhook,
            "validating_webhook": latency_validating_webhook,
            "serialize_response_object": latency_serialize_response_object,
            "response_write": latency_response_write,
            "transform_response_object": latency_transform_response_object,
            "decode_response_object": latency_decode_response_object,
        }
    };
    (@admission $doc:ident $($head:tt)*) => {
        $crate::emit::layout::layout! { $($head)*
            "admission" {
                "webhook": webhooks = List(Document::webhooks),
                "mutated": mutated = $doc.mutated(),
                "failed_open": failed_open = $doc.failed_open(),
                "policy": policies = List(Document::policies),
                "binding": policy_bindings = List(Document::policy_bindings),
                "action": policy_actions = List(Document::policy_actions),
            },
        }
    };
    (@note $doc:ident $($head:tt)*) => {
        $crate::emit::layout::layout! { $($head)*
            "auditweir" {
                "v": receipt_version = 1,
                "id": document_id = &$doc.emission.id[..],
                do { $doc.receipts() } {
                    "lowered" { "from": lowered, "to": lowered, "rule" Long: lowered },
                    "redactions" {
                        "path": receipts, "rule": receipts, "action": receipts,
                        "count" Long: receipts,
                    },
                    "alert": alert,
                    "findings" {
                        "rule": matches, "intent": matches, "severity": matches,
                        "attack": match_techniques, "outcome": matches,
                    },
                },
            },
        }
    };

    (@caller $doc:ident $($head:tt)*) => {
        $crate::emit::layout::layout! { $($head)*
            "type": actor,
            "is_human": is_human,
            "is_system": is_system,
            "service_account" { "namespace": account_namespace, "name": account_name },
            "node": node = $doc.facts.actor.node,
        }
    };
    (@stream $doc:ident $($head:tt)*) => {
        $crate::emit::layout::layout! { $($head)*
            "ecs" { "version": document_class = ECS_VERSION },
            "data_stream" {
                "type": document_class = "logs",
                "dataset": dataset = &*$doc.output().ecs.dataset,
                "namespace": data_namespace = &*$doc.output().ecs.namespace,
            },
        }
    };
    // What is left of the event that a stub stands for.
    (@left $doc:ident $($head:tt)*) => {
        $crate::emit::layout::layout! { $($head)*
            "kind": event_kind = "Event",
            "apiVersion": event_version = "audit.k8s.io/v1",
            "level": level,
            "auditID": audit_id,
            "stage": stage,
            "verb": verb,
            "stageTimestamp": staged,
        }
    };
    // Why there is a stub.
    (@stub $doc:ident $($head:tt)*) => {
        $crate::emit::layout::layout! { $($head)*
            "v": receipt_version = 1,
            "id": document_id,
            "stub": stub_reason,
            "bytes": stub_bytes,
            "offset": stub_offset,
            "rejected": stub_rejected,
        }
    };

    (@kind) => { None };
    (@kind $kind:ident) => { Some($crate::emit::fields::FieldType::$kind) };

    (@keys json $name:literal) => {
        $crate::emit::layout::Keys {
            text: concat!("\"", $name, "\":\"").as_bytes(),
            bare: concat!("\"", $name, "\":").as_bytes(),
            list: concat!("\"", $name, "\":[").as_bytes(),
        }
    };
    (@keys otel $name:literal) => {
        $crate::emit::layout::Keys {
            text: concat!("{\"key\":\"", $name, "\",\"value\":{\"stringValue\":\"").as_bytes(),
            bare: concat!("{\"key\":\"", $name, "\",\"value\":{").as_bytes(),
            list: concat!("{\"key\":\"", $name, "\",\"value\":{\"arrayValue\":{\"values\":[")
                .as_bytes(),
        }
    };

    () => {};
    (names $name:ident { $($body:tt)* } $($rest:tt)*) => {
        pub(super) mod $name {
            #[allow(dead_code, reason = "parts of a document are listed with the whole")]
            pub(in crate::emit) fn names(each: $crate::emit::fields::Each<'_>) {
                $crate::emit::layout::layout!(@names each [] $($body)*);
            }
        }
        $crate::emit::layout::layout! { $($rest)* }
    };
    ($style:ident $name:ident$(<$($life:lifetime),+>)?($doc:ident: $type:ty) { $($body:tt)* } $($rest:tt)*) => {
        pub(super) mod $name {
            #[allow(unused_imports, reason = "what each layout needs")]
            use {super::*, $crate::emit::layout::Doc as _};

            pub(in crate::emit) fn write$(<$($life),+>)?($doc: &mut $type) {
                $crate::emit::layout::layout!(@code $style $doc $($body)*);
            }

            #[allow(dead_code, reason = "parts of a document are listed with the whole")]
            pub(in crate::emit) fn names(each: $crate::emit::fields::Each<'_>) {
                $crate::emit::layout::layout!(@names each [] $($body)*);
            }
        }
        $crate::emit::layout::layout! { $($rest)* }
    };
}
pub(super) use layout;
