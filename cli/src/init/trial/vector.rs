//! Vector's configuration with log, state and ports of the check.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};

use super::sink::{Sink, basic};
use super::{Place, Prepared, expand};
use crate::args::Init;
use crate::init::program::Program;

pub(super) fn prepare(
    text: &str,
    args: &Init,
    program: &Program,
    place: &Place,
    local: Option<u16>,
) -> Result<Prepared, String> {
    let mut all: Value = serde_saphyr::from_str(text).map_err(|error| error.to_string())?;
    let sink = adapt(&mut all, &args.log.display().to_string(), place, local)?;
    let path = place.at("vector.json");
    fs::create_dir_all(place.at("state")).map_err(|error| error.to_string())?;
    fs::write(&path, all.to_string()).map_err(|error| error.to_string())?;
    let mut command = Command::new(program.path.as_deref().unwrap_or("vector".as_ref()));
    command.args(["--config", &path]);
    Ok(Prepared { command, sink, post: None })
}

/// Sources read the log of the check; sinks that are neither a cluster's nor files are left out.
fn adapt(
    all: &mut Value,
    log: &str,
    place: &Place,
    local: Option<u16>,
) -> Result<Option<Sink>, String> {
    all["data_dir"] = json!(place.at("state"));
    let object = all.as_object_mut().ok_or("no configuration")?;
    object.remove("tests");
    object.remove("api");
    let ours = place.at("audit.log");
    for source in all["sources"].as_object_mut().ok_or("no sources")?.values_mut() {
        match source["type"].as_str() {
            Some("file") => source["include"] = json!([ours]),
            Some("exec") => {
                for word in source["command"].as_array_mut().into_iter().flatten() {
                    if let Some(text) = word.as_str() {
                        // From its beginning: the event is there already.
                        *word = json!(text.replace(log, &ours).replace("tail -n 0", "tail -n +1"));
                    }
                }
            }
            other => return Err(format!("a source of type {}", other.unwrap_or("none"))),
        }
    }
    let mut found = None;
    let sinks = all["sinks"].as_object_mut().ok_or("no sinks")?;
    sinks.retain(|_, sink| match sink["type"].as_str() {
        Some("elasticsearch" | "file") => true,
        Some("http") => local.is_some(),
        _ => false,
    });
    for (name, sink) in sinks.iter_mut() {
        match sink["type"].as_str() {
            Some("elasticsearch") => {
                if let Some(port) = local {
                    sink["endpoints"] = json!([format!("http://127.0.0.1:{port}")]);
                    remove(sink, "tls");
                }
                found.get_or_insert(cluster(sink));
            }
            Some("http") => {
                sink["uri"] = json!(format!("http://127.0.0.1:{}/", local.unwrap_or_default()));
                remove(sink, "tls");
            }
            _ => sink["path"] = json!(place.at(name)),
        }
    }
    if sinks.is_empty() {
        return Err("no sink that can be asked; --sink-check off tries a stand-in for http".into());
    }
    Ok(found)
}

fn remove(of: &mut Value, name: &str) {
    if let Some(of) = of.as_object_mut() {
        of.remove(name);
    }
}

fn cluster(sink: &Value) -> Sink {
    let word = |value: &Value| expand(value.as_str().unwrap_or_default());
    let url = word(&sink["endpoints"][0]);
    let stream = &sink["data_stream"];
    let part = |name: &str, default: &str| {
        let word = word(&stream[name]);
        if word.is_empty() { default.to_owned() } else { word }
    };
    let index = if sink["mode"] == "data_stream" {
        format!(
            "{}-{}-{}",
            part("type", "logs"),
            part("dataset", "generic"),
            part("namespace", "default")
        )
    } else {
        word(&sink["bulk"]["index"])
    };
    let auth = &sink["auth"];
    let ca = word(&sink["tls"]["ca_file"]);
    Sink {
        url: url.trim_end_matches('/').to_owned(),
        index,
        authorization: basic(&word(&auth["user"]), &word(&auth["password"])),
        ca: (!ca.is_empty()).then(|| PathBuf::from(ca)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "/var/log/kubernetes/audit/audit.log";

    fn shipped(text: &str) -> Value {
        serde_saphyr::from_str(text).unwrap()
    }

    #[test]
    fn the_shipped_configurations_are_tried_whole() {
        let place = Place::new().unwrap();
        let mut all = shipped(include_str!("../../../../integrations/vector/elasticsearch.yaml"));
        let sink = adapt(&mut all, LOG, &place, None).unwrap().unwrap();
        assert_eq!(
            sink.to_string(),
            "https://elasticsearch.example.com:9200/logs-kubernetes.audit_logs-default"
        );
        assert_eq!(sink.ca, Some("/etc/vector/ca.crt".into()));
        assert!(sink.authorization.is_some());
        let text = all.to_string();
        assert!(!text.contains("/var/") && text.contains("auditweir_document_id"), "{text}");

        let exec = include_str!("../../../../integrations/vector/exec.yaml");
        assert!(adapt(&mut shipped(exec), LOG, &place, None).is_err());
        let mut all = shipped(exec);
        assert!(adapt(&mut all, LOG, &place, Some(7)).unwrap().is_none());
        let text = all.to_string();
        assert!(text.contains("tail -n +1") && text.contains("http://127.0.0.1:7/"), "{text}");
        assert!(!text.contains("/var/"), "{text}");
    }
}
