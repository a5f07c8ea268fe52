//! How to install the files, and what to expect.
#![allow(clippy::format_push_string, reason = "a text that is put together once")]

use super::{Asset, PIPELINE};
use crate::args::Cluster;

/// The README of the folder.
pub(super) fn text(cluster: Cluster, assets: &[Asset]) -> String {
    let (name, flag, variable, output) = match cluster {
        Cluster::Elasticsearch => ("Elasticsearch", "elasticsearch", "ES", "es"),
        Cluster::Opensearch => ("OpenSearch", "opensearch", "OS", "opensearch"),
    };
    let mut text =
        format!("# {name}\n\nWritten by `auditweir assets --for {flag} --out DIR`; do not edit. ");
    text.push_str(match cluster {
        Cluster::Elasticsearch => INTRODUCTION_ELASTICSEARCH,
        Cluster::Opensearch => INTRODUCTION_OPENSEARCH,
    });
    let (product, header) = match cluster {
        Cluster::Elasticsearch => ("KIBANA", "kbn-xsrf: true"),
        Cluster::Opensearch => ("DASHBOARDS", "osd-xsrf: true"),
    };
    text.push_str(&format!(
        "\n## Install\n\n```sh\n\
         export {variable}=https://admin:password@{flag}.example.com:9200\n\
         export {product}=https://admin:password@dashboards.example.com:5601\n"
    ));
    let mut optional = String::new();
    for asset in assets {
        let Some((method, path)) = &asset.install else { continue };
        let line = format!(
            "curl -fsS -X {method} \"${variable}{path}\" -H 'Content-Type: application/json' -d @{}\n",
            asset.name
        );
        if asset.optional { &mut optional } else { &mut text }.push_str(&line);
    }
    for board in ["dashboard.ndjson", "alerts-dashboard.ndjson"] {
        text.push_str(&format!(
            "curl -fsS -X POST \"${product}/api/saved_objects/_import?overwrite=true\" -H '{header}' \
             -F file=@{board}\n"
        ));
    }
    text.push_str("```\n\n");
    text.push_str(match cluster {
        Cluster::Elasticsearch => INSTALLED_ELASTICSEARCH,
        Cluster::Opensearch => INSTALLED_OPENSEARCH,
    });
    text.push_str(&format!(
        "\nOptional: where source addresses are on the map, and `event.ingested`.\n\n```sh\n{optional}```\n\n\
         Then name the pipeline in the settings, `\"default_pipeline\": \"{PIPELINE}\"` under \
         `index`, or in the shipper's output.\n"
    ));
    text.push_str(&output_text(cluster, output));
    text.push_str(EXPECT);
    text.push_str(match cluster {
        Cluster::Elasticsearch => EXPECT_ELASTICSEARCH,
        Cluster::Opensearch => EXPECT_OPENSEARCH,
    });
    text
}

fn output_text(cluster: Cluster, output: &str) -> String {
    let vector = match cluster {
        Cluster::Elasticsearch => "    api_version: v8\n",
        Cluster::Opensearch => "    api_version: v7\n",
    };
    let access = match cluster {
        Cluster::Elasticsearch => {
            "Access is by the key that `api-key.json` made: put its `encoded` value into the header \
             `Authorization: ApiKey …`. It can add documents to these data streams, and neither \
             read, change nor delete.\n"
        }
        Cluster::Opensearch => {
            "Map a user to the role `auditweir_shipper`: it can add documents to these data streams, \
             and neither read nor delete. A data stream takes `create` alone, so nothing is \
             overwritten through its name.\n"
        }
    };
    format!(
        "\n## Output of the shipper\n\nWhatever sends it: bulk action `create`, and as the \
         document's id `event.hash`. An event that is sent twice is stored once; the second answer \
         is 409, which is success.\n\n\
         Fluent Bit:\n\n```yaml\n- name: {output}\n  match: kube.audit\n  \
         index: logs-kubernetes.audit_logs-default\n  suppress_type_name: on\n  \
         write_operation: create\n  id_key: $event['hash']\n  time_key: fluent_bit_time\n  \
         trace_error: on\n```\n\n\
         Vector:\n\n```yaml\n    type: elasticsearch\n{vector}    mode: data_stream\n    \
         data_stream: {{ type: logs, dataset: kubernetes.audit_logs, namespace: default }}\n    \
         bulk: {{ action: create }}\n    id_key: auditweir_document_id\n```\n\n\
         Complete ones are in [`../fluent-bit`](../fluent-bit) and [`../vector`](../vector).\n\n\
         {access}"
    )
}

