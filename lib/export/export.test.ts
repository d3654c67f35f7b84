import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseCsv } from "../client/csv.ts";
import { recordActions } from "../record/action.ts";
import { ACTIONS } from "../protocol/messages.ts";
import { formats, settings, type Format } from "./chain.ts";
import { csvHead, oneLine } from "./format.ts";
import { ocsfClasses, ocsfOf } from "./ocsf.ts";
import { sampleExport, sampleLines, testKey, uglyNames } from "./testing/sample.ts";
import { verifyExport, type Verdict } from "./verify.ts";

const key = testKey();
const events = 2_000;
const files: Readonly<Record<Format, Buffer>> = { csv: sampleExport("csv", events, key), jsonl: sampleExport("jsonl", events, key), ocsf: sampleExport("ocsf", events, key) };

async function* inChunks(file: Buffer, size = 65_536): AsyncGenerator<Buffer> {
  for (let at = 0; at < file.length; at += size) yield file.subarray(at, at + size);
}
const judge = (file: Buffer, options = {}): Promise<Verdict> => verifyExport(inChunks(file), options);
/** Where each line begins; the head of a CSV file is line 0. */
function starts(file: Buffer): number[] {
  const found = [0];
  for (let at = file.indexOf(10); at >= 0 && at + 1 < file.length; at = file.indexOf(10, at + 1)) found.push(at + 1);
  return found;
}
const linesOf = (file: Buffer): Buffer[] => starts(file).map((from, at, all) => file.subarray(from, all[at + 1] ?? file.length));
const places = Object.fromEntries(formats.map((format) => [format, linesOf(files[format])])) as Record<Format, Buffer[]>;
const offset = (format: Format) => (format === "csv" ? 0 : 1);

describe.each(formats)("an export as %s", (format) => {
  test("holds as it was written, however it is read", async () => {
    const verdict = await judge(files[format]);
    expect(verdict.faults).toEqual([]);
    expect(verdict).toMatchObject({ ok: true, lines: events + 2, seal: { key: key.publicKey, lines: events + 1 }, manifest: { left_out: [{ client: "Elmstead Housing" }] } });
    expect((await verifyExport(inChunks(sampleExport(format, 3, key), 7))).ok).toBe(true);
  });

  test("a change of any one bit is found", async () => {
    await fc.assert(fc.asyncProperty(fc.nat({ max: files[format].length * 8 - 1 }), async (bit) => {
      const changed = Buffer.from(files[format]);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      const verdict = await judge(changed);
      expect(verdict.ok).toBe(false);
      expect(verdict.faults.length + verdict.more).toBeGreaterThan(0);
    }), { numRuns: 12 });
  }, 60_000);

  test("in a small export every single bit is watched", async () => {
    const small = sampleExport(format, 1, key);
    const missed: number[] = [];
    for (let bit = 0; bit < small.length * 8; bit += 1) {
      const changed = Buffer.from(small);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      // eslint-disable-next-line no-await-in-loop -- thousands at once would only queue
      if ((await judge(changed)).ok) missed.push(bit);
    }
    expect(missed).toEqual([]);
  }, 120_000);

  const anyEvent = fc.integer({ min: 2, max: events + 1 });
  const nth = (line: number) => line - offset(format);
  const without = (line: number) => places[format].filter((_, at) => at !== nth(line));

  test("a dropped line is named, the last before the seal too", async () => {
    await fc.assert(fc.asyncProperty(anyEvent, async (line) => {
      expect((await judge(Buffer.concat(without(line)))).faults).toEqual([{ kind: "dropped", line, words: "is not there" }]);
    }), { numRuns: 3, examples: [[2], [events + 1]] });
  }, 60_000);

  test("a line that was moved is named, and nothing else is blamed", async () => {
    await fc.assert(fc.asyncProperty(fc.integer({ min: 2, max: events - 10 }), fc.integer({ min: 1, max: 9 }), async (line, by) => {
      const moved = without(line);
      moved.splice(nth(line) + by, 0, places[format][nth(line)]!);
      const { ok, faults } = await judge(Buffer.concat(moved));
      expect(ok).toBe(false);
      expect(faults.map(({ kind, line: at }) => [kind, at])).toEqual([["dropped", line], ["moved", line]]);
    }), { numRuns: 3 });
  }, 60_000);

  test("an added line is named: a copy, and one of somebody's own making", async () => {
    await fc.assert(fc.asyncProperty(anyEvent, fc.boolean(), async (line, copy) => {
      const own = Buffer.from(places[format][nth(line)]!.toString("latin1").replace(/203\.0\.113\.41/, "203.0.113.99"), "latin1");
      const added = [...places[format]];
      added.splice(copy ? nth(line) + 1 : nth(line), 0, copy ? places[format][nth(line)]! : own);
      expect((await judge(Buffer.concat(added))).faults.map(({ kind, line: at }) => [kind, at])).toEqual([["added", line]]);
    }), { numRuns: 3 });
  }, 60_000);

  test("a changed line is named, and none of those after it", async () => {
    await fc.assert(fc.asyncProperty(anyEvent, async (line) => {
      const changed = [...places[format]];
      changed[nth(line)] = Buffer.from(changed[nth(line)]!.toString("latin1").replace(/203\.0\.113\.41/, "203.0.113.99"), "latin1");
      const { faults } = await judge(Buffer.concat(changed));
      expect(faults.map(({ kind, line: at }) => [kind, at])).toEqual([["changed", line]]);
    }), { numRuns: 3 });
  }, 60_000);

  test("a cut at any place is found", async () => {
    await fc.assert(fc.asyncProperty(fc.nat({ max: files[format].length - 1 }), async (length) => {
      expect((await judge(files[format].subarray(0, length))).ok).toBe(false);
    }), { numRuns: 6 });
    const whole = places[format];
    expect((await judge(Buffer.concat(whole.slice(0, -1)))).faults.map(({ kind }) => kind)).toEqual(["cut"]);
  }, 60_000);

  test("what another key signed is refused when ours is asked for, and names its own otherwise", async () => {
    const theirs = sampleExport(format, 5, testKey());
    expect((await judge(theirs)).ok).toBe(true);
    expect((await judge(theirs, { key: key.publicKey })).faults).toMatchObject([{ kind: "seal" }]);
    expect((await judge(sampleExport(format, 5, key), { key: key.publicKey })).ok).toBe(true);
  });

  test("one record is one line, whatever a vault wrote", () => {
    expect(places[format]).toHaveLength(events + 2 + (format === "csv" ? 1 : 0));
    // eslint-disable-next-line no-control-regex -- they are what must not stand there
    for (const line of places[format].slice(0, 100)) expect(line.toString("utf8").slice(0, -settings[format].end.length)).not.toMatch(/[\u0000-\u001f]/);
  });
});

