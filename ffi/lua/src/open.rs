//! Options of a filter.

use std::path::Path;

use auditweir_shell::{Setup, Source, format};
use mlua::{Table, Value};

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
        None => None,
        Some(name) => Some(
            format::named("format", &name.to_string_lossy()).map_err(|error| error.to_string())?,
        ),
    };
    let either = |option: &str| {
        let file = format!("{option}_file");
        match (text(option)?, path(&file)?) {
            (Some(_), Some(_)) => Err(format!("{option} and {file}: only one may be set")),
            (bytes, path) => Ok((bytes.map(|text| text.as_bytes().to_vec()), path)),
        }
    };
    let (policy, key) = (either("policy")?, either("pseudonym_key")?);
    Setup { policy: source("policy", &policy), key: source("pseudonym_key", &key), format }
        .ready()
        .map(Weir::new)
        .map_err(|error| error.to_string())
}

fn source<'a>(
    option: &str,
    (bytes, path): &'a (Option<Vec<u8>>, Option<String>),
) -> Option<Source<'a>> {
    let file = |path| Source::file(format!("{option}_file: {path}"), Path::new(path));
    let bytes = bytes.as_deref().map(|bytes| Source::bytes(option, bytes));
    bytes.or_else(|| path.as_ref().map(file))
}
