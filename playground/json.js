// JSON as it is written: numbers and strings keep their bytes, keys their order, doubles stay.

/** Deeper than the filter goes; what is deeper is shown as text. */
const DEEPEST = 220;

/** Reads JSON text into nodes { members }, { items } or { text }; null when it is none. */
function readJson(text) {
  let at = 0;
  const token = /\s*(?:([{}[\],:])|("(?:[^"\\]|\\.)*")|([^\s{}[\],:"]+))/y;
  const next = () => {
    token.lastIndex = at;
    const found = token.exec(text);
    if (found === null) return null;
    at = token.lastIndex;
    return found[1] ?? found[2] ?? found[3];
  };
  const peek = () => {
    const before = at;
    const found = next();
    at = before;
    return found;
  };
  const value = (depth) => {
    if (depth > DEEPEST) throw new RangeError("too deep");
    const first = next();
    if (first === "{") {
      const members = [];
      if (peek() === "}") { next(); return { members }; }
      for (;;) {
        const key = next();
        if (key?.[0] !== '"' || next() !== ":") throw new SyntaxError("a member");
        members.push([key, value(depth + 1)]);
        const end = next();
        if (end === "}") return { members };
        if (end !== ",") throw new SyntaxError("the end of a member");
      }
    }
    if (first === "[") {
      const items = [];
      if (peek() === "]") { next(); return { items }; }
      for (;;) {
        items.push(value(depth + 1));
        const end = next();
        if (end === "]") return { items };
        if (end !== ",") throw new SyntaxError("the end of an item");
      }
    }
    if (first === null || "}],:".includes(first)) throw new SyntaxError("a value");
    return { text: first };
  };
  try {
    const node = value(0);
    return text.slice(at).trim() === "" ? node : null;
  } catch {
    return null;
  }
}

/** The value of a string's text, or null. */
function stringOf(node) {
  if (node.text?.[0] !== '"') return null;
  try { return JSON.parse(node.text); } catch { return null; }
}

function member(node, name) {
  return node?.members?.find(([key]) => key === JSON.stringify(name))?.[1] ?? null;
}

/** The event of this audit id within an envelope, also inside text. */
function findEvent(node, id, depth = 0) {
  if (node === null || depth > 12) return null;
  if (node.members && stringOf(member(node, "auditID") ?? {}) === id) return node;
  for (const inner of node.items ?? node.members?.map(([, value]) => value) ?? []) {
    let found = findEvent(inner, id, depth + 1);
    const text = found === null ? stringOf(inner) : null;
    if (text?.includes(id)) found = findEvent(readJson(text.slice(Math.max(0, text.indexOf("{")))), id, depth + 1);
    if (found !== null) return found;
  }
  return null;
}

/** Marks in `one` what `other` has no more or has otherwise. */
function differences(one, other, marked) {
  if (one.members && other?.members) {
    const rest = new Map(other.members);
    for (const [key, value] of one.members) {
      if (rest.has(key)) differences(value, rest.get(key), marked);
      else marked.add(value);
    }
  } else if (one.items && other?.items) {
    one.items.forEach((item, at) => differences(item, other.items[at], marked));
  } else if (one.text === undefined || one.text !== other?.text) {
    marked.add(one);
  }
}

/** Puts a node into an element, indented; what is marked in <mark>. */
function writeJson(node, element, marked) {
  let pending = "";
  let into = element;
  const flush = () => { if (pending !== "") into.append(pending); pending = ""; };
  const inside = (tag, name, write) => {
    flush();
    const outer = into;
    into = document.createElement(tag);
    if (name) into.className = name;
    write();
    flush();
    outer.append(into);
    into = outer;
  };
  const body = (node, indent) => {
    const [open, close, parts] = node.members ? ["{", "}", node.members] : ["[", "]", node.items];
    if (parts.length === 0) { pending += open + close; return; }
    pending += open;
    parts.forEach((part, at) => {
      pending += (at === 0 ? "\n" : ",\n") + "  ".repeat(indent + 1);
      if (node.members) {
        inside("span", "k", () => { pending += part[0]; });
        pending += ": ";
      }
      write(node.members ? part[1] : part, indent + 1);
    });
    pending += "\n" + "  ".repeat(indent) + close;
  };
  const write = (node, indent) => {
    const plain = () => { if (node.text === undefined) body(node, indent); else pending += node.text; };
    if (marked.has(node)) inside("mark", "", plain);
    else plain();
  };
  write(node, 0);
  flush();
}
