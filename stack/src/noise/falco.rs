//! Falco's rules for audit events, asked as its plugin asks them.
//!
//! The file of rules is Falco's own; here are its conditions (lists, macros, `and`, `or`, `not`, comparisons)
//! and the fields of the plugin `k8saudit` that they name. A field that an event does not have makes a
//! comparison false. What is not understood is an error, never left out.

use std::collections::HashMap;
use std::iter::Peekable;
use std::vec::IntoIter;

use serde::Deserialize;
use serde_json::Value;

/// A rule.
pub(super) struct Rule {
    pub(super) name: String,
    pub(super) priority: String,
    condition: Condition,
}

impl Rule {
    /// Whether it finds something in an event.
    pub(super) fn finds(&self, event: &Value) -> bool {
        self.condition.holds(event)
    }
}

/// One item of the file.
#[derive(Deserialize)]
struct Item {
    list: Option<String>,
    #[serde(default)]
    items: Vec<String>,
    #[serde(rename = "macro")]
    name: Option<String>,
    rule: Option<String>,
    #[serde(default)]
    condition: String,
    #[serde(default)]
    priority: String,
}

#[derive(Clone, Debug)]
enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    Exists(String),
    Compare(String, Operator, Vec<String>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equal,
    Unequal,
    /// Each of the field's values is one of these.
    In,
    /// Some value of the field is one of these.
    Intersects,
    StartsWith,
    Contains,
}

/// The rules of a file.
pub(super) fn rules(text: &str) -> Result<Vec<Rule>, String> {
    let items: Vec<Item> = serde_saphyr::from_str(text).map_err(|error| error.to_string())?;
    let mut known = Known::default();
    let mut rules = Vec::new();
    for item in items {
        let read = |name: &str| {
            let mut tokens = tokens(&item.condition).into_iter().peekable();
            let condition = known.any(&mut tokens);
            match (condition, tokens.next()) {
                (Ok(condition), None) => Ok(condition),
                (Err(error), _) => Err(format!("{name}: {error}")),
                (_, Some(token)) => Err(format!("{name}: `{token}` is left over")),
            }
        };
        if let Some(name) = &item.name {
            let condition = read(name)?;
            known.macros.insert(name.clone(), condition);
        } else if let Some(name) = &item.rule {
            let condition = read(name)?;
            rules.push(Rule { name: name.clone(), priority: item.priority, condition });
        } else if let Some(name) = item.list {
            let items = item.items.iter().flat_map(|item| known.list(item)).collect();
            known.lists.insert(name, items);
        }
    }
    Ok(rules)
}

type Tokens = Peekable<IntoIter<String>>;

fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(first) = rest.next() {
        match first {
            '(' | ')' | ',' | '=' => tokens.push(first.to_string()),
            '!' if rest.next_if_eq(&'=').is_some() => tokens.push("!=".to_owned()),
            '"' => {
                // A value, even if it reads like an operator.
                let value: String = rest.by_ref().take_while(|c| *c != '"').collect();
                tokens.push(format!("\"{value}"));
            }
            space if space.is_whitespace() => {}
            _ => {
                let mut word = String::from(first);
                while let Some(next) = rest
                    .next_if(|c| !c.is_whitespace() && !matches!(c, '(' | ')' | ',' | '=' | '!'))
                {
                    word.push(next);
                }
                tokens.push(word);
            }
        }
    }
    tokens
}

/// Lists and macros read so far.
#[derive(Default)]
struct Known {
    lists: HashMap<String, Vec<String>>,
    macros: HashMap<String, Condition>,
}

impl Known {
    /// A value, or those of the list of this name.
    fn list(&self, value: &str) -> Vec<String> {
        let value = value.trim_start_matches('"');
        self.lists.get(value).cloned().unwrap_or_else(|| vec![value.to_owned()])
    }