const INTRODUCTION_ELASTICSEARCH: &str = "For Elasticsearch and Kibana
8.9 or later and output of the shape `ecs`. The data stream is `logs-kubernetes.audit_logs-default`,
where Elastic's prebuilt rules for Kubernetes look. What is common to both is tested with OpenSearch,
see [`../opensearch`](../opensearch); no test starts Elasticsearch or Kibana.

| file | |
| --- | --- |
| `ilm-policy.json` | rolled over at 30 GB or 7 days, merged after 7, deleted after 90 |
| `component-mappings.json` | a type for every field |
| `component-settings.json` | compression, life cycle |
| `component-rules.json` | runtime fields over request and response bodies, for the prebuilt rules |
| `index-template.json` | puts them together |
| `api-key.json` | a key that can add documents and nothing else |
| `geoip-pipeline.json` | optional |
| `alerts-template.json` | types of alerts, which `serve --alerts` sends |
| `dashboard.ndjson` | data view, visualisations, dashboard |
| `alerts-dashboard.ndjson` | the same for alerts |
";

const INTRODUCTION_OPENSEARCH: &str = "For OpenSearch 2.12 or later
and output of the shape `ecs`. The data stream is `logs-kubernetes.audit_logs-default`.
`cargo xtask stack-test` installs them as below on 2.19.1 or 3.8.0 and puts them to the test; security,
index management and Dashboards are plugins and programs that it does not have.

| file | |
| --- | --- |
| `component-mappings.json` | a type for every field |
| `component-settings.json` | compression |
| `index-template.json` | puts them together |
| `ism-policy.json` | rolled over at 30 GB or 7 days, merged after 7, deleted after 90 |
| `role.json` | may add documents and nothing else |
| `geoip-datasource.json`, `geoip-pipeline.json` | optional |
| `alerts-template.json` | types of alerts, which `serve --alerts` sends |
| `dashboard.ndjson` | index pattern, visualisations, dashboard |
| `alerts-dashboard.ndjson` | the same for alerts |
";

const INSTALLED_ELASTICSEARCH: &str = "\
Settings of your own belong into a component template `logs-kubernetes.audit_logs@custom`, which the
template reads if there is one. Where Elastic's Kubernetes integration is installed, its ingest
pipeline does not run on this data stream while this template is in front (priority 250).
";

const INSTALLED_OPENSEARCH: &str = "\
The policy applies to data streams created after it. Security and index management are plugins: where
one is missing, so is its request.
";

const EXPECT: &str = "
## What to expect

- The number of fields is fixed: `dynamic` is off but for `labels`, whose names the auditweir policy
  gives. Labels, annotations and bodies cannot add any.
- Request and response bodies are one field each that takes any shape; names with dots, mixed types
  and long texts are no conflict. What no such field could take arrives as JSON text under `text`.
- Annotations that kube-apiserver writes are fields. Those of webhooks stay in the document; map the
  ones you search for.
- Every document says its data stream. `data_stream.*` is no `constant_keyword`: a document sent to
  another index is stored there and not refused.
- Ids are unique within one backing index. A retry that comes after a rollover is stored twice; count
  `event.hash` where that matters.
- What auditweir could not read is a stub, `event.kind: pipeline_error`, with the reason in
  `auditweir.stub`.
";

const EXPECT_ELASTICSEARCH: &str = "\
- `index.mode` is `standard`. With `logsdb` and synthetic source, documents come back rebuilt: less
  disk, but lists inside bodies lose order and doubles.
- A runtime field costs time only in a query that names it, and only for documents that its other
  conditions leave.
";

const EXPECT_OPENSEARCH: &str = "\
- Members of bodies can be searched, by value (`kubernetes.audit.requestObject.spec.hostPID:true`) or
  by how a value begins; not aggregated, and `*x*` finds nothing in the search bar: `flat_object` can
  do no more. A `wildcard` query of the search API can. Images, commands, roles and names that were
  given have fields of their own (`container.image.name`, `process.args`, `user.target.*`).
";
