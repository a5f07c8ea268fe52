// The page: reads what was pasted, asks the worker, shows what it says. No request is ever made.

const $ = (id) => document.getElementById(id);
const facts = JSON.parse($("facts").textContent);
const DEFAULT_FORMAT = "native";
/** Rows of the list; more make it slow to move in. */
const LISTED = 400;
/** Larger texts are shown in part: browsers stop to think. */
const SHOWN = 300_000;

/** For the action `pseudonym`: of this page alone, never in a link. */
const key = crypto.getRandomValues(new Uint8Array(32));
key[31] = 1; // white space at the end is no part of a key
let rows = [];
let output = "";
let chosen = 0;
let asked = 0;
let policyIsGood = true;

// ---------------------------------------------------------------- the worker

function bytesOf(base64) {
  const text = atob(base64.trim());
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

function startWorker() {
  const source = new Blob([$("glue").textContent, $("worker").textContent], { type: "text/javascript" });
  const url = URL.createObjectURL(source);
  const worker = new Worker(url);
  worker.onmessage = ({ data }) => {
    if (data.ready) { URL.revokeObjectURL(url); ask(); }
    else if (data.checked) showPolicy(data);
    else if (data.ran === asked) showRun(data);
  };
  worker.onerror = (error) => say(`The filter stopped: ${error.message}. Open the page again.`);
  worker.postMessage({ module: bytesOf($("module").textContent) });
  return worker;
}

const format = () => document.querySelector("input[name=format]:checked").value;

function ask() {
  asked += 1;
  const policy = $("policy").value;
  worker.postMessage({ check: asked, policy, key });
  worker.postMessage({ run: asked, log: $("log").value, policy, format: format(), key });
}

let waiting = 0;
function askSoon() {
  clearTimeout(waiting);
  waiting = setTimeout(ask, 250);
}

function say(text) { $("status").textContent = text; }

// ---------------------------------------------------------------- policy

function showPolicy({ checked, error }) {
  if (checked !== asked) return;
  policyIsGood = error === null;
  const said = $("policy-said");
  said.className = `said ${policyIsGood ? "good" : "bad"}`;
  const place = /^policy:(\d+):(\d+): (.*)$/s.exec(error ?? "");
  said.textContent = policyIsGood ? "The policy is good."
    : place ? `Line ${place[1]}, column ${place[2]}: ${place[3]}` : error;
  $("policy").setAttribute("aria-invalid", String(!policyIsGood));
  drawGutter(place ? Number(place[1]) : 0);
  if (!policyIsGood) say("Nothing was filtered: the policy has an error.");
}

function drawGutter(wrong) {
  const gutter = $("gutter");
  const count = $("policy").value.split("\n").length;
  gutter.replaceChildren();
  for (let line = 1; line <= count; line++) {
    const number = document.createElement("span");
    number.textContent = line === wrong ? `✕ ${line}` : line;
    if (line === wrong) number.className = "here";
    gutter.append(number, "\n");
  }
  gutter.scrollTop = $("policy").scrollTop;
}

function showHelp() {
  const editor = $("policy");
  const path = placeOf(editor.value, editor.selectionStart);
  const { here, parent } = schemaOf(path, facts.schema);
  const help = $("help");
  help.replaceChildren();
  const name = document.createElement("b");
  name.textContent = path.length ? path.join(".").replaceAll(".[]", "[]") : "A policy";
  help.append(name, " ", path.length === 0 ? "has these keys; the cursor chooses which one is explained here."
    : (here ?? parent)?.description?.replaceAll("`", "") ?? "There is no such key.");
  if (here?.default !== undefined && typeof here.default !== "object") help.append(` Default: ${here.default}.`);
  const choices = choicesOf(here ?? parent);
  if (!choices.names.length) return;
  const keys = document.createElement("div");
  keys.className = "keys";
  for (const choice of choices.names) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = choice;
    button.title = choices.about?.(choice)?.replaceAll("`", "") ?? "";
    button.addEventListener("click", () => insert(choice, choices.kind, path.length && here ? path : path.slice(0, -1)));
    keys.append(button);
  }
  help.append(keys);
}

