// What the schema says about the place in the policy where the cursor is.

/** The keys above a line, outermost first; `[]` for an item. By indentation, as people write it. */
function placeOf(text, at) {
  const lines = text.slice(0, at).split("\n");
  const rest = text.slice(at).split("\n", 1)[0];
  lines[lines.length - 1] += rest;
  const path = [];
  let below = Infinity;
  for (let number = lines.length - 1; number >= 0; number--) {
    const found = /^(\s*)((?:-\s+)*)(?:("?)([^\s:#"]+)\3\s*:(?:\s|$)(.*))?/.exec(lines[number]);
    const blank = lines[number].trim() === "" || lines[number].trim()[0] === "#";
    if (blank && number !== lines.length - 1) continue;
    const indent = found[1].length + found[2].length;
    const last = number === lines.length - 1;
    if (last) {
      if (found[4]) path.unshift(found[4]);
      below = blank ? found[1].length : indent;
      if (found[2]) { path.unshift("[]"); below = found[1].length + 0.5; }
      continue;
    }
    if (indent < below && found[4]) {
      path.unshift(found[4]);
      below = indent;
      if (found[2]) { path.unshift("[]"); below = found[1].length + 0.5; }
    } else if (found[2] && found[1].length < below && indent <= below) {
      path.unshift("[]");
      below = found[1].length + 0.5;
    }
  }
  return path;
}

function resolve(schema, root) {
  let found = schema;
  for (let step = 0; step < 8 && found; step++) {
    if (found.$ref) found = { ...root.$defs[found.$ref.split("/").pop()], ...found, $ref: undefined };
    else if (found.anyOf) found = { ...found.anyOf.find((one) => one.type !== "null"), ...found, anyOf: undefined };
    else break;
  }
  return found ?? null;
}

/** The schema of a place, and of what holds it. */
function schemaOf(path, root) {
  let here = resolve(root, root);
  let parent = null;
  for (const key of path) {
    parent = here;
    const inner = key === "[]" ? here?.items : here?.properties?.[key] ?? (typeof here?.additionalProperties === "object" ? here.additionalProperties : null);
    here = inner ? resolve(inner, root) : null;
    if (here === null) break;
  }
  return { here, parent };
}

/** Choices for a place: values of an enumeration, or keys of an object. */
function choicesOf(schema) {
  if (!schema) return { kind: "none", names: [] };
  const values = schema.enum ?? schema.oneOf?.flatMap((one) => one.const ?? one.enum ?? []);
  if (values?.length) return { kind: "value", names: values, about: (name) => schema.oneOf?.find((one) => one.const === name)?.description };
  if (schema.type === "boolean" || schema.type?.includes?.("boolean")) return { kind: "value", names: ["true", "false"] };
  const keys = Object.keys(schema.properties ?? schema.items?.properties ?? {});
  return { kind: "key", names: keys, about: (name) => schema.properties?.[name]?.description };
}
