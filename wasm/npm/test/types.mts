// Compiled, never run: what users write must pass, what they must not write must fail.
import { Filter, type FilterOptions, type FilterStats } from "auditweir-wasm";
import init, { Filter as WebFilter } from "auditweir-wasm/web";

const options: FilterOptions = { format: "native", pseudonymKey: new Uint8Array(32) };
const filter = new Filter("version: 1", options);
const bytes: Uint8Array = filter.apply(new Uint8Array());
const lines: string[] = filter.applyText("{}");
const stats: FilterStats = filter.stats();
const sum: number = stats.events + stats.stubs + stats.rejected + stats.panics + bytes.length + lines.length;
new Filter().free();
new Filter(null, { pseudonymKey: "text" }).free();
await init();
new WebFilter().free();
console.log(sum);

// @ts-expect-error no such shape
new Filter(undefined, { format: "json" });
// @ts-expect-error no such option
new Filter(undefined, { key: "text" });
// @ts-expect-error text has its own method
filter.apply("{}");
