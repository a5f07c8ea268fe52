// Answers one case per line of standard input; used by tests/hosts/node.rs.
import { createInterface } from "node:readline";
import { Filter } from "auditweir-wasm";

function answer({ policy, key, format, input }) {
  const options = { format };
  if (key !== null) options.pseudonymKey = Buffer.from(key, "base64");
  const filter = new Filter(policy ?? undefined, options);
  const parts = [];
  const bytes = Buffer.from(input, "base64");
  for (let from = 0; from <= bytes.length; ) {
    let end = bytes.indexOf(10, from);
    if (end < 0) end = bytes.length;
    parts.push(filter.apply(bytes.subarray(from, end)));
    from = end + 1;
  }
  parts.push(filter.finish());
  const stats = filter.stats();
  filter.free();
  return { output: Buffer.concat(parts).toString("base64"), stats };
}

for await (const line of createInterface({ input: process.stdin })) {
  let result;
  try {
    result = answer(JSON.parse(line));
  } catch (error) {
    result = { error: String(error) };
  }
  process.stdout.write(JSON.stringify(result) + "\n");
}
