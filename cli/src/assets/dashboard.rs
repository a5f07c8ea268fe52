//! Dashboards as saved objects.
//!
//! Visualisations are of the kind that counts documents by their terms: Kibana and OpenSearch
//! Dashboards have it in common, and its format has not changed since they parted.

use auditweir::panels::{ALERT_PANELS, NONE, PANELS, Panel, Shape};
use serde_json::{Value, json};

use super::{ALERTS, PATTERN};
use crate::args::Cluster;

/// One dashboard and the data streams it is over.
pub(super) struct Board {
    /// Id of the data view, and lead of all other ids.
    view: &'static str,
    title: &'static str,
    about: &'static str,
    pattern: &'static str,
    /// What is counted.
    counted: &'static str,
    panels: &'static [Panel],
}

/// Of audit events.
pub(super) const EVENTS_BOARD: Board = Board {
    view: "auditweir-kubernetes-audit",
    title: "Kubernetes audit",
    about: "Audit events of the API server, cleaned by auditweir",
    pattern: PATTERN,
    counted: "Events",
    panels: PANELS,
};

/// Of alerts.
pub(super) const ALERTS_BOARD: Board = Board {
    view: "auditweir-alerts",
    title: "Kubernetes audit alerts",
    about: "What detection rules of auditweir found",
    pattern: ALERTS,
    counted: "Alerts",
    panels: ALERT_PANELS,
};

/// Of the 48 columns and so many rows.
const WIDTH: usize = 24;
const HEIGHT: usize = 13;

/// One object a line: data view, a visualisation per panel, the dashboard.
pub(super) fn saved_objects(cluster: Cluster, board: &Board) -> String {
    let mut attributes = json!({"title": board.pattern, "timeFieldName": "@timestamp"});
    if cluster == Cluster::Elasticsearch {
        attributes["name"] = board.title.into();
    }
    let mut lines = object(cluster, "index-pattern", board.view, &attributes, &json!([]));
    for panel in board.panels {
        lines.push_str(&visualization(cluster, board, panel));
    }
    lines.push_str(&dashboard(cluster, board));
    lines
}

impl Board {
    fn id(&self, panel: &Panel) -> String {
        format!("{}-{}", self.view, panel.id)
    }
}

/// A saved object, with the version its format is of: Kibana 8.9, or the Kibana that OpenSearch
/// Dashboards was made from. Newer ones bring it up to date as they import it.
fn object(
    cluster: Cluster,
    kind: &str,
    id: &str,
    attributes: &Value,
    references: &Value,
) -> String {
    let mut object = json!({
        "id": id, "type": kind, "attributes": attributes, "references": references,
    });
    match cluster {
        Cluster::Elasticsearch => {
            object["coreMigrationVersion"] = "8.8.0".into();
            object["typeMigrationVersion"] = match kind {
                "index-pattern" => "8.0.0",
                "visualization" => "8.5.0",
                _ => "8.9.0",
            }
            .into();
        }
        Cluster::Opensearch => {
            let version = match kind {
                "index-pattern" => "7.6.0",
                "visualization" => "7.10.0",
                _ => "7.9.3",
            };
            object["migrationVersion"] = json!({kind: version});
        }
    }
    format!("{object}\n")
}

fn visualization(cluster: Cluster, board: &Board, panel: &Panel) -> String {
    const INDEX: &str = "kibanaSavedObjectMeta.searchSourceJSON.index";
    let (kind, aggregations, parameters) = match panel.shape {
        Shape::OverTime { by } => ("histogram", over_time(cluster, by), bars(board.counted)),
        Shape::Top { rows, most } => ("table", top(rows, most), table()),
        _ => unreachable!("{} has a shape of its own", panel.id),
    };
    let state = json!({
        "title": panel.title, "type": kind, "aggs": aggregations, "params": parameters,
    });
    let search = json!({
        "query": {"query": panel.query(), "language": "lucene"},
        "filter": [],
        "indexRefName": INDEX,
    });
    let attributes = json!({
        "title": format!("{}: {}", board.title, panel.title),
        "description": panel.about,
        "visState": state.to_string(),
        "uiStateJSON": "{}",
        "version": 1,
        "kibanaSavedObjectMeta": {"searchSourceJSON": search.to_string()},
    });
    let references = json!([{"name": INDEX, "type": "index-pattern", "id": board.view}]);
    object(cluster, "visualization", &board.id(panel), &attributes, &references)
}

fn count() -> Value {
    json!({"id": "1", "enabled": true, "type": "count", "schema": "metric", "params": {}})
}