test("a file that is no export of ours is said to be none", async () => {
  for (const text of ["", "a,b\r\n1,2\r\n", "{}\n", "\u0000\u0001"]) expect((await judge(Buffer.from(text))).ok).toBe(false);
});

test("an event that does not fit its vault's own hash is found even under our seal", async () => {
  const lines = sampleLines(3);
  const { formatters } = await import("./format.ts");
  const { Chain } = await import("./chain.ts");
  const { sealOf } = await import("./sign.ts");
  const { sampleManifest } = await import("./testing/sample.ts");
  const chain = new Chain(sampleManifest("jsonl").export, "jsonl");
  const parts = [chain.add(formatters.jsonl.manifest(1, sampleManifest("jsonl")))];
  for (const [at, line] of lines.entries()) parts.push(chain.add(formatters.jsonl.event(chain.next, at === 1 ? { ...line, raw: { ...line.raw!, at: line.raw!.at + 1 } } : line)));
  parts.push(chain.add(formatters.jsonl.seal(chain.next, sealOf(chain, "jsonl", key, { at: 1, origin: "o" }))));
  expect((await judge(Buffer.from(parts.join("")))).faults).toMatchObject([{ kind: "event", line: 3 }]);
});

describe("CSV", () => {
  test("no cell is taken for a formula, in any column", () => {
    const parsed = parseCsv(files.csv.subarray(0, 200_000).toString("utf8").split("\r\n").slice(0, 100).join("\r\n"), ",");
    expect(parsed.ok && parsed.rows.length).toBeGreaterThan(50);
    for (const cells of parsed.ok ? parsed.rows.slice(1) : []) {
      expect(cells).toHaveLength(csvHead.length + 1);
      for (const cell of cells) expect(cell).not.toMatch(/^[=+\-@\t\r\n\uff0b\uff0d\uff1d\uff20]/);
    }
  });
  test("direction marks and control characters are shown, not obeyed", () => expect(oneLine("a\u202eb\r\n\u2028c")).toBe("a\\u202eb\\u000d\\u000a\\u2028c"));
});

describe("OCSF", () => {
  const [line] = sampleLines(1);
  test.each([...ACTIONS.map((action) => ["vault", action] as const), ...recordActions.map((action) => ["console", action] as const), ["vault", "moon.landed"] as const])("%s %s is an event of a current class with all it requires", (source, action) => {
    const event = ocsfOf({ ...line!, source, action }) as unknown as Record<string, never>;
    const found = ocsfClasses.find(({ uid }) => uid === event.class_uid)!;
    expect(found).toBeDefined();
    expect(event).toMatchObject({ category_uid: Math.floor(found.uid / 1000), time: line!.at, severity_id: expect.any(Number), metadata: { version: "1.8.0", product: { name: "Clavitor MSP" } } });
    expect(event.type_uid).toBe(found.uid * 100 + Number(event.activity_id));
    const required: Record<number, string[]> = { 6005: ["actor", "src_endpoint", "database"], 6003: ["actor", "api", "src_endpoint"], 3001: ["user"], 3002: ["user", "service"], 3004: ["entity"] };
    for (const member of required[found.uid] ?? []) expect(event).toHaveProperty(member);
  });
  test("what was refused is a failure with its reason", () => expect(ocsfOf({ ...line!, outcome: "denied", reason: "scope" })).toMatchObject({ status_id: 2, status_detail: "scope", severity_id: 2 }));
});

test("the ugly names are in the files at all", () => expect(uglyNames.length).toBeGreaterThan(10));
