// The playground in a browser: `node page.mjs PAGE LOG RESULT [FOLDER FOR PICTURES]`.
//
// Every request but the one for the page itself is refused and counted. What it finds wrong ends it
// with an error; what the page wrote in each format goes to RESULT, for a comparison with the core.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [file, log, result, pictures] = process.argv.slice(2);
const text = readFileSync(log, "utf8");
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic"],
});
const asked = [];
const said = [];

/** A page that may load `url` and nothing else. */
async function open(url, options = {}) {
  const context = await browser.newContext({ acceptDownloads: true, viewport: { width: 1360, height: 900 }, ...options });
  await context.route("**", (route) => {
    const wanted = route.request().url();
    if (wanted.split("#")[0] === url.split("#")[0] || wanted.startsWith("blob:") || wanted.startsWith("data:")) return route.continue();
    asked.push(wanted);
    return route.abort();
  });
  const page = await context.newPage();
  page.on("console", (message) => { if (message.type() === "error") said.push(message.text()); });
  page.on("pageerror", (error) => said.push(String(error)));
  await page.goto(url);
  await page.locator("#events button").first().waitFor();
  return page;
}

const tile = async (page, name) => page.locator("#totals div", { has: page.locator(`dt:text-is("${name}")`) }).locator("dd").textContent();

async function saved(page) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("#save")]);
  return readFileSync(await download.path(), "utf8");
}

/** Waits for the answer to what `act` starts. */
async function answered(page, act) {
  const before = await page.locator("#status").evaluate((status) => { status.textContent = "asked"; return status.textContent; });
  await act();
  await page.locator("#status", { hasNotText: before }).waitFor({ state: "attached" });
  await page.waitForTimeout(50);
}

const url = pathToFileURL(file).href;
const page = await open(url);

// The first example is there, and something was taken out of it, and is marked on both sides.
assert.ok(Number((await tile(page, "values taken out")).replaceAll(",", "")) > 0, "nothing was taken out of the example");
await page.selectOption("#show", "redacted");
let marked = 0;
for (const button of await page.locator("#events button").all()) {
  await button.click();
  assert.ok(await page.locator("#before mark").count() > 0, "no mark on what went");
  // What was dropped leaves nothing to mark.
  marked += await page.locator("#after mark").count();
}
assert.ok(marked > 0, "no mark on what came");
const why = await page.locator("#taken tr td:nth-child(3)").allTextContents();
assert.ok(why.length > 0 && why.every((text) => text !== "" && text !== "A rule of the policy."), `why: ${why}`);
await page.selectOption("#show", "all");

// Keys: one stop in the list, arrows move, the choice is told.
await page.locator("#events button[tabindex='0']").focus();
await page.keyboard.press("Home");
await page.keyboard.press("ArrowDown");
assert.equal(await page.evaluate(() => document.activeElement.dataset.at), "1");
assert.equal(await page.locator("#events button[aria-pressed='true']").count(), 1);
const nameless = await page.evaluate(() => [...document.querySelectorAll("button, select, textarea, input, [tabindex]")]
  .filter((one) => !one.hidden && !(one.getAttribute("aria-labelledby") || one.getAttribute("aria-label") || one.labels?.length || one.textContent.trim()))
  .map((one) => one.outerHTML));
assert.deepEqual(nameless, [], "controls without a name");

// A policy with an error: said in words and in place, and nothing goes out under it.
const good = await page.inputValue("#policy");
await page.fill("#policy", "version: 1\nredact:\n  secrets: mask\n  secretz: keep\n");
await page.locator("#policy-said.bad").waitFor();
assert.match(await page.textContent("#policy-said"), /^Line 4, column \d+: .*secretz/);
assert.equal((await page.textContent("#gutter .here")).trim(), "✕ 4");
assert.equal(await page.getAttribute("#policy", "aria-invalid"), "true");
// The schema helps: what can stand here, typed by a button.
await page.fill("#policy", "version: 1\nredact:\n  secrets:");
await page.keyboard.press("End");
await page.locator("#help button", { hasText: "truncate" }).waitFor();
await page.locator("#help button", { hasText: /^keep$/ }).click();
assert.equal(await page.inputValue("#policy"), "version: 1\nredact:\n  secrets: keep");
await page.locator("#policy-said.good").waitFor();