fn over_time(cluster: Cluster, by: &str) -> Value {
    let normalized = match cluster {
        Cluster::Elasticsearch => "useNormalizedEsInterval",
        Cluster::Opensearch => "useNormalizedOpenSearchInterval",
    };
    let mut dates = json!({
        "field": "@timestamp", "interval": "auto", "scaleMetricValues": false,
        "drop_partials": false, "min_doc_count": 1, "extended_bounds": {},
    });
    dates[normalized] = true.into();
    json!([
        count(),
        {"id": "2", "enabled": true, "type": "date_histogram", "schema": "segment",
         "params": dates},
        terms(3, "group", by, 10, false),
    ])
}

fn top(rows: &[&str], most: u32) -> Value {
    let mut all = vec![count()];
    for (at, field) in rows.iter().enumerate() {
        all.push(terms(at + 2, "bucket", field, most, at > 0));
    }
    all.into()
}

fn terms(number: usize, schema: &str, field: &str, most: u32, missing: bool) -> Value {
    json!({
        "id": number.to_string(), "enabled": true, "type": "terms", "schema": schema,
        "params": {
            "field": field, "orderBy": "1", "order": "desc", "size": most,
            "otherBucket": false, "otherBucketLabel": "(others)",
            "missingBucket": missing, "missingBucketLabel": NONE,
        },
    })
}

fn bars(counted: &str) -> Value {
    json!({
        "type": "histogram",
        "grid": {"categoryLines": false},
        "categoryAxes": [{
            "id": "CategoryAxis-1", "type": "category", "position": "bottom", "show": true,
            "style": {}, "scale": {"type": "linear"},
            "labels": {"show": true, "filter": true, "truncate": 100}, "title": {},
        }],
        "valueAxes": [{
            "id": "ValueAxis-1", "name": "LeftAxis-1", "type": "value", "position": "left",
            "show": true, "style": {}, "scale": {"type": "linear", "mode": "normal"},
            "labels": {"show": true, "rotate": 0, "filter": false, "truncate": 100},
            "title": {"text": counted},
        }],
        "seriesParams": [{
            "show": true, "type": "histogram", "mode": "stacked",
            "data": {"label": counted, "id": "1"}, "valueAxis": "ValueAxis-1",
            "drawLinesBetweenPoints": true, "lineWidth": 2, "showCircles": true,
        }],
        "addTooltip": true, "addLegend": true, "legendPosition": "right", "times": [],
        "addTimeMarker": false, "labels": {"show": false},
        "thresholdLine": {
            "show": false, "value": 10, "width": 1, "style": "full", "color": "#E7664C",
        },
    })
}

fn table() -> Value {
    json!({
        "perPage": 10, "showPartialRows": false, "showMetricsAtAllLevels": false,
        "showTotal": false, "totalFunc": "sum", "percentageCol": "",
    })
}

fn dashboard(cluster: Cluster, board: &Board) -> String {
    let mut panels = Vec::new();
    let mut references = Vec::new();
    for (at, panel) in board.panels.iter().enumerate() {
        let place = json!({
            "x": at % 2 * WIDTH, "y": at / 2 * HEIGHT, "w": WIDTH, "h": HEIGHT, "i": panel.id,
        });
        // each looks its panels up in its own way
        let (name, reference, version) = match cluster {
            Cluster::Elasticsearch => {
                let name = format!("panel_{}", panel.id);
                (name.clone(), format!("{}:{name}", panel.id), "8.9.0")
            }
            Cluster::Opensearch => (format!("panel_{at}"), format!("panel_{at}"), "7.9.3"),
        };
        panels.push(json!({
            "version": version, "type": "visualization", "gridData": place,
            "panelIndex": panel.id, "embeddableConfig": {}, "panelRefName": name,
        }));
        references.push(json!({"name": reference, "type": "visualization", "id": board.id(panel)}));
    }
    let search = json!({"query": {"query": "", "language": "lucene"}, "filter": []});
    let attributes = json!({
        "title": board.title,
        "description": board.about,
        "panelsJSON": Value::from(panels).to_string(),
        "optionsJSON": json!({"hidePanelTitles": false, "useMargins": true}).to_string(),
        "version": 1,
        "timeRestore": true,
        "timeFrom": "now-24h",
        "timeTo": "now",
        "refreshInterval": {"pause": true, "value": 0},
        "kibanaSavedObjectMeta": {"searchSourceJSON": search.to_string()},
    });
    object(cluster, "dashboard", board.view, &attributes, &references.into())
}
