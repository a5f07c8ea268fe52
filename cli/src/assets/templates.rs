//! Templates, life cycle, access and pipeline.

use serde_json::{Value, json};

use super::mapping::{alerts, mappings, runtime};
use super::{
    ALERTS, ALERTS_TEMPLATE, Asset, LIFECYCLE, MAPPINGS, PATTERN, PIPELINE, RULES, SETTINGS,
    SHIPPER, TEMPLATE,
};
use crate::args::Cluster;

/// Above the 200 of the templates that come with Elastic's integrations.
const PRIORITY: u32 = 250;

/// Everything but dashboard and README, in the order of installation.
pub(super) fn all(cluster: Cluster) -> Vec<Asset> {
    match cluster {
        Cluster::Elasticsearch => elasticsearch(),
        Cluster::Opensearch => opensearch(),
    }
}

fn meta() -> Value {
    json!({"managed_by": "auditweir", "version": env!("CARGO_PKG_VERSION")})
}

fn component(name: &str, template: &Value) -> (&'static str, String, Value) {
    let body = json!({"template": template, "_meta": meta()});
    ("PUT", format!("/_component_template/{name}"), body)
}

fn asset(file: &'static str, (method, path, value): (&'static str, String, Value)) -> Asset {
    Asset::json(file, method, path, &value)
}

fn elasticsearch() -> Vec<Asset> {
    let lifecycle = json!({"policy": {"_meta": meta(), "phases": {
        "hot": {"min_age": "0ms", "actions": {
            "rollover": {"max_primary_shard_size": "30gb", "max_age": "7d"},
            "set_priority": {"priority": 100},
        }},
        "warm": {"min_age": "7d", "actions": {
            "forcemerge": {"max_num_segments": 1},
            "set_priority": {"priority": 50},
        }},
        "delete": {"min_age": "90d", "actions": {"delete": {}}},
    }}});
    let settings = json!({"settings": {"index": {
        // `logsdb` rebuilds documents from their fields, and `flattened` ones come back reordered
        "mode": "standard",
        "codec": "best_compression",
        "lifecycle": {"name": LIFECYCLE},
    }}});
    let template = json!({
        "index_patterns": [PATTERN],
        "data_stream": {},
        "priority": PRIORITY,
        "composed_of": [MAPPINGS, SETTINGS, RULES, "logs-kubernetes.audit_logs@custom"],
        "ignore_missing_component_templates": ["logs-kubernetes.audit_logs@custom"],
        "allow_auto_create": true,
        "_meta": meta(),
    });
    let key = json!({
        "name": SHIPPER,
        "role_descriptors": {"auditweir_shipper": {
            "cluster": [],
            "indices": [{"names": [PATTERN, ALERTS], "privileges": ["create_doc", "auto_configure"]}],
        }},
        "metadata": meta(),
    });
    let pipeline = json!({
        "description": "Where source.ip is, and when the event was stored",
        "processors": [
            {"set": {"field": "event.ingested", "value": "{{{_ingest.timestamp}}}"}},
            {"geoip": {"field": "source.ip", "target_field": "source.geo", "ignore_missing": true}},
            {"geoip": {
                "field": "source.ip", "target_field": "source.as", "ignore_missing": true,
                "database_file": "GeoLite2-ASN.mmdb", "properties": ["asn", "organization_name"],
            }},
            {"rename": {
                "field": "source.as.asn", "target_field": "source.as.number",
                "ignore_missing": true,
            }},
            {"rename": {
                "field": "source.as.organization_name",
                "target_field": "source.as.organization.name", "ignore_missing": true,
            }},
        ],
        // an event is worth more than its place on a map
        "on_failure": [{"append": {"field": "tags", "value": "geoip_failed"}}],
    });
    vec![
        asset("ilm-policy.json", ("PUT", format!("/_ilm/policy/{LIFECYCLE}"), lifecycle)),
        asset(
            "component-mappings.json",
            component(MAPPINGS, &json!({"mappings": mappings(Cluster::Elasticsearch)})),
        ),
        asset("component-settings.json", component(SETTINGS, &settings)),
        asset(
            "component-rules.json",
            component(RULES, &json!({"mappings": {"runtime": runtime()}})),
        ),
        asset("index-template.json", index_template(&template)),
        alerts_template(Cluster::Elasticsearch, &json!({"lifecycle": {"name": LIFECYCLE}})),
        asset("api-key.json", ("POST", "/_security/api_key".into(), key)),
        asset("geoip-pipeline.json", geoip(pipeline)).optional(),
    ]
}

