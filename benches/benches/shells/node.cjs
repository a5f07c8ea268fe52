// node node.cjs LINES OUT FORMAT: the npm package, bytes in, bytes out.
const fs = require("node:fs");
const { Filter } = require(process.env.AUDITWEIR_PACKAGE);

const [, , input, output, format] = process.argv;
const filter = new Filter(undefined, { format });
const lines = fs.readFileSync(input, "latin1").split("\n").slice(0, -1);
const bytes = lines.map((line) => Buffer.from(line, "latin1"));

function spent() {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
}

require("node:readline").createInterface({ input: process.stdin }).on("line", (command) => {
  const count = Number(command);
  if (count === 0) {
    fs.writeFileSync(output, Buffer.concat(bytes.map((line) => filter.apply(line))));
    console.log(0);
    return;
  }
  const before = spent();
  for (let n = 0; n < count; n++) for (const line of bytes) filter.apply(line);
  console.log(spent() - before);
});
