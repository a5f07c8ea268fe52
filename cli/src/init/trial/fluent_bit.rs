//! Fluent Bit's configuration, in YAML or in its older form, with log, state and ports of the check.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::{Map, Value, json};

use super::sink::{Sink, basic};
use super::{Place, Prepared, expand};
use crate::init::program::Program;

pub(super) fn prepare(
    text: &str,
    program: &Program,
    place: &Place,
    local: Option<u16>,
) -> Result<Prepared, String> {
    let classic = program.version.is_some_and(|version| version < (3, 2));
    let mut all = if classic { read(text) } else { yaml(text)? };
    let sink = adapt(&mut all, place, local)?;
    let (name, text) = if classic {
        ("fluent-bit.conf", write(&all))
    } else {
        // YAML in its flow form.
        ("fluent-bit.yaml", all.to_string())
    };
    let path = place.at(name);
    fs::write(&path, text).map_err(|error| error.to_string())?;
    let mut command = Command::new(program.path.as_deref().unwrap_or("fluent-bit".as_ref()));
    command.args(["--config", &path]);
    Ok(Prepared { command, sink, post: None })
}

fn yaml(text: &str) -> Result<Value, String> {
    serde_saphyr::from_str(text).map_err(|error| error.to_string())
}

/// The log is that of the check, and only outputs that can be asked are left; the first of those.
fn adapt(all: &mut Value, place: &Place, local: Option<u16>) -> Result<Option<Sink>, String> {
    if let Some(service) = all["service"].as_object_mut() {
        service.insert("http_server".into(), json!("off"));
        if service.contains_key("storage.path") {
            service.insert("storage.path".into(), json!(place.at("storage")));
        }
    }
    let pipeline = all["pipeline"].as_object_mut().ok_or("no pipeline")?;
    let mut list = |name: &str| -> Result<Vec<Value>, String> {
        match pipeline.get_mut(name).map(Value::take) {
            Some(Value::Array(list)) => Ok(list),
            _ => Err(format!("no {name}")),
        }
    };
    let mut inputs = list("inputs")?;
    inputs.retain(|input| input["name"] == "tail");
    inputs.truncate(1);
    let input = inputs.first_mut().ok_or("no input `tail`")?;
    input["path"] = json!(place.at("audit.log"));
    input["read_from_head"] = json!("true");
    if input.get("db").is_some() {
        input["db"] = json!(place.at("audit.db"));
    }
    let mut outputs = list("outputs")?;
    outputs.retain(|output| output["name"] == "es" || output["name"] == "opensearch");
    outputs.truncate(1);
    let sink = match outputs.first_mut() {
        None => None,
        Some(output) => {
            if let Some(port) = local {
                output["host"] = json!("127.0.0.1");
                output["port"] = json!(port);
                output["tls"] = json!("off");
            }
            Some(sink(output))
        }
    };
    if sink.is_none()
        && let Some(port) = local
    {
        outputs.push(json!({
            "name": "http", "match": "*", "host": "127.0.0.1", "port": port, "format": "json_lines",
        }));
    }
    pipeline.insert("inputs".into(), Value::Array(inputs));
    pipeline.insert("outputs".into(), Value::Array(outputs));
    Ok(sink)
}

fn sink(output: &Value) -> Sink {
    let word = |name: &str| match &output[name] {
        Value::String(text) => expand(text),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    let or = |text: String, default: &str| if text.is_empty() { default.to_owned() } else { text };
    let tls = matches!(word("tls").to_ascii_lowercase().as_str(), "on" | "true" | "yes");
    let ca = word("tls.ca_file");
    Sink {
        url: format!(
            "{}://{}:{}",
            if tls { "https" } else { "http" },
            or(word("host"), "127.0.0.1"),
            or(word("port"), "9200")
        ),
        index: or(word("index"), "fluent-bit"),
        authorization: basic(&word("http_user"), &word("http_passwd")),
        ca: (tls && !ca.is_empty()).then(|| PathBuf::from(ca)),
    }
}

/// The form of before 3.2, as YAML would have it.
fn read(text: &str) -> Value {
    let mut all = json!({"service": {}, "pipeline": {"inputs": [], "filters": [], "outputs": []}});
    let mut section = String::new();
    for line in text.lines().map(str::trim) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            section = name.to_ascii_lowercase();
            if let Some(list) = all["pipeline"][format!("{section}s")].as_array_mut() {
                list.push(json!({}));
            }
            continue;
        }
        let (key, value) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let (key, value) = (key.to_ascii_lowercase(), json!(value.trim()));
        if section == "service" {
            all["service"][key] = value;
        } else if let Some(last) =
            all["pipeline"][format!("{section}s")].as_array_mut().and_then(|list| list.last_mut())
        {
            last[key] = value;
        }
    }
    all
}

/// And back.
fn write(all: &Value) -> String {
    let mut text = String::new();
    let mut section = |name: &str, entries: &Map<String, Value>| {
        _ = writeln!(text, "[{name}]");
        for (key, value) in entries {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            _ = writeln!(text, "    {key} {value}");
        }
    };
    if let Some(service) = all["service"].as_object() {
        section("SERVICE", service);
    }
    for (list, name) in [("inputs", "INPUT"), ("filters", "FILTER"), ("outputs", "OUTPUT")] {
        for entries in all["pipeline"][list].as_array().into_iter().flatten() {
            section(name, entries.as_object().unwrap_or(&Map::new()));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_give_the_same_sink() {
        let yaml = yaml(include_str!("../../../../integrations/fluent-bit/native/fluent-bit.yaml"));
        let conf = read(include_str!("../../../../integrations/fluent-bit/native/fluent-bit.conf"));
        for (mut all, host) in [(yaml.unwrap(), "elasticsearch"), (conf, "opensearch")] {
            let place = Place::new().unwrap();
            let sink = adapt(&mut all, &place, None).unwrap().unwrap();
            assert_eq!(
                sink.to_string(),
                format!("https://{host}.example.com:9200/logs-kubernetes.audit_logs-default")
            );
            assert_eq!(sink.ca, Some("/fluent-bit/etc/ca.crt".into()));
            let text = write(&all);
            assert!(text.contains(&place.at("audit.log")) && !text.contains("/var/"), "{text}");
            assert_eq!(read(&text)["pipeline"]["filters"][0]["format"], "ecs");
            let sink = adapt(&mut all, &place, Some(7)).unwrap().unwrap();
            assert_eq!(sink.url, "http://127.0.0.1:7");
        }
    }
}
