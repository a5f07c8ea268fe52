//! The files for Elasticsearch and OpenSearch: committed as they are written, and coherent.

use std::collections::BTreeSet;

use auditweir::panels::{ALERT_PANELS, PANELS, Panel};
use serde_json::Value;

use super::*;

const CLUSTERS: [&str; 2] = ["elasticsearch", "opensearch"];

/// Writes the files of a cluster into a folder of the test's own.
fn written(test: &str, cluster: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test).join(cluster);
    let _ = fs::remove_dir_all(&folder);
    let mut command = auditweir(&["assets", "--for", cluster, "--out"]);
    let output = run(command.arg(&folder), b"");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    folder
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).expect("folder");
    entries.map(|entry| entry.expect("entry").file_name().into_string().expect("name")).collect()
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).expect("file")).expect("JSON")
}

#[test]
fn they_are_the_committed_ones() {
    for cluster in CLUSTERS {
        let folder = written("committed", cluster);
        let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../integrations").join(cluster);
        for name in names(&folder) {
            let now = fs::read_to_string(folder.join(&name)).expect("file");
            same_as_committed(&committed.join(&name), &now);
        }
        assert_eq!(names(&folder), names(&committed), "{cluster}");
    }
}

#[test]
fn a_readme_installs_every_file() {
    for cluster in CLUSTERS {
        let folder = written("readme", cluster);
        let readme = fs::read_to_string(folder.join("README.md")).expect("README");
        for name in names(&folder) {
            assert!(name == "README.md" || readme.contains(&format!("@{name}")), "{name}");
        }
    }
}

/// Dotted names of all leaves of a mapping.
fn fields(mapping: &Value, path: &str, found: &mut BTreeSet<String>) {
    for (name, field) in mapping["properties"].as_object().into_iter().flatten() {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        if field.get("type").is_some() {
            found.insert(path.clone());
        }
        fields(field, &path, found);
    }
}

#[test]
fn mappings_have_every_field_and_room_to_spare() {
    for cluster in CLUSTERS {
        let folder = written("mappings", cluster);
        let template = json(&folder.join("component-mappings.json"));
        let mut mapped = BTreeSet::new();
        fields(&template["template"]["mappings"], "", &mut mapped);
        let all = auditweir::Format::Ecs.fields();
        for field in all.iter().filter(|field| !field.name.ends_with('*')) {
            assert!(mapped.contains(field.name), "{cluster} has no {}", field.name);
        }
        assert!(mapped.len() < 300, "{}", mapped.len());
        let index = json(&folder.join("index-template.json"));
        assert_eq!(index["index_patterns"][0], "logs-kubernetes.audit_logs-*");
        assert_eq!(index["data_stream"], serde_json::json!({}));
    }
}

/// Saved objects refer to each other, and their aggregations to fields that can be aggregated.
#[test]
fn dashboards_hang_together() {
    for cluster in CLUSTERS {
        let folder = written("dashboards", cluster);
        let component = json(&folder.join("component-mappings.json"));
        let alerts = json(&folder.join("alerts-template.json"));
        for (name, template, stream, panels) in [
            ("dashboard.ndjson", component, "logs-kubernetes.audit_logs-*", PANELS),
            ("alerts-dashboard.ndjson", alerts, "logs-auditweir.alerts-*", ALERT_PANELS),
        ] {
            hangs_together(cluster, &folder.join(name), &template, stream, panels);
        }
    }
}

fn hangs_together(cluster: &str, file: &Path, template: &Value, stream: &str, panels: &[Panel]) {
    let mapping = &template["template"]["mappings"];
    let field =
        |name: &str| name.split('.').fold(mapping, |at, part| &at["properties"][part]).clone();
    let objects = lines(&fs::read(file).expect("dashboard"));
    let ids: BTreeSet<_> =
        objects.iter().map(|o| (o["type"].clone().to_string(), o["id"].to_string())).collect();
    assert_eq!(ids.len(), objects.len(), "{cluster}: ids are not unique");
    assert_eq!(objects.len(), panels.len() + 2);
    for clause in panels.iter().flat_map(|panel| panel.all) {
        assert!(field(clause.field)["type"].is_string(), "{cluster}: {}", clause.field);
    }
    let parse = |value: &Value| -> Value {
        serde_json::from_str(value.as_str().expect("text")).expect("JSON in text")
    };
    for object in &objects {
        for reference in object["references"].as_array().expect("references") {
            let id = (reference["type"].to_string(), reference["id"].to_string());
            assert!(ids.contains(&id), "{cluster}: {} refers to {reference}", object["id"]);
        }
        let attributes = &object["attributes"];
        match object["type"].as_str().expect("type") {
            "index-pattern" => {
                assert_eq!(attributes["title"], stream);
            }
            "visualization" => {
                let state = parse(&attributes["visState"]);
                for aggregation in state["aggs"].as_array().expect("aggregations") {
                    let Some(name) = aggregation["params"]["field"].as_str() else { continue };
                    let kind = field(name)["type"].as_str().unwrap_or("none").to_owned();
                    assert!(
                        matches!(kind.as_str(), "keyword" | "long" | "date"),
                        "{cluster}: {name} is {kind}"
                    );
                }
                let search = parse(&attributes["kibanaSavedObjectMeta"]["searchSourceJSON"]);
                assert_eq!(search["indexRefName"], object["references"][0]["name"]);
            }
            "dashboard" => {
                let shown = parse(&attributes["panelsJSON"]);
                let shown = shown.as_array().expect("panels");
                assert_eq!(shown.len(), panels.len());
                let named: BTreeSet<_> = object["references"]
                    .as_array()
                    .expect("references")
                    .iter()
                    .map(|reference| reference["name"].as_str().expect("name"))
                    .collect();
                for panel in shown {
                    let name = panel["panelRefName"].as_str().expect("name");
                    let index = panel["panelIndex"].as_str().expect("index");
                    let prefixed = format!("{index}:{name}");
                    assert!(named.contains(name) || named.contains(prefixed.as_str()));
                }
            }
            other => panic!("{other}"),
        }
    }
}

/// A key or role that could do more than add documents would be a way in.
#[test]
fn access_is_for_writing_only() {
    let key = json(&written("access", "elasticsearch").join("api-key.json"));
    let role = &key["role_descriptors"]["auditweir_shipper"];
    assert_eq!(role["cluster"], serde_json::json!([]));
    assert_eq!(
        role["indices"],
        serde_json::json!([{
            "names": ["logs-kubernetes.audit_logs-*", "logs-auditweir.alerts-*"],
            "privileges": ["create_doc", "auto_configure"],
        }])
    );
    let role = json(&written("access", "opensearch").join("role.json"));
    let permissions = role["index_permissions"].as_array().expect("permissions");
    assert_eq!(permissions.len(), 1);
    for action in permissions[0]["allowed_actions"].as_array().expect("actions") {
        let action = action.as_str().expect("action");
        assert!(
            action.starts_with("indices:data/write/index")
                || action.starts_with("indices:data/write/bulk")
                || action.starts_with("indices:admin/auto_create")
                || action.starts_with("indices:admin/mapping/auto_put"),
            "{action}"
        );
    }
}
