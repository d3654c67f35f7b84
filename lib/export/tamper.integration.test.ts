/** Ten thousand events, pulled from a vault that signs them, checked, kept, exported as anybody does it, and then tampered with. */
import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { setTestEnvironment, testDatabase, type TestDatabase } from "../../tests/database.ts";
import { Puller } from "../audit/puller.ts";
import { Telling } from "../audit/testing/telling.ts";
import { addPerson, ownerOf } from "../known/testing/connected.ts";
import { addressRules, openNet } from "../vault/net.ts";
import { sealVaultToken } from "../vault/open.ts";
import { MANAGER, openSignedVaults, type SignedVaults } from "../vault/testing/signed-vaults.ts";
import { askExport } from "./ask.ts";
import { formats, settings, type Format } from "./chain.ts";
import { runExports } from "./run.ts";
import { fetchExport } from "./show.ts";
import { uglyNames } from "./testing/sample.ts";
import { verifyExport, type Verdict } from "./verify.ts";

const events = 10_000;
const files = new Map<Format, Buffer>();
let t: TestDatabase;

beforeAll(async () => {
  t = await testDatabase();
  setTestEnvironment(t.urls);
  const mspId = await t.msp("Quillmoor IT");
  const owner = ownerOf(mspId, await addPerson(t, mspId, "Ines Halloran", ["owner"]));
  const from = Date.now() - events * 1_000;
  const log = new Telling().add(events, (i) => ({ at: from + i * 1_000, detail: { name: uglyNames[i % uglyNames.length]!, ip: "203.0.113.41" } }));
  const net = openNet({ rules: addressRules() });
  let vaults: SignedVaults;
  const say = log.say(() => vaults, 0);
  // eslint-disable-next-line prefer-const -- each answer needs the keys that are made with it
  vaults = await openSignedVaults(1, { say });
  try {
    const { vaultId, publicKey, token } = vaults.accounts[0]!;
    const [clientId, vaultRef] = [randomUUID(), randomUUID()];
    await t.asAdmin(async (admin) => {
      await admin.query("insert into client (msp_id, client_id, name, aliases, tags, plan) values ($1, $2, '=Foxglove', '{}', '{}', 'mme')", [mspId, clientId]);
      await admin.query("insert into vault (msp_id, vault_ref, client_id, address, state, vault_id, public_key, agent_id, manager_uid, sealed_token, granted, connected_at, confirmed_at) values ($1, $2, $3, $4, 'connected', $5, $6, $7, $8, $9, '{}', now(), now())",
        [mspId, vaultRef, clientId, `http://127.0.0.1:${vaults.port}/${vaultId}`, vaultId, publicKey, MANAGER.id, MANAGER.uid, Buffer.from(sealVaultToken({ mspId, vaultRef }, token))]);
      await admin.query("insert into audit_pull (msp_id, vault_ref) values ($1, $2)", [mspId, vaultRef]);
    });
    await new Puller({ net, db: t.db }).run();
  } finally {
    await vaults.close();
    await net.agent.destroy();
  }
  for (const format of formats) {
    const { id } = await askExport(owner, { query: "source:vault", format }, undefined, t.db);
    await runExports({ db: t.db });
    const { piece } = await fetchExport(owner, { id }, t.db);
    const parts: Uint8Array[] = [];
    for (let at = 0, part = await piece(0); part !== null; part = await piece((at += 1))) parts.push(part);
    files.set(format, Buffer.concat(parts));
  }
}, 60_000);
afterAll(() => t.close());

const judge = (...pieces: readonly Uint8Array[]): Promise<Verdict> => verifyExport((async function* () { yield* pieces; })());
const kindsOf = ({ faults }: Verdict) => faults.map(({ kind, line }) => `${kind} ${line}`);

describe.each(formats)("ten thousand events of a vault as %s", (format) => {
  const head = format === "csv" ? 1 : 0;
  const place = fc.integer({ min: 2, max: events - 20 });
  const whole = () => files.get(format)!;
  /** Where a line stands in the file, and where it ends. */
  const lineAt = (line: number): [number, number] => {
    let begins = 0;
    for (let at = 1; at < line + head; at += 1) begins = whole().indexOf(10, begins) + 1;
    return [begins, whole().indexOf(10, begins) + 1];
  };
  const before = (line: number) => whole().subarray(0, lineAt(line)[0]);
  const line = (number: number) => whole().subarray(...lineAt(number));
  const after = (number: number) => whole().subarray(lineAt(number)[1]);

  test("hold as they were written, each event under its vault's own hash", async () => {
    const { ok, faults, lines, manifest } = await judge(whole());
    expect({ ok, faults, lines }).toEqual({ ok: true, faults: [], lines: events + 2 });
    expect(manifest?.vaults).toMatchObject([{ client: "=Foxglove", missing: [expect.stringMatching(/^complete until/)] }]);
  });
  test("with one bit changed anywhere are found out", async () => {
    await fc.assert(fc.asyncProperty(fc.nat({ max: whole().length * 8 - 1 }), async (bit) => {
      const changed = Buffer.from(whole());
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect((await judge(changed)).ok).toBe(false);
    }), { numRuns: 4 });
  });
  test("with a line gone, said again, moved, swapped, or another address in it, name that line and no other", async () => {
    await fc.assert(fc.asyncProperty(place, fc.integer({ min: 1, max: 9 }), async (n, by) => {
      expect(kindsOf(await judge(before(n), after(n)))).toEqual([`dropped ${n}`]);
      expect(kindsOf(await judge(before(n), line(n), line(n), after(n)))).toEqual([`added ${n}`]);
      expect(kindsOf(await judge(before(n), whole().subarray(lineAt(n)[1], lineAt(n + by)[1]), line(n), after(n + by)))).toEqual([`dropped ${n}`, `moved ${n}`]);
      const other = Buffer.from(line(n).toString("latin1").replace("203.0.113.41", "203.0.113.42"), "latin1");
      expect(kindsOf(await judge(before(n), other, after(n)))).toEqual([`changed ${n}`]);
    }), { numRuns: 1 });
  });
  test("cut anywhere, or without the last line, or with one more, are found out", async () => {
    await fc.assert(fc.asyncProperty(fc.nat({ max: whole().length - 1 }), async (length) => {
      expect((await judge(whole().subarray(0, length))).ok).toBe(false);
    }), { numRuns: 2 });
    expect(kindsOf(await judge(before(events + 2)))).toEqual([`cut ${events + 2}`]);
    expect(kindsOf(await judge(whole(), line(7)))).toEqual([`added ${events + 3}`]);
    expect(line(events + 2).subarray(-settings[format].end.length).toString()).toBe(settings[format].end);
  });
});
