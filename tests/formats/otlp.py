"""Validates OTLP-JSON log export requests, one a line, without network: python3 otlp.py FILE

With OpenTelemetry's own protobuf classes; attribute names outside `k8s.audit` are looked up in the
semantic conventions.
"""

import importlib
import json
import pkgutil
import sys

from google.protobuf import json_format
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.semconv import attributes as stable
from opentelemetry.semconv._incubating import attributes as incubating

NAMES = set()
for package in (stable, incubating):
    for module in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{module.name}")
        NAMES |= {value for value in vars(module).values() if isinstance(value, str)}


def check(line):
    request = json_format.Parse(line, ExportLogsServiceRequest(), ignore_unknown_fields=False)
    wrong = []
    (resource_logs,) = request.resource_logs
    (scope_logs,) = resource_logs.scope_logs
    (record,) = scope_logs.log_records
    for attributes in (resource_logs.resource.attributes, record.attributes):
        keys = [attribute.key for attribute in attributes]
        if len(keys) != len(set(keys)):
            wrong.append(f"an attribute is there twice: {sorted(keys)}")
        for attribute in attributes:
            if not attribute.key.startswith("k8s.audit.") and attribute.key not in NAMES:
                wrong.append(f"{attribute.key} is not in the semantic conventions")
            if attribute.value.WhichOneof("value") is None:
                wrong.append(f"{attribute.key} has no value")
            if attribute.value.WhichOneof("value") in ("string_value", "array_value") and not (
                attribute.value.string_value or attribute.value.array_value.values
            ):
                wrong.append(f"{attribute.key} is empty")
    if not any(a.key == "service.name" for a in resource_logs.resource.attributes):
        wrong.append("the resource has no service.name")
    if not record.event_name or not 1 <= record.severity_number <= 24:
        wrong.append("event name or severity is missing")
    if resource_logs.schema_url != scope_logs.schema_url or not scope_logs.scope.name:
        wrong.append("schema URL or scope")
    json.loads(record.body.string_value)
    again = json_format.Parse(json_format.MessageToJson(request), ExportLogsServiceRequest())
    if again != request:
        wrong.append("does not survive a round trip")
    return wrong


def main():
    requests = failed = 0
    for number, line in enumerate(open(sys.argv[1], encoding="utf-8"), 1):
        requests += 1
        try:
            wrong = check(line)
        except (json_format.ParseError, ValueError) as error:
            wrong = [str(error)]
        if wrong:
            failed += 1
            if failed <= 20:
                print(f"{sys.argv[1]}:{number}:", *wrong, line[:2000], sep="\n  ")
    print(f"OTLP JSON: {requests} requests, {requests - failed} valid, {failed} not")
    return 1 if failed or not requests else 0


sys.exit(main())
