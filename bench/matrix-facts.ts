// The matrix without a browser: facts over the wire, finding, ordering, staging. Baseline of the same run: one pass over the same
// number of 32-bit figures with a sum. Budgets for 1,000 x 50 (docs/matrix.md): payload 40 kB, decode 20 ms, filter or sort 30 ms,
// stage 50,000 cells 150 ms.
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { Blocks } from "../lib/matrix/block.ts";
import { revoke, toggleRole } from "../lib/matrix/edit.ts";
import { select, type Ground } from "../lib/matrix/filter.ts";
import { orderRows, orders } from "../lib/matrix/order.ts";
import { pack, wishedOf } from "../lib/matrix/pack.ts";
import { parseQuery } from "../lib/matrix/query.ts";
import { applyRules } from "../lib/matrix/rule.ts";
import { Stage } from "../lib/matrix/stage.ts";
import { portfolio } from "../lib/matrix/testing/portfolio.ts";
import { decodeFacts, encodeFacts } from "../lib/matrix/wire.ts";
import { median, quantile, table, timed } from "./measure.ts";

const ROUNDS = 15;
const queries = ["client:harbour", "role:networking holders:<2", "state:limit -tag:internal", 'unused:>60d pod:"night desk"', "state:drift"];

async function many(work: () => unknown): Promise<{ mid: number; worst: number }> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) times.push(await timed(work));
  return { mid: median(times), worst: quantile(times, 1) };
}

export async function run(): Promise<void> {
  for (const [clients, technicians] of [[1_000, 50], [2_000, 200]] as const) {
    const facts = portfolio({ clients, technicians });
    const count = clients * technicians;
    const bytes = encodeFacts(facts);
    const gzip = gzipSync(bytes).length;
    const brotli = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }).length;
    const figures = Uint32Array.from({ length: count }, (_, at) => at);
    const base = await many(() => figures.reduce((sum, figure) => (sum + figure) >>> 0, 0));
    const stage = new Stage(facts);
    const ground: Ground = { facts, stage, blocks: new Blocks(stage), rules: applyRules(facts, []), minute: Math.floor(facts.at / 60_000), colleagues: new Set() };
    const all = Uint32Array.from({ length: count }, (_, cell) => cell);
    const rows: (string | number)[][] = [];
    const put = (what: string, { mid, worst }: { mid: number; worst: number }, budget: string) => rows.push([what, mid, worst, mid / base.mid, clients === 1_000 ? budget : ""]);
    put("one pass over as many figures", base, "");
    put("encode", await many(() => encodeFacts(facts)), "");
    put("decode", await many(() => decodeFacts(bytes)), "20 ms");
    for (const text of queries) put(`select ${text}`, await many(() => select(ground, parseQuery(text))), "30 ms");
    for (const order of orders) put(`order by ${order}`, await many(() => orderRows(facts, order, stage)), "30 ms");
    put("stage every cell", await many(() => { const fresh = new Stage(facts); toggleRole(fresh, all, 0); new Blocks(fresh).all(); }), "150 ms");
    const full = new Stage(facts);
    toggleRole(full, all, 0);
    put("undo and redo of it", await many(() => { full.undo(); full.redo(); }), "");
    put("revoke every cell", await many(() => { const fresh = new Stage(facts); revoke(fresh, all); }), "150 ms");
    put("pack it to be kept", await many(() => pack([...full.cells()].map((cell) => wishedOf(full, cell)))), "");
    console.log(`  ${clients} x ${technicians}: ${bytes.length} bytes raw, ${gzip} gzip, ${brotli} brotli${clients === 1_000 ? " (budget 40,000)" : ""}`);
    table(["", "median ms", "worst ms", "x baseline", "budget"], rows);
  }
}
