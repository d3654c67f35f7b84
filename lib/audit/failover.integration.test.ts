/** A real primary and its backup, failover, promotion; and kills at any point of keeping a log. */
import { createSecretKey, randomBytes, randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dropConnections } from "#vault/testing/client.ts";
import { connectMsp, registerVault, startWorld, TestClock, WIDE } from "#vault/testing/world.ts";
import { carryOutUpkeep } from "#vault/upkeep.ts";
import { setTestEnvironment, testDatabase, type TestDatabase } from "../../tests/database.ts";
import { addConnected } from "../known/testing/connected.ts";
import { addressRules, openNet, type Net } from "../vault/net.ts";
import { sealVaultToken } from "../vault/open.ts";
import { MANAGER, openSignedVaults, type SignedVaults } from "../vault/testing/signed-vaults.ts";
import { Puller } from "./puller.ts";
import { Telling } from "./testing/telling.ts";

let t: TestDatabase;
let net: Net;
let admin: pg.Client;
let quillmoor: string;
beforeAll(async () => {
  t = await testDatabase();
  setTestEnvironment(t.urls);
  net = openNet({ rules: addressRules(), callMs: 1_500 });
  admin = new pg.Client({ connectionString: t.urls.admin });
  await admin.connect();
  quillmoor = await t.msp("Quillmoor IT");
});
afterAll(async () => {
  await admin.end();
  await net.agent.destroy();
  await t.close();
});
const rows = async <T extends object>(sql: string, ...values: unknown[]): Promise<T[]> => (await admin.query(sql, values)).rows as T[];

test("a failover, its own log and a promotion are told as what they are: nothing is lost, nothing is taken for tampering", async () => {
  const clock = new TestClock();
  const replicationSecret = createSecretKey(randomBytes(32));
  const primary = await startWorld({ clock, replicationSecret });
  const backup = await startWorld({ clock, replicationSecret, follow: primary.listening, followMs: 0 });
  try {
    const owned = await registerVault(primary, "Acme");
    const msp = await connectMsp(owned, { grant: { ...WIDE, audit: "all" } });
    const path = `/${owned.owner.account.vaultId}`;
    const one = await addConnected(t, quillmoor, { name: "Acme", url: `${primary.listening}${path}`, msp });
    const errors: unknown[] = [];
    const pull = async (dial: string) => {
      await admin.query("update vault set address = $2 where vault_ref = $1", [one.vaultRef, `${dial}${path}`]);
      await admin.query("update audit_pull set next_at = now(), lease_until = null");
      await new Puller({ net, db: t.db, log: { error: (fields: object) => void errors.push((fields as { err?: unknown }).err) } }).run();
      expect(errors).toEqual([]);
      return (await rows<{ state: string }>("select state from audit_pull where vault_ref = $1", one.vaultRef))[0]!.state;
    };
    const streams = async () => new Map((await rows<{ stream: string; epoch: number; seq: string; complete_until: Date | null }>("select stream, epoch, seq, complete_until from audit_stream where vault_ref = $1", one.vaultRef)).map((row) => [row.stream, { ...row, seq: Number(row.seq) }]));
    const held = async (stream: string) => (await rows<{ line: string }>("select epoch || '.' || seq as line from audit_event where vault_ref = $1 and stream = $2 order by received_at, event_id", one.vaultRef, stream)).map(({ line }) => line);
    const findings = async () => (await rows<{ kind: string; seq: string; seq_to: string; severity: string }>("select kind, seq, seq_to, severity from audit_finding where vault_ref = $1 order by finding_id", one.vaultRef)).map((row) => `${row.kind} ${row.seq}-${row.seq_to} ${row.severity}`);

    await owned.owner.get("/entries");
    await backup.follower!.catchUp();
    // Two events that the backup will never hear of.
    await owned.owner.get("/entries");
    await owned.owner.get("/search?q=router");
    expect(await pull(primary.listening)).toBe("ok");
    const before = (await streams()).get("primary")!;
    expect(await findings()).toEqual([]);

    // The primary is gone; the backup serves reads, and writes its own log about it.
    await primary.close();
    dropConnections();
    const info = (await owned.owner.as({ dial: backup.listening }).get("/vault")).json as { backup_key: string };
    await owned.owner.as({ dial: backup.listening, key: info.backup_key }).get("/entries");
    expect(await pull(backup.listening)).toBe("failover");
    const during = await streams();
    expect(during.get("primary")).toEqual(before);
    expect(during.get("backup")!.seq).toBeGreaterThan(0);
    const segment = await held("backup");
    expect(await findings()).toEqual([`failover 1-${segment.length} notice`]);
    expect(await pull(backup.listening)).toBe("failover");

    // Promoted: a new epoch, in which what it never heard of is taken back.
    await backup.close();
    await carryOutUpkeep({ kind: "promote", above: 0 }, { dir: backup.dir, rpId: "vault.localhost", origin: backup.origin, log: () => undefined });
    const promoted = await startWorld({ clock, replicationSecret, dir: backup.dir });
    try {
      expect(await pull(promoted.listening)).toBe("ok");
      const after = (await streams()).get("primary")!;
      expect(after.epoch).toBe(2);
      const chain = await held("primary");
      expect(chain.slice(0, before.seq)).toEqual(Array.from({ length: before.seq }, (_, i) => `1.${i + 1}`));
      const restored = (await findings()).find((line) => line.startsWith("restored"));
      const [, from, to] = /^restored (\d+)-(\d+) notice$/.exec(restored!)!;
      expect([Number(to), chain[before.seq]]).toEqual([before.seq, `2.${from}`]);
      expect((await findings()).every((line) => line.endsWith("notice"))).toBe(true);
      // The backup's log is whole, with what it wrote until it became the primary.
      expect(await held("backup")).toEqual(Array.from({ length: (await streams()).get("backup")!.seq }, (_, i) => `1.${i + 1}`));
    } finally {
      await promoted.close();
    }
  } finally {
    await backup.end();
    await primary.end();
  }
}, 60_000);