    fn any(&self, tokens: &mut Tokens) -> Result<Condition, String> {
        let mut parts = vec![self.all(tokens)?];
        while tokens.next_if(|token| token == "or").is_some() {
            parts.push(self.all(tokens)?);
        }
        Ok(Condition::Any(parts))
    }

    fn all(&self, tokens: &mut Tokens) -> Result<Condition, String> {
        let mut parts = vec![self.one(tokens)?];
        while tokens.next_if(|token| token == "and").is_some() {
            parts.push(self.one(tokens)?);
        }
        Ok(Condition::All(parts))
    }

    fn one(&self, tokens: &mut Tokens) -> Result<Condition, String> {
        let token = tokens.next().ok_or("it ends too early")?;
        match token.as_str() {
            "not" => return Ok(Condition::Not(Box::new(self.one(tokens)?))),
            "(" => {
                let inner = self.any(tokens)?;
                let end = tokens.next();
                return if end.as_deref() == Some(")") {
                    Ok(inner)
                } else {
                    Err(format!("{end:?} instead of `)`"))
                };
            }
            _ => {}
        }
        if let Some(condition) = self.macros.get(&token) {
            return Ok(condition.clone());
        }
        values(&token, &Value::Null).ok_or_else(|| format!("`{token}` is no field or macro"))?;
        let operator = match tokens.next().as_deref() {
            Some("exists") => return Ok(Condition::Exists(token)),
            Some("=") => Operator::Equal,
            Some("!=") => Operator::Unequal,
            Some("in") => Operator::In,
            Some("intersects") => Operator::Intersects,
            Some("startswith") => Operator::StartsWith,
            Some("contains") => Operator::Contains,
            other => return Err(format!("{other:?} is no operator")),
        };
        let first = tokens.next().ok_or("a value is missing")?;
        if first != "(" {
            return Ok(Condition::Compare(token, operator, self.list(&first)));
        }
        let mut all = Vec::new();
        loop {
            match tokens.next().as_deref() {
                Some(")") => break,
                Some(",") => {}
                Some(value) => all.extend(self.list(value)),
                None => return Err("a list has no end".into()),
            }
        }
        Ok(Condition::Compare(token, operator, all))
    }
}

impl Condition {
    fn holds(&self, event: &Value) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(event)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(event)),
            Self::Not(inner) => !inner.holds(event),
            Self::Exists(field) => values(field, event).is_some_and(|values| !values.is_empty()),
            Self::Compare(field, operator, wanted) => {
                let values = values(field, event).unwrap_or_default();
                let is_wanted = |value: &String| wanted.contains(value);
                !values.is_empty()
                    && match operator {
                        Operator::Equal | Operator::In => values.iter().all(is_wanted),
                        Operator::Unequal => !values.iter().all(is_wanted),
                        Operator::Intersects => values.iter().any(is_wanted),
                        Operator::StartsWith => values[0].starts_with(&wanted[0]),
                        Operator::Contains => values[0].contains(&wanted[0]),
                    }
            }
        }
    }
}

