import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { createRequire } from "node:module";
import { Filter } from "auditweir-wasm";

const secret = JSON.stringify({
  kind: "Event",
  apiVersion: "audit.k8s.io/v1",
  level: "Request",
  auditID: "a",
  stage: "ResponseComplete",
  verb: "create",
  requestURI: "/api/v1/namespaces/shop/secrets",
  objectRef: { resource: "secrets", namespace: "shop", name: "till", apiVersion: "v1" },
  requestObject: { kind: "Secret", stringData: { password: "correct-horse" } },
});

test("the corpus comes out as the core cleans it", () => {
  const corpus = JSON.parse(readFileSync("corpus.json", "utf8"));
  assert.ok(corpus.length > 150);
  for (const { input, output } of corpus) {
    // A fresh one each, because an event without a time gets that of the event before.
    const filter = new Filter();
    assert.equal(Buffer.from(filter.apply(Buffer.from(input))).toString(), output);
    assert.equal(filter.applyText(input).map((line) => line + "\n").join(""), output);
    assert.equal(filter.stats().inputs, 2);
    assert.equal(filter.stats().stubs, 0);
    filter.free();
  }
});

test("bytes and text, all shapes", () => {
  for (const format of ["ecs", "native", "ocsf", "otel"]) {
    const filter = new Filter(undefined, { format });
    const [line] = filter.applyText(secret);
    assert.ok(!line.includes("correct-horse"));
    const member = { ecs: "kubernetes", native: "auditID", ocsf: "class_uid", otel: "resourceLogs" }[format];
    assert.ok(member in JSON.parse(line), line);
    const bytes = filter.apply(new TextEncoder().encode(secret));
    assert.ok(bytes instanceof Uint8Array);
    assert.equal(new TextDecoder().decode(bytes), line + "\n");
    assert.deepEqual(filter.applyText("  "), []);
    assert.equal(filter.apply(new Uint8Array()).length, 0);
    filter.free();
  }
});

test("answers are the caller's own", () => {
  const filter = new Filter();
  const first = filter.apply(Buffer.from(secret));
  const before = Buffer.from(first).toString();
  for (let n = 0; n < 100; n++) filter.apply(Buffer.from("{".repeat(n)));
  assert.equal(Buffer.from(first).toString(), before);
  filter.free();
});

test("hostile input becomes stubs", () => {
  const filter = new Filter();
  for (const input of ["{", "null", "[".repeat(100000), '{"auditID":', "\ud800", '"correct-horse']) {
    const lines = filter.applyText(input);
    assert.equal(lines.length, 1);
    assert.ok(JSON.parse(lines[0]).auditweir.stub, lines[0]);
    assert.ok(!lines[0].includes("correct-horse"));
  }
  filter.free();
});

test("wrong policies and options throw, with a code", () => {
  const wrong = [
    ["AUDITWEIR_POLICY", "version: 2", undefined],
    ["AUDITWEIR_POLICY", "version: 1\nredactt: {}", undefined],
    ["AUDITWEIR_POLICY", undefined, { pseudonymKey: "short" }],
    ["AUDITWEIR_OPTION", undefined, { format: "json" }],
    ["AUDITWEIR_OPTION", undefined, { form: "ecs" }],
    ["AUDITWEIR_OPTION", undefined, { pseudonymKey: 7 }],
    ["AUDITWEIR_OPTION", undefined, "ecs"],
  ];
  for (const [code, policy, options] of wrong) {
    assert.throws(
      () => new Filter(policy, options),
      (error) => error instanceof Error && error.code === code && error.message.length > 5,
      `${code} ${policy} ${JSON.stringify(options)}`,
    );
  }
  new Filter("version: 1", { pseudonymKey: new Uint8Array(32) }).free();
  new Filter(null, { pseudonymKey: "sixteen bytes or more", format: undefined }).free();
});

test("a freed filter refuses", () => {
  const filter = new Filter();
  filter.free();
  assert.throws(() => filter.applyText(secret));
});

test("many calls leave memory flat", () => {
  const filter = new Filter();
  const bytes = Buffer.from(secret);
  const run = (times) => {
    for (let n = 0; n < times; n++) filter.apply(bytes);
    globalThis.gc?.();
    return process.memoryUsage().rss;
  };
  const before = run(20_000);
  const after = run(100_000);
  assert.ok(after - before < 64 << 20, `${before} to ${after}`);
  filter.free();
});

test("require works, too", () => {
  assert.equal(createRequire(import.meta.url)("auditweir-wasm").Filter, Filter);
});
