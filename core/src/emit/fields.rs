//! Fields: what each fact is called in a format, and how an index maps it.
//!
//! The table of facts says what output can have; the layout of a format says what it is called
//! there, at the place where it writes it (see `layout.rs`). Documentation and index templates are
//! made of both ([`Format::fields`]); tests hold documents against them in both directions.

use super::Format;
pub use crate::enrich::facts::{FACTS, Fact, Source};

/// How a field is mapped in an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FieldType {
    /// One exact term.
    Keyword,
    /// A long exact term that is searched by pattern.
    Wildcard,
    /// Text that is searched by word.
    MatchOnlyText,
    /// A 64-bit integer.
    Long,
    /// `true` or `false`.
    Boolean,
    /// A timestamp.
    Date,
    /// An IPv4 or IPv6 address.
    Ip,
    /// An object with keys of its own, all values keywords (`flattened`, `flat_object`).
    Flattened,
}

/// A fact in a format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Field {
    /// Dotted path; items of lists are named as if there were no list. `*` stands for names that
    /// the event or the policy chooses.
    pub name: &'static str,
    /// What it holds.
    pub fact: &'static Fact,
    /// Mapping type.
    pub kind: FieldType,
}

impl Field {
    /// Whether only stubs have it.
    pub fn of_stubs(&self) -> bool {
        self.name.starts_with("auditweir.") || self.fact.key.starts_with("stub_")
    }
}

/// Where layouts hand over each field: name, fact, and the mapping type when it is not the usual
/// one of the fact.
pub(super) type Each<'a> = &'a mut dyn FnMut(&'static str, &'static str, Option<FieldType>);

impl Format {
    /// Every field that output in this format can have, stubs included. `native` has the event's
    /// own.
    pub fn fields(self) -> Vec<Field> {
        let mut all: Vec<Field> = Vec::new();
        self.names(&mut |name, key, kind| {
            let fact = FACTS.iter().find(|fact| fact.key == key);
            if let Some(fact) = fact
                && all.iter().all(|field| (field.name, field.fact) != (name, fact))
            {
                let kind = kind.unwrap_or(match fact.kind {
                    "number" => FieldType::Long,
                    "flag" => FieldType::Boolean,
                    "time" => FieldType::Date,
                    "address" | "addresses" => FieldType::Ip,
                    _ => FieldType::Keyword,
                });
                all.push(Field { name, fact, kind });
            }
        });
        all
    }
}
