//! From a host's line or record to the audit events in it.
//!
//! [`Unwrapper::run`] hands each event (or what could not be read) to a sink, in order. An event
//! that fails does so alone. Nothing is lost silently: every input gives at least one [`Item`],
//! unless it is blank.

use crate::policy::Limits;
use crate::scan::doc::{Doc, Value};
use crate::scan::key::Key;
use crate::scan::{Bounds, Kind, ScanError, Tape, text};

/// What the envelopes around an event say about where it comes from.
#[derive(Default)]
pub(crate) struct Envelope {}

/// One thing found in an input.
pub(crate) enum Item<'a> {
    /// An object that should be an audit event. Its bytes are `doc.at(root).raw()`.
    Event { tape: &'a Tape, doc: Doc<'a>, root: u32, envelope: &'a Envelope },
    /// Text that is not acceptable JSON. `doc` holds what was scanned before the error.
    Broken { raw: &'a [u8], doc: Doc<'a>, error: ScanError },
    /// JSON, but not an audit event nor a known envelope of one.
    Foreign { raw: &'a [u8] },
}

/// Finds the events in inputs. Owns the memory for it; one per [`crate::Filter`].
#[derive(Default)]
pub(crate) struct Unwrapper {
    tape: Tape,
    replaced: Vec<u8>,
    envelope: Envelope,
}

impl Unwrapper {
    /// Hands every event in `input` to `sink`.
    pub(crate) fn run(
        &mut self,
        input: &[u8],
        limits: &Limits,
        sink: &mut dyn FnMut(Item<'_>),
    ) {
        let mut src = input.strip_prefix("\u{feff}".as_bytes()).unwrap_or(input);
        let tape = &mut self.tape;
        tape.load(src);
        if tape.any_high() && std::str::from_utf8(src).is_err() {
            self.replaced.clear();
            text::replace_invalid_utf8(src, &mut self.replaced);
            src = &self.replaced;
            tape.load(src);
        }
        let bounds = Bounds { depth: limits.depth, nodes: limits.nodes };
        let mut from = 0;
        loop {
            from += src[from..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            if from >= src.len() {
                return;
            }
            let parsed = tape.parse(src, from, bounds);
            let doc = Doc { src, nodes: &tape.nodes };
            match parsed {
                Ok(end) => {
                    from = end;
                    let root = doc.root();
                    match items(root) {
                        Some(list) => {
                            for item in list.items() {
                                sink(Item::Event { tape, doc, root: item.index, envelope: &self.envelope });
                            }
                        }
                        None if root.kind() == Kind::Object => {
                            sink(Item::Event { tape, doc, root: 0, envelope: &self.envelope });
                        }
                        None => sink(Item::Foreign { raw: root.raw() }),
                    }
                }
                Err(error) => {
                    sink(Item::Broken { raw: &src[from..], doc, error });
                    return;
                }
            }
        }
    }

    /// Gives memory back after an unusually large input.
    pub(crate) fn shrink(&mut self) {
        self.tape.shrink(1 << 18);
        if self.replaced.capacity() > 1 << 22 {
            self.replaced = Vec::new();
        }
    }
}

fn items(root: Value<'_>) -> Option<Value<'_>> {
    if root.kind() == Kind::Array {
        return Some(root);
    }
    root.get(Key::Items).filter(|items| {
        items.kind() == Kind::Array && root.get(Key::Kind).is_some_and(|kind| kind.says(b"EventList"))
    })
}
