//! YAML as a tree that knows where each of its nodes stands, so that what a rule says wrong can be
//! named by line and column.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

use super::error::RuleError;

/// A node and its place, both from 1.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) line: u64,
    pub(super) column: u64,
    pub(super) value: Yaml,
}

/// What stands there.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Yaml {
    Null,
    Bool(bool),
    Integer(i64),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

/// All documents of a text.
pub(super) fn documents(text: &str, from: &str) -> Result<Vec<Node>, RuleError> {
    let read = serde_saphyr::from_multiple::<Node>(text);
    let documents = read.map_err(|error| RuleError::syntax(&error, from))?;
    Ok(documents.into_iter().filter(|document| document.value != Yaml::Null).collect())
}

impl Node {
    /// An error at this node.
    pub(super) fn error(&self, message: impl Into<String>) -> RuleError {
        RuleError::at(self.line, self.column, message)
    }

    /// The members of a mapping; an error for anything else.
    pub(super) fn map(&self, what: &str) -> Result<&[(String, Node)], RuleError> {
        match &self.value {
            Yaml::Map(members) => Ok(members),
            _ => Err(self.error(format!("{what} must be a mapping"))),
        }
    }

    /// The items of a list, or the node alone.
    pub(super) fn items(&self) -> &[Node] {
        match &self.value {
            Yaml::List(items) => items,
            _ => std::slice::from_ref(self),
        }
    }

    /// A text.
    pub(super) fn text(&self, what: &str) -> Result<&str, RuleError> {
        match &self.value {
            Yaml::Text(text) => Ok(text),
            _ => Err(self.error(format!("{what} must be a text"))),
        }
    }

    /// Texts, one or a list.
    pub(super) fn texts(&self, what: &str) -> Result<Vec<String>, RuleError> {
        self.items().iter().map(|item| item.text(what).map(str::to_owned)).collect()
    }

    /// The same mapping without one of its members.
    pub(super) fn without(&self, name: &str) -> Node {
        let mut node = self.clone();
        if let Yaml::Map(members) = &mut node.value {
            members.retain(|(key, _)| key != name);
        }
        node
    }

    /// The member of this name.
    pub(super) fn get(&self, name: &str) -> Option<&Node> {
        match &self.value {
            Yaml::Map(members) => {
                members.iter().find(|(key, _)| key == name).map(|(_, value)| value)
            }
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Spanned { value, referenced, .. } = Spanned::<Yaml>::deserialize(deserializer)?;
        Ok(Self { line: referenced.line(), column: referenced.column(), value })
    }
}

impl<'de> Deserialize<'de> for Yaml {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Yaml;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("YAML")
    }

    fn visit_unit<E>(self) -> Result<Yaml, E> {
        Ok(Yaml::Null)
    }

    fn visit_none<E>(self) -> Result<Yaml, E> {
        Ok(Yaml::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Yaml, D::Error> {
        Yaml::deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Yaml, E> {
        Ok(Yaml::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Yaml, E> {
        Ok(Yaml::Integer(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Yaml, E> {
        i64::try_from(value).map(Yaml::Integer).map_err(|_| E::custom("a number too large"))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Yaml, E> {
        Ok(Yaml::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Yaml, E> {
        Ok(Yaml::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Yaml, E> {
        Ok(Yaml::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Yaml, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Yaml::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Yaml, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = access.next_entry()? {
            members.push(member);
        }
        Ok(Yaml::Map(members))
    }
}
