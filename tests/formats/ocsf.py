"""Validates OCSF events, one a line, without network: python3 ocsf.py FILE

With the schema that the package ocsf-json-schema carries, and what its JSON Schema cannot say:
uids that are computed, profiles that are declared and used, captions beside ids, constraints, and
observables that name an attribute and repeat its value.
"""

import json
import sys

import jsonschema
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

VERSION = "1.8.0"
CLASSES = {6003: "api_activity", 2004: "detection_finding"}
OCSF = get_ocsf_schema(VERSION)
VALIDATORS = {}


def validator(name, profiles):
    if (name, profiles) not in VALIDATORS:
        schema = OcsfJsonSchemaEmbedded(OCSF).get_class_schema(name, list(profiles))
        VALIDATORS[name, profiles] = jsonschema.Draft202012Validator(schema)
    return VALIDATORS[name, profiles]


def values(value, path):
    """All values at a dotted path, through lists."""
    if isinstance(value, list):
        return [found for item in value for found in values(item, path)]
    if not path:
        return [value]
    if isinstance(value, dict) and path[0] in value:
        return values(value[path[0]], path[1:])
    return []


def walk(value, attributes, constraints, path, wrong):
    for name in constraints:
        present = [key for key in constraints[name] if key in value]
        if name == "at_least_one" and not present:
            wrong.append(f"{path}: none of {constraints[name]}")
        if name == "just_one" and len(present) != 1:
            wrong.append(f"{path}: {present} of {constraints[name]}")
    for name, attribute in attributes.items():
        here = f"{path}.{name}"
        if name not in value:
            declared = attribute.get("profiles") is None
            if attribute.get("requirement") == "required" and declared:
                wrong.append(f"{here}: required")
            continue
        if "@deprecated" in attribute:
            wrong.append(f"{here}: deprecated")
        found = value[name]
        captions = attribute.get("enum")
        sibling = attribute.get("sibling") or (name[:-3] if name.endswith("_id") else None)
        if captions and sibling in attributes and isinstance(found, int):
            text = value.get(sibling)
            caption = captions.get(str(found), {}).get("caption")
            if caption is None:
                wrong.append(f"{here}: {found} is no value of the enum")
            elif found == 99 and (not text or text == caption):
                wrong.append(f"{here}: 99 needs a text of its own in {sibling}")
            elif found != 99 and text != caption:
                wrong.append(f"{here}: {sibling} is {text!r} instead of {caption!r}")
        kind = attribute.get("object_type")
        if kind and kind in OCSF["objects"] and kind != "object":
            schema = OCSF["objects"][kind]
            for item in found if isinstance(found, list) else [found]:
                walk(item, schema["attributes"], schema.get("constraints") or {}, here, wrong)


def empty(value, path, wrong):
    """Nothing is null or empty, but for what the event's own bodies hold."""
    if path in (".api.request.data", ".api.response.data"):
        return
    if value is None or value in ("", [], {}):
        wrong.append(f"{path}: empty")
    for name, item in value.items() if isinstance(value, dict) else []:
        empty(item, f"{path}.{name}", wrong)
    for item in value if isinstance(value, list) else []:
        empty(item, path, wrong)


def check(event):
    wrong = []
    name = CLASSES.get(event.get("class_uid"), "api_activity")
    profiles = tuple(event.get("metadata", {}).get("profiles", ()))
    if list(profiles) != sorted(set(profiles)):
        wrong.append(f"metadata.profiles: {profiles} is not sorted or has doubles")
    for profile in profiles:
        attributes = OCSF["classes"][name]["attributes"]
        of = {name for name, a in attributes.items() if profile in (a.get("profiles") or ())}
        if not of & set(event):
            wrong.append(f"metadata.profiles: {profile} is declared and not used")
    for error in validator(name, profiles).iter_errors(event):
        wrong.append(f"{error.json_path}: {error.message[:300]}")
    if event.get("metadata", {}).get("version") != OCSF["version"]:
        wrong.append("metadata.version: is not that of the schema")
    schema = OCSF["classes"][name]
    activity, uid = event.get("activity_id"), event.get("class_uid")
    if uid != schema["uid"] or event.get("category_uid") != uid // 1000:
        wrong.append(f"class_uid {uid}, category_uid {event.get('category_uid')}")
    if event.get("type_uid") != uid * 100 + activity:
        wrong.append(f"type_uid {event.get('type_uid')} with activity {activity}")
    if event.get("class_name") != schema["caption"]:
        wrong.append(f"class_name {event.get('class_name')}")
    walk(event, schema["attributes"], schema.get("constraints") or {}, "", wrong)
    empty(event, "", wrong)
    for seen in event.get("observables", []):
        found = values(event, seen.get("name", "").split("."))
        if seen.get("value") not in found:
            wrong.append(f"observables: {seen} is not among {found}")
    return wrong


def main():
    events = failed = 0
    for number, line in enumerate(open(sys.argv[1], encoding="utf-8"), 1):
        events += 1
        wrong = check(json.loads(line))
        if wrong:
            failed += 1
            if failed <= 20:
                print(f"{sys.argv[1]}:{number}:", *wrong, line[:2000], sep="\n  ")
    print(f"OCSF {VERSION}: {events} events, {events - failed} valid, {failed} not")
    return 1 if failed or not events else 0


sys.exit(main())
