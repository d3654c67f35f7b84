/**
 * `npm run bench [name ...]`: every file of this folder that exports `run`. Figures stand beside a baseline that was
 * measured in the same run, because these machines differ and are shared; a ratio travels, a millisecond does not.
 */
import { readdirSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";

const wanted = process.argv.slice(2);
const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(".ts") && !["run.ts", "measure.ts"].includes(file) && !file.endsWith(".test.ts") && !file.endsWith("-servers.ts"))
  .map((file) => file.slice(0, -3))
  .filter((name) => wanted.length === 0 || wanted.includes(name));

if (names.length === 0) {
  console.error(`There is no benchmark called ${wanted.join(", ")}.`);
  process.exit(1);
}
console.log(`Node ${process.versions.node}, ${cpus().length} cores (${cpus()[0]?.model.trim()})`);
for (const name of names) {
  console.log(`\n${name}`);
  const benchmark = (await import(join(import.meta.dirname, `${name}.ts`))) as { run(): Promise<void> };
  await benchmark.run();
}