test("killed at any point, and pulled by two workers at once: nothing twice, nothing lost", async () => {
  const log = new Telling().add(3_500);
  let told: SignedVaults;
  const say = log.say(() => told, 0);
  told = await openSignedVaults(1, { say });
  try {
    const { vaultId, publicKey, token } = told.accounts[0]!;
    const [clientId, vaultRef] = [randomUUID(), randomUUID()];
    await admin.query("insert into client (msp_id, client_id, name, aliases, tags, plan) values ($1, $2, 'Killed', '{}', '{}', 'team-10')", [quillmoor, clientId]);
    await admin.query("insert into vault (msp_id, vault_ref, client_id, address, state, vault_id, public_key, agent_id, manager_uid, sealed_token, granted, connected_at, confirmed_at) values ($1, $2, $3, $4, 'connected', $5, $6, $7, $8, $9, '{}', now(), now())",
      [quillmoor, vaultRef, clientId, `http://127.0.0.1:${told.port}/${vaultId}`, vaultId, publicKey, MANAGER.id, MANAGER.uid, Buffer.from(sealVaultToken({ mspId: quillmoor, vaultRef }, token))]);
    await admin.query("insert into audit_pull (msp_id, vault_ref) values ($1, $2)", [quillmoor, vaultRef]);
    let kills = 0;
    const run = { done: false };
    // The database ends connections of the workers in whatever they are in the middle of, as a kill would.
    const killing = (async () => {
      const killer = new pg.Client({ connectionString: t.urls.admin });
      await killer.connect();
      while (!run.done && kills < 25) {
        const { rows: [killed] } = await killer.query<{ n: number }>("select count(pg_terminate_backend(pid))::int as n from pg_stat_activity where datname = current_database() and usename = 'clavitor_app' and state <> 'idle'");
        kills += killed!.n;
      }
      await killer.end();
    })();
    const held = async () => Number((await rows<{ n: string }>("select count(*) as n from audit_event where vault_ref = $1", vaultRef))[0]!.n);
    const stop = performance.now() + 20_000;
    while ((await held()) < log.events.length && performance.now() < stop) {
      await admin.query("update audit_pull set next_at = now(), lease_until = null where vault_ref = $1", [vaultRef]);
      await Promise.all([new Puller({ net, db: t.db }), new Puller({ net, db: t.db })].map((puller) => puller.run().catch(() => undefined)));
    }
    run.done = true;
    await killing;
    expect(kills).toBeGreaterThan(0);
    const chain = await rows<{ seq: string; hash: string }>("select seq, translate(encode(hash, 'base64'), '+/=', '-_') as hash from audit_event where vault_ref = $1 order by seq, received_at", vaultRef);
    expect(chain.map(({ seq }) => Number(seq))).toEqual(log.events.map(({ seq }) => seq));
    expect(chain.map(({ hash }) => hash)).toEqual(log.events.map(({ hash }) => hash));
    expect(await rows("select kind from audit_finding where vault_ref = $1", vaultRef)).toEqual([]);
    expect(await rows("select events, seq from audit_stream where vault_ref = $1 and stream = 'primary'", vaultRef)).toEqual([{ events: "3500", seq: "3500" }]);
  } finally {
    await told.close();
  }
}, 60_000);