/** Writes a value behind its key, or a key below the place. */
function insert(text, kind, path) {
  const editor = $("policy");
  const at = editor.selectionStart;
  const start = editor.value.lastIndexOf("\n", at - 1) + 1;
  const end = editor.value.indexOf("\n", at) < 0 ? editor.value.length : editor.value.indexOf("\n", at);
  const line = editor.value.slice(start, end);
  editor.focus();
  if (kind === "value" && line.includes(":")) {
    editor.setSelectionRange(start + line.indexOf(":") + 1, end);
    text = ` ${text}`;
  } else if (line.trim() === "") {
    editor.setSelectionRange(start, end);
    text = `${" ".repeat(line.length)}${text}: `;
  } else {
    editor.setSelectionRange(end, end);
    const depth = /^[\s-]*/.exec(line)[0].length + (path.length ? 2 : 0);
    text = `\n${" ".repeat(depth)}${text}: `;
  }
  // Deprecated, and the only way that keeps "undo".
  if (!document.execCommand("insertText", false, text)) {
    editor.setRangeText(text, editor.selectionStart, editor.selectionEnd, "end");
    editor.dispatchEvent(new Event("input"));
  }
  showHelp();
}

// ---------------------------------------------------------------- result

const number = (value) => value.toLocaleString("en");
const bytes = (value) => value < 10_000 ? `${number(value)} B` : value < 1e6 ? `${(value / 1e3).toFixed(1)} kB` : `${(value / 1e6).toFixed(1)} MB`;
const sum = (counts) => Object.values(counts).reduce((total, count) => total + count, 0);

function tile(name, value, kind) {
  const group = document.createElement("div");
  const term = document.createElement("dt");
  const said = document.createElement("dd");
  term.textContent = name;
  said.textContent = value;
  if (kind) said.className = kind;
  group.append(term, said);
  return group;
}

function showRun(data) {
  if (data.error) {
    if (policyIsGood) say(data.error);
    return;
  }
  ({ rows, output } = data);
  rows.forEach((row) => { row.facts = summary(row); });
  const { stats } = data;
  const taken = sum(stats.redactions);
  $("totals").replaceChildren(
    tile("events", number(stats.events)),
    tile("values taken out", number(taken), taken ? "good" : ""),
    tile("stubs", number(stats.stubs + stats.rejected), stats.stubs + stats.rejected ? "bad" : ""),
    tile("dropped", number(sum(stats.dropped))),
    tile("in", bytes(stats.bytesIn)),
    tile("out", bytes(data.bytesOut)),
  );
  const why = Object.entries(stats.reasons).concat(Object.entries(stats.dropped)).map(([reason, count]) => `${reason} ${count}`);
  say($("log").value.trim() === "" ? "" :
    `${number(stats.events)} events in ${data.took.toFixed(0)} ms.${why.length ? ` Stubs and drops: ${why.join(", ")}.` : ""}`);
  showFindings();
  chosen = Math.min(chosen, Math.max(0, rows.length - 1));
  list();
}

/** What the list shows of an event; all of it from the filtered event. */
function summary(row) {
  let event;
  try { event = JSON.parse(row.native ?? row.written); } catch { event = {}; }
  const own = event.auditweir ?? {};
  const ref = event.objectRef ?? {};
  const what = [event.verb ?? "?", [ref.resource, ref.subresource].filter(Boolean).join("/") || event.requestURI || ""].join(" ");
  return {
    id: event.auditID,
    what: own.stub || own.error || !event.kind ? `stub: ${own.reason ?? own.error?.reason ?? own.stub?.reason ?? "not an event"}` : what,
    name: [ref.namespace, ref.name].filter(Boolean).join("/"),
    who: event.user?.username ?? "",
    outcome: own.outcome,
    stub: !event.kind || Boolean(own.stub ?? own.error),
    redactions: own.redactions ?? [],
    findings: own.findings ?? [],
    taken: (own.redactions ?? []).reduce((total, one) => total + (one.count ?? 1), 0),
  };
}

const SHOWS = {
  all: () => true,
  redacted: (facts) => facts.taken > 0,
  refused: (facts) => facts.outcome === "denied" || facts.outcome === "failure",
  stub: (facts) => facts.stub,
};

