//! Options of a filter.

use std::fs;
use std::sync::Arc;

use auditweir::{Format, Policy};
use mlua::{LuaString, Table, Value};

use crate::weir::Weir;

/// The filter for these options, or what is wrong with them: an unknown option, a policy error
/// with line and column, a file that cannot be read.
pub(crate) fn open(options: &Table) -> (Option<Weir>, Option<String>) {
    match read(options) {
        Ok(weir) => (Some(weir), None),
        Err(error) => (None, Some(error)),
    }
}

const KNOWN: [&str; 5] = ["policy", "policy_file", "format", "pseudonym_key", "pseudonym_key_file"];

fn read(options: &Table) -> Result<Weir, String> {
    for pair in options.pairs::<Value, Value>() {
        match pair {
            Ok((Value::String(name), _)) if KNOWN.iter().any(|known| name == known) => {}
            Ok((Value::String(name), _)) => {
                return Err(format!("unknown option `{}`", name.display()));
            }
            _ => return Err("options have names".into()),
        }
    }
    let text = |name: &str| match options.raw_get::<Value>(name) {
        Ok(Value::Nil) => Ok(None),
        Ok(Value::String(text)) => Ok(Some(text)),
        Ok(other) => Err(format!("{name}: a string is needed, not a {}", other.type_name())),
        Err(_) => Err(format!("{name}: cannot be read")),
    };
    let path = |name: &str| match text(name)? {
        None => Ok(None),
        Some(path) => path
            .to_str()
            .map(|path| Some(path.to_owned()))
            .map_err(|_| format!("{name}: not UTF-8")),
    };
    let format = match text("format")? {
        None => Format::Native,
        Some(name) => {
            name.to_str().ok().and_then(|name| Format::named(&name)).ok_or_else(|| {
                format!("format: `{}` is none of `native`, `ecs`, `ocsf`, `otel`", name.display())
            })?
        }
    };
    let (policy, from) = match (text("policy")?, path("policy_file")?) {
        (None, None) => (Policy::default(), "built in".to_owned()),
        (Some(text), None) => (parse(&text, "policy")?, "policy".to_owned()),
        (None, Some(path)) => {
            let text = fs::read_to_string(&path)
                .map_err(|error| format!("policy_file: {path}: {error}"))?;
            (Policy::from_yaml(&text).map_err(|error| format!("{path}: {error}"))?, path)
        }
        (Some(_), Some(_)) => return Err("policy and policy_file: only one may be set".into()),
    };
    let mut policy = policy.compile().map_err(|error| format!("{from}: {error}"))?;
    let key = match (text("pseudonym_key")?, path("pseudonym_key_file")?) {
        (None, None) => None,
        (Some(key), None) => Some((key.as_bytes().to_vec(), "pseudonym_key".to_owned())),
        (None, Some(path)) => {
            let key =
                fs::read(&path).map_err(|error| format!("pseudonym_key_file: {path}: {error}"))?;
            Some((trim(&key).to_vec(), path))
        }
        (Some(_), Some(_)) => {
            return Err("pseudonym_key and pseudonym_key_file: only one may be set".into());
        }
    };
    if let Some((key, from)) = key {
        policy = policy.with_pseudonym_key(&key).map_err(|error| format!("{from}: {error}"))?;
    }
    Ok(Weir::new(Arc::new(policy), format))
}

fn parse(text: &LuaString, from: &str) -> Result<Policy, String> {
    let text = text.to_str().map_err(|_| format!("{from}: not UTF-8"))?;
    Policy::from_yaml(&text).map_err(|error| error.to_string())
}

/// Without the line end that editors and `echo` put behind a key.
fn trim(key: &[u8]) -> &[u8] {
    let key = key.strip_suffix(b"\n").unwrap_or(key);
    key.strip_suffix(b"\r").unwrap_or(key)
}