fn opensearch() -> Vec<Asset> {
    let lifecycle = json!({"policy": {
        "description": "Kubernetes audit events: rolled over, merged after a week, kept 90 days",
        "default_state": "hot",
        "states": [
            {
                "name": "hot",
                "actions": [{"rollover": {
                    "min_primary_shard_size": "30gb", "min_index_age": "7d",
                }}],
                "transitions": [{
                    "state_name": "warm", "conditions": {"min_rollover_age": "7d"},
                }],
            },
            {
                "name": "warm",
                "actions": [{"force_merge": {"max_num_segments": 1}}],
                "transitions": [{
                    "state_name": "delete", "conditions": {"min_rollover_age": "90d"},
                }],
            },
            {"name": "delete", "actions": [{"delete": {}}], "transitions": []},
        ],
        "ism_template": [{"index_patterns": [PATTERN, ALERTS], "priority": 100}],
    }});
    let settings = json!({"settings": {"index": {"codec": "best_compression"}}});
    let template = json!({
        "index_patterns": [PATTERN],
        "data_stream": {},
        "priority": PRIORITY,
        "composed_of": [MAPPINGS, SETTINGS],
        "_meta": meta(),
    });
    let role = json!({
        "description": "Adds Kubernetes audit events; reads and changes nothing",
        "cluster_permissions": ["indices:data/write/bulk"],
        "index_permissions": [{
            "index_patterns": [PATTERN, ALERTS],
            "allowed_actions": [
                "indices:data/write/index",
                "indices:data/write/bulk*",
                "indices:admin/auto_create",
                "indices:admin/mapping/auto_put",
            ],
        }],
    });
    let source = json!({"endpoint": "https://geoip.maps.opensearch.org/v1/geolite2-city/manifest.json",
                        "update_interval_in_days": 3});
    let pipeline = json!({
        "description": "Where source.ip is, and when the event was stored",
        "processors": [
            {"set": {"field": "event.ingested", "value": "{{{_ingest.timestamp}}}"}},
            {"ip2geo": {
                "field": "source.ip", "target_field": "source.geo", "datasource": PIPELINE,
                "ignore_missing": true,
                "properties": ["city_name", "continent_name", "country_iso_code", "country_name",
                               "location", "region_iso_code", "region_name"],
            }},
        ],
        "on_failure": [{"append": {"field": "tags", "value": "geoip_failed"}}],
    });
    vec![
        asset(
            "component-mappings.json",
            component(MAPPINGS, &json!({"mappings": mappings(Cluster::Opensearch)})),
        ),
        asset("component-settings.json", component(SETTINGS, &settings)),
        asset("index-template.json", index_template(&template)),
        alerts_template(Cluster::Opensearch, &json!({})),
        asset(
            "ism-policy.json",
            ("PUT", format!("/_plugins/_ism/policies/{LIFECYCLE}"), lifecycle),
        ),
        asset("role.json", ("PUT", "/_plugins/_security/api/roles/auditweir_shipper".into(), role)),
        asset(
            "geoip-datasource.json",
            ("PUT", format!("/_plugins/geospatial/ip2geo/datasource/{PIPELINE}"), source),
        )
        .optional(),
        asset("geoip-pipeline.json", geoip(pipeline)).optional(),
    ]
}

fn index_template(body: &Value) -> (&'static str, String, Value) {
    ("PUT", format!("/_index_template/{TEMPLATE}"), body.clone())
}

/// For the alerts of `auditweir serve --alerts`.
fn alerts_template(cluster: Cluster, index: &Value) -> Asset {
    let body = json!({
        "index_patterns": [ALERTS],
        "data_stream": {},
        "priority": PRIORITY,
        "template": {"settings": {"index": index}, "mappings": alerts(cluster)},
        "_meta": meta(),
    });
    let path = format!("/_index_template/{ALERTS_TEMPLATE}");
    asset("alerts-template.json", ("PUT", path, body))
}

fn geoip(body: Value) -> (&'static str, String, Value) {
    ("PUT", format!("/_ingest/pipeline/{PIPELINE}"), body)
}