function list() {
  const show = SHOWS[$("show").value];
  const shown = rows.map((row, at) => [row, at]).filter(([row]) => show(row.facts));
  const items = shown.slice(0, LISTED).map(([row, at]) => {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.at = at;
    const what = document.createElement("span");
    what.className = "what";
    what.textContent = row.facts.what;
    if (row.facts.taken) what.append(tag(`${row.facts.taken} out`));
    if (row.facts.outcome && row.facts.outcome !== "success") what.append(tag(row.facts.outcome, "bad"));
    const who = document.createElement("span");
    who.className = "who";
    who.textContent = [row.facts.name, row.facts.who].filter(Boolean).join(" · ");
    button.append(what, who);
    item.append(button);
    return item;
  });
  $("events").replaceChildren(...items);
  $("more").textContent = rows.length === 0 ? "No events yet."
    : shown.length > LISTED ? `${number(LISTED)} of ${number(shown.length)} are listed; the result that is saved has all.`
    : shown.length === 0 ? "None of that kind." : "";
  choose(shown.some(([, at]) => at === chosen) ? chosen : shown[0]?.[1] ?? -1);
}

function tag(text, kind = "") {
  const span = document.createElement("span");
  span.className = `tag ${kind}`;
  span.textContent = text;
  return span;
}

function choose(at) {
  chosen = Math.max(0, at);
  for (const button of $("events").querySelectorAll("button")) {
    const here = Number(button.dataset.at) === at;
    button.setAttribute("aria-pressed", String(here));
    button.tabIndex = here ? 0 : -1;
  }
  const row = rows[at];
  const [before, after] = [$("before"), $("after")];
  before.replaceChildren();
  after.replaceChildren();
  $("taken").replaceChildren();
  $("before-size").textContent = row ? bytes(new Blob([row.input]).size) : "";
  $("after-size").textContent = row ? bytes(new Blob([row.written]).size) : "";
  if (!row) return;
  const native = readJson(row.native ?? "");
  const input = readJson(row.input);
  const event = row.facts.id ? findEvent(input, row.facts.id) : null;
  const [gone, come] = [new Set(), new Set()];
  if (event !== null && native !== null) {
    differences(event, native, gone);
    differences({ members: native.members.filter(([name]) => name !== '"auditweir"') }, event, come);
  }
  paint(before, event ?? input, row.input, gone);
  // Only the native format has the shape of what came; the others show their marks.
  const written = row.written === row.native ? native : readJson(row.written);
  paint(after, written, row.written, row.written === row.native ? come : marks(written, new Set()));
  showTaken(row.facts);
}

/** Texts with a mark of the filter. */
function marks(node, into) {
  if (node === null) return into;
  if (node.text?.includes("[redacted:")) into.add(node);
  for (const inner of node.items ?? node.members?.map(([, value]) => value) ?? []) marks(inner, into);
  return into;
}

function paint(element, node, text, marked) {
  if (node !== null && text.length < SHOWN) writeJson(node, element, marked);
  else element.textContent = text.length > SHOWN ? `${text.slice(0, SHOWN)}\n… ${bytes(text.length - SHOWN)} more` : text;
}

function showTaken({ redactions }) {
  const cells = redactions.map(({ path, rule, action, count }) => {
    const row = document.createElement("tr");
    for (const [text, name] of [[path ?? "", ""], [rule, ""], [facts.rules[rule] ?? "A rule of the policy.", ""], [action, ""], [count ?? 1, "n"]]) {
      const cell = document.createElement("td");
      cell.textContent = text;
      cell.className = name;
      row.append(cell);
    }
    return row;
  });
  if (cells.length === 0) {
    const row = document.createElement("tr");
    const cell = document.createElement("td");
    cell.colSpan = 5;
    cell.textContent = "Nothing.";
    row.append(cell);
    cells.push(row);
  }
  $("taken").replaceChildren(...cells);
}

/** Findings of detection rules, where a build has them. */
function showFindings() {
  const items = rows.flatMap((row, at) => row.facts.findings.map((finding) => {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Show";
    button.addEventListener("click", () => { $("show").value = "all"; chosen = at; list(); $("after").focus(); });
    item.append(`${finding.title ?? finding.rule ?? finding.id ?? finding} `, button);
    return item;
  }));
  $("findings").hidden = items.length === 0;
  $("finding-list").replaceChildren(...items.slice(0, LISTED));
}