/// The values of a field; none when the event does not have it, `None` when there is no such field.
fn values(field: &str, event: &Value) -> Option<Vec<String>> {
    if let Some(pointer) = field.strip_prefix("jevt.value[") {
        return Some(texts(
            event,
            &pointer.trim_end_matches(']').split('/').skip(1).collect::<Vec<_>>(),
        ));
    }
    let path: &[&str] = match field {
        // When the event came to Falco: always there, never 0.
        "jevt.rawtime" => return Some(vec!["1".to_owned()]),
        "ka.user.name" => &["user", "username"],
        "ka.verb" => &["verb"],
        "ka.uri" => &["requestURI"],
        "ka.auth.decision" => &["annotations", "authorization.k8s.io/decision"],
        "ka.response.code" => &["responseStatus", "code"],
        "ka.target.name" => &["objectRef", "name"],
        "ka.target.namespace" => &["objectRef", "namespace"],
        "ka.target.resource" => &["objectRef", "resource"],
        "ka.target.subresource" => &["objectRef", "subresource"],
        "ka.req.binding.role" => &["requestObject", "roleRef", "name"],
        "ka.req.configmap.obj" => &["requestObject", "data"],
        "ka.req.role.rules.resources" => &["requestObject", "rules", "resources"],
        "ka.req.role.rules.verbs" => &["requestObject", "rules", "verbs"],
        "ka.req.service.type" => &["requestObject", "spec", "type"],
        "ka.req.pod.host_ipc" => &["requestObject", "spec", "hostIPC"],
        "ka.req.pod.host_network" => &["requestObject", "spec", "hostNetwork"],
        "ka.req.pod.host_pid" => &["requestObject", "spec", "hostPID"],
        "ka.req.pod.volumes.hostpath" => &["requestObject", "spec", "volumes", "hostPath", "path"],
        "ka.req.pod.containers.privileged" => {
            &["requestObject", "spec", "containers", "securityContext", "privileged"]
        }
        "ka.req.pod.initContainers.privileged" => {
            &["requestObject", "spec", "initContainers", "securityContext", "privileged"]
        }
        "ka.req.pod.ephemeralContainers.privileged" => {
            &["requestObject", "spec", "ephemeralContainers", "securityContext", "privileged"]
        }
        "ka.req.pod.containers.image.repository" => {
            let images = texts(event, &["requestObject", "spec", "containers", "image"]);
            let repository = |image: String| image.split(':').next().map(str::to_owned);
            return Some(images.into_iter().filter_map(repository).collect());
        }
        _ => return None,
    };
    Some(texts(event, path))
}

/// What stands at a path, through lists, as texts.
fn texts(value: &Value, path: &[&str]) -> Vec<String> {
    match (value, path) {
        (Value::Array(items), _) => items.iter().flat_map(|item| texts(item, path)).collect(),
        (Value::Null, _) => Vec::new(),
        (_, [first, rest @ ..]) => texts(&value[*first], rest),
        (Value::String(text), []) => vec![text.clone()],
        (other, []) => vec![other.to_string()],
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_condition_as_falco_asks_it() {
        let file = "
- list: more
  items: [patch]
- list: verbs
  items: [create, more]
- macro: kevt
  condition: (jevt.value[/stage] in (ResponseComplete))
- rule: one
  condition: >
    kevt and ka.verb in (verbs, update) and not ka.user.name startswith \"system:\"
    and (ka.response.code startswith 2 or ka.target.name exists)
  priority: WARNING
- rule: two
  condition: ka.target.namespace!=kube-system and ka.req.role.rules.verbs intersects (\"*\")
";
        let rules = rules(file).unwrap();
        let event = |verb: &str, user: &str, code: u16| {
            json!({"stage": "ResponseComplete", "verb": verb, "user": {"username": user},
                   "responseStatus": {"code": code}})
        };
        for (verb, user, code, expected) in [
            ("create", "jane", 201, true),
            ("update", "jane", 201, true),
            ("patch", "jane", 201, true),
            ("get", "jane", 201, false),
            ("create", "system:x", 201, false),
            ("create", "jane", 403, false),
        ] {
            assert_eq!(rules[0].finds(&event(verb, user, code)), expected, "{verb} {user} {code}");
        }
        assert_eq!(rules[0].priority, "WARNING");
        let role = json!({"objectRef": {"namespace": "shop"},
                          "requestObject": {"rules": [{"verbs": ["get"]}, {"verbs": ["*"]}]}});
        assert!(rules[1].finds(&role));
        assert!(!rules[1].finds(&json!({"requestObject": role["requestObject"]})), "no namespace");
    }

    #[test]
    fn what_is_not_understood_is_an_error() {
        for condition in ["ka.unheard.of=1", "ka.verb like x", "(ka.verb=x", "ka.verb in (x", "a"] {
            assert!(
                rules(&format!("- rule: x\n  condition: {condition}\n")).is_err(),
                "{condition}"
            );
        }
    }
}
