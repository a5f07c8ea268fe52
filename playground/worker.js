// Runs the filter beside the page, so that a large log does not stop it.
//
// Asked: { module } once; { policy, key } to check a policy; { run, log, policy, format, key }.
// `wasm_bindgen` comes from the glue, which stands before this text.

const encoder = new TextEncoder();
const decoder = new TextDecoder();
/** Rows that are kept whole; of more events only the totals are. */
const ROWS = 2000;

/** The inputs of a log: one JSON document over many lines, or lines. */
function inputs(log) {
  const text = log.trim();
  if (text.includes("\n") && (text[0] === "{" || text[0] === "[")) {
    try {
      JSON.parse(text);
      // Outside strings a line break is white space, and inside one JSON allows none.
      return [text.replace(/[\r\n]+/g, " ")];
    } catch {
      // Lines, then.
    }
  }
  return log.split("\n");
}

function lines(bytes) {
  return decoder.decode(bytes).split("\n").filter((line) => line !== "");
}

/** A key changes the ids of events, too: only a policy with pseudonyms gets one. */
function options(policy, format, key) {
  return /\bpseudonym\b/.test(policy) ? { format, pseudonymKey: key } : { format };
}

/** Filters a log twice: natively, for the receipts, and in the format asked for. */
function run({ log, policy, format, key }) {
  const native = new wasm_bindgen.Filter(policy, options(policy, "native", key));
  const shown = format === "native" ? null : new wasm_bindgen.Filter(policy, options(policy, format, key));
  const rows = [];
  let output = "";
  const take = (input, apply) => {
    const receipts = lines(apply(native));
    const written = shown === null ? receipts : lines(apply(shown));
    written.forEach((line, at) => {
      output += line + "\n";
      if (rows.length < ROWS) rows.push({ input, native: receipts[at] ?? null, written: line });
    });
  };
  const started = performance.now();
  for (const input of inputs(log)) {
    const bytes = encoder.encode(input);
    take(input, (filter) => filter.apply(bytes));
  }
  take("", (filter) => filter.finish());
  const stats = native.stats();
  const bytesOut = (shown ?? native).stats().bytesOut;
  const took = performance.now() - started;
  native.free();
  shown?.free();
  return { rows, output, stats, bytesOut, took };
}

self.onmessage = ({ data }) => {
  if (data.module) {
    wasm_bindgen.initSync({ module: data.module });
    self.postMessage({ ready: true });
    return;
  }
  try {
    if (data.run) {
      self.postMessage({ ran: data.run, ...run(data) });
    } else {
      new wasm_bindgen.Filter(data.policy, options(data.policy, "native", data.key)).free();
      self.postMessage({ checked: data.check, error: null });
    }
  } catch (error) {
    self.postMessage({ ran: data.run, checked: data.check, error: String(error.message ?? error), code: error.code ?? null });
  }
};