// ---------------------------------------------------------------- log, link, file

async function read(file) {
  let stream = file.stream();
  const [one, two] = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  if (one === 0x1f && two === 0x8b) stream = stream.pipeThrough(new DecompressionStream("gzip"));
  $("log").value = await new Response(stream).text();
  chosen = 0;
  ask();
}

/** The policy and the format, and nothing else. */
function address() {
  const text = new TextEncoder().encode($("policy").value);
  const base64 = btoa(String.fromCharCode(...text)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  return `${location.href.split("#")[0]}#to=${format()}&policy=${base64}`;
}

function fromAddress() {
  const parts = new URLSearchParams(location.hash.slice(1));
  const to = document.querySelector(`input[name=format][value="${CSS.escape(parts.get("to") ?? "")}"]`);
  if (to) to.checked = true;
  try {
    const text = atob((parts.get("policy") ?? "").replaceAll("-", "+").replaceAll("_", "/"));
    return text === "" ? null : new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(text, (letter) => letter.charCodeAt(0)));
  } catch {
    say("The link's policy cannot be read; this is the default one.");
    return null;
  }
}

async function copyLink() {
  const url = address();
  history.replaceState(null, "", url);
  let copied = true;
  try { await navigator.clipboard.writeText(url); } catch { copied = false; }
  say(copied ? "The link is copied. It holds the policy and the format, nothing of the log."
    : "The link is in the address bar. It holds the policy and the format, nothing of the log.");
}

function save() {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([output], { type: "application/x-ndjson" }));
  link.download = `audit.${format()}.ndjson`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

for (const [name, about] of facts.formats) {
  const label = document.createElement("label");
  const input = document.createElement("input");
  Object.assign(input, { type: "radio", name: "format", value: name, checked: name === DEFAULT_FORMAT });
  input.addEventListener("change", ask);
  label.title = about;
  label.append(input, name);
  $("formats").append(label);
}
for (const [name] of facts.examples) $("example").append(new Option(name, name));

$("policy").value = fromAddress() ?? facts.policy;
$("policy").addEventListener("input", () => { drawGutter(0); askSoon(); });
$("policy").addEventListener("scroll", () => { $("gutter").scrollTop = $("policy").scrollTop; });
for (const name of ["keyup", "click", "focus"]) $("policy").addEventListener(name, showHelp);
$("log").addEventListener("input", () => { chosen = 0; askSoon(); });
$("example").addEventListener("change", ({ target }) => {
  const example = facts.examples.find(([name]) => name === target.value);
  if (!example) return;
  $("log").value = example[1];
  chosen = 0;
  ask();
});
$("open").addEventListener("click", () => $("file").click());
$("file").addEventListener("change", ({ target }) => { if (target.files[0]) read(target.files[0]); target.value = ""; });
$("clear").addEventListener("click", () => { $("log").value = ""; $("example").value = ""; ask(); $("log").focus(); });
$("reset").addEventListener("click", () => { $("policy").value = facts.policy; ask(); showHelp(); });
$("link").addEventListener("click", copyLink);
$("save").addEventListener("click", save);
$("show").addEventListener("change", list);
$("events").addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (button) choose(Number(button.dataset.at));
});
$("events").addEventListener("keydown", (event) => {
  const buttons = [...$("events").querySelectorAll("button")];
  const at = buttons.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
  if (to === undefined || !buttons[to]) return;
  event.preventDefault();
  buttons[to].focus();
  choose(Number(buttons[to].dataset.at));
});
let depth = 0;
addEventListener("dragenter", (event) => { if (event.dataTransfer?.types.includes("Files")) { depth += 1; $("drop").hidden = false; } });
addEventListener("dragleave", () => { depth = Math.max(0, depth - 1); $("drop").hidden = depth === 0; });
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => {
  event.preventDefault();
  depth = 0;
  $("drop").hidden = true;
  const file = event.dataTransfer.files[0];
  if (file) read(file);
});

drawGutter(0);
showHelp();
list();
const worker = startWorker();
if ($("log").value === "") {
  $("example").selectedIndex = 1;
  $("log").value = facts.examples[0][1];
}