// A link has the policy and the format, and nothing of the log.
await answered(page, () => page.check("input[value=ecs]", { force: true }));
await page.click("#link");
const link = page.url();
assert.ok(link.length < 400, "a link that long holds more than the policy");
const other = await open(link);
assert.equal(await other.inputValue("#policy"), "version: 1\nredact:\n  secrets: keep");
assert.ok(await other.isChecked("input[value=ecs]"));
await other.context().close();

// All formats, as the core writes them.
await answered(page, () => page.fill("#policy", good));
await page.evaluate((text) => {
  const log = document.getElementById("log");
  log.value = text;
}, text);
const outputs = {};
for (const format of ["native", "ecs", "ocsf", "otel"]) {
  await answered(page, () => page.locator(`input[value=${format}]`).evaluate((input) => { input.checked = true; input.dispatchEvent(new Event("change")); }));
  outputs[format] = await saved(page);
}
writeFileSync(result, JSON.stringify({ policy: good, outputs }));

// The filter's text is shown as text, whatever an event says it is.
const hostile = { kind: "Event", apiVersion: "audit.k8s.io/v1", auditID: "1", stage: "ResponseComplete", level: "Metadata", verb: "<img src=x onerror=alert(1)>", requestURI: "/", user: { username: "</script><b id=evil>" } };
await answered(page, () => page.fill("#log", JSON.stringify(hostile)));
assert.equal(await page.locator("#evil, #events img").count(), 0, "an event became a part of the page");

// A page that wants to tell someone cannot.
const blocked = await page.evaluate(async () => {
  const violations = [];
  document.addEventListener("securitypolicyviolation", (event) => violations.push(event.effectiveDirective));
  const tries = {
    fetch: () => fetch("https://example.invalid/?fetch"),
    xhr: () => new Promise((ok, fail) => {
      const request = new XMLHttpRequest();
      request.onload = ok;
      request.onerror = () => fail(new Error("refused"));
      request.open("GET", "https://example.invalid/?xhr");
      request.send();
    }),
    socket: () => new Promise((ok, fail) => {
      const socket = new WebSocket("wss://example.invalid/?socket");
      socket.onopen = ok;
      socket.onerror = () => fail(new Error("refused"));
    }),
    image: () => new Promise((ok, fail) => {
      const image = new Image();
      image.onload = ok;
      image.onerror = () => fail(new Error("refused"));
      image.src = "https://example.invalid/?image";
    }),
  };
  const worked = [];
  for (const [name, attempt] of Object.entries(tries)) {
    try { await attempt(); worked.push(name); } catch { /* as it must */ }
  }
  navigator.sendBeacon("https://example.invalid/?beacon", "x");
  await new Promise((done) => setTimeout(done, 200));
  return { worked, violations: violations.length };
});
assert.deepEqual(blocked.worked, []);
assert.ok(blocked.violations >= 5, `the browser blocked ${blocked.violations} of 5`);
said.splice(0); // it complains about those
await page.context().close();

// From a static host, with no more headers than that.
const server = createServer((_, answer) => {
  answer.setHeader("content-type", "text/html");
  answer.end(readFileSync(file));
}).listen(0, "127.0.0.1");
await new Promise((ready) => server.once("listening", ready));
const hosted = await open(`http://127.0.0.1:${server.address().port}/`);
await hosted.context().close();
server.close();

if (pictures) {
  for (const [name, options] of [
    ["light", { colorScheme: "light" }],
    ["dark", { colorScheme: "dark" }],
    ["narrow", { colorScheme: "light", viewport: { width: 400, height: 900 } }],
  ]) {
    const shown = await open(url, options);
    await shown.selectOption("#show", "redacted");
    await shown.locator("#events button").nth(4).click();
    await shown.locator("#events button").nth(4).evaluate((button) => { button.blur(); document.getElementById("events").scrollTop = 0; });
    for (const side of ["#before", "#after"]) {
      await shown.locator(side).evaluate((pre) => { pre.scrollTop = Math.max(0, (pre.querySelector("mark")?.offsetTop ?? 0) - pre.offsetTop - 160); });
    }
    await shown.screenshot({ path: `${pictures}/playground-${name}.png`, fullPage: true });
    await shown.context().close();
  }
}
await browser.close();
assert.deepEqual(asked, [], "requests");
assert.deepEqual(said, [], "what the browser complained about");
