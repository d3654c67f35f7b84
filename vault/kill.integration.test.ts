// kill -9 at every named step of a batch: after a restart the whole batch is there with its events and receipt, or nothing.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { verifyChain } from "#lib/protocol/audit.ts";
import type { AuditPage, Op, SignedReceipt } from "#lib/protocol/messages.ts";
import { generateSealKey } from "#lib/protocol/seal.ts";
import { startVaults } from "./start.ts";
import { dropConnections, op, type Response, type VaultClient } from "./testing/client.ts";
import { registerVault, type OwnedVault } from "./testing/world.ts";
import type { Step } from "./vault.ts";

const ORIGIN = "http://vault.localhost:1";
let dir: string;
let vault: OwnedVault;
let sealKey: { kem: string; public_key: string };

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "killed-"));
  const pair = await generateSealKey("x25519");
  sealKey = { kem: pair.kem, public_key: pair.publicKey };
  const calm = await startVaults({ dir, port: 0, origin: ORIGIN });
  vault = await registerVault(calm, "Acme");
  dropConnections();
  await calm.close();
});
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

/** A host of its own process; resolves to its address once it listens. */
async function spawnHost(step: Step | "never", count: number): Promise<{ child: ChildProcess; owner: VaultClient; gone: Promise<unknown> }> {
  const child = spawn(process.execPath, [fileURLToPath(new URL("./testing/killable.ts", import.meta.url)), dir, ORIGIN, step, String(count)], { stdio: ["ignore", "pipe", "inherit"] });
  const gone = once(child, "exit");
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  const { listening } = JSON.parse(line) as { listening: string };
  return { child, owner: vault.owner.as({ dial: listening }), gone };
}

const batch = (mark: string): Op[] => [
  op("POST", "/agent", { name: mark, kind: "human", scopes: "", all_access: false, admin: false, seal_to: sealKey }),
  op("POST", "/entry", { title: mark, scopes: "0010", fields: [{ label: "p", kind: "password", tier: "L2", value: mark }] }),
  op("PUT", "/agent/1", { name: mark }),
];

interface State {
  agents: number;
  entries: number;
  owner: string;
  audit: AuditPage;
}

async function stateOf(owner: VaultClient): Promise<State> {
  const { agents } = (await owner.get("/agents")).json as { agents: { id: number; name: string }[] };
  return {
    agents: agents.length,
    entries: (await owner.get("/entries?limit=500")).json.entries.length,
    owner: agents.find(({ id }) => id === 1)!.name,
    audit: (await owner.get("/audit?limit=1000&after=0")).json,
  };
}

/** The state after a restart in this process. */
async function afterwards<T>(look: (owner: VaultClient) => Promise<T>): Promise<T> {
  const calm = await startVaults({ dir, port: 0, origin: ORIGIN });
  try {
    return await look(vault.owner.as({ dial: calm.listening }));
  } finally {
    dropConnections();
    await calm.close();
  }
}

// The batch has one sealed token, so it is applied twice: once to learn what to seal, then for good. Steps inside the
// transaction are therefore met up to six times.
const BEFORE_THE_COMMIT: readonly (readonly [Step, number])[] = [
  ["locked", 1],
  ["challenge spent", 1],
  ["verified", 1],
  ["transaction begun", 1],
  ["transaction begun", 2],
  ...[1, 2, 3, 4, 5, 6].map((count) => ["operation applied", count] as const),
  ...[1, 2, 3, 4, 5, 6].map((count) => ["audited", count] as const),
  ["receipt stored", 1],
];

interface Outcome {
  before: State;
  after: State;
  /** Events of the batch itself. */
  events: AuditPage["events"];
  again: Response;
}

/** Kills the host at the point while it applies a batch, starts another on the folder, and resends the same bytes. */
async function killedAt(step: Step, count: number): Promise<Outcome> {
  const before = await afterwards(stateOf);
  const { owner, gone } = await spawnHost(step, count);
  const mark = `${step} ${count}`;
  const ops = batch(mark);
  const header = await owner.assertion(ops, { keys: [vault.key] });
  await expect(owner.submit(ops, header)).rejects.toThrow(/hang up|ECONNRESET/);
  expect(await gone).toEqual([null, "SIGKILL"]);
  dropConnections();
  return afterwards(async (restarted) => {
    const after = await stateOf(restarted);
    const events = after.audit.events.filter(({ seq, action }) => seq > before.audit.head!.seq && /^(agent|entry)\.(create|update)$/.test(action));
    return { before, after, events, again: await restarted.submit(ops, header) };
  });
}

test.each(BEFORE_THE_COMMIT)("killed at %s (time %i): nothing of the batch is there", async (step, count) => {
  const { before, after, events, again } = await killedAt(step, count);
  expect(verifyChain(after.audit.events, null).ok).toBe(true);
  expect([after.agents, after.entries, after.owner, events.length]).toEqual([before.agents, before.entries, before.owner, 0]);
  expect(again.json.code).toBe("challenge_unknown");
});

test("killed after the commit, before the answer: everything is there, and the resent batch gets its receipt", async () => {
  const { before, after, events, again } = await killedAt("committed", 1);
  expect(verifyChain(after.audit.events, null).ok).toBe(true);
  expect([after.agents, after.entries, after.owner, events.length]).toEqual([before.agents + 1, before.entries + 1, "committed 1", 3]);
  const { receipt } = again.json as SignedReceipt;
  expect(events.at(-1)).toMatchObject({ seq: receipt.audit.seq, hash: receipt.audit.hash });
});

test("killed at any moment under load: whatever was answered is there, and every batch is whole or absent", async () => {
  for (let round = 0; round < 5; round++) {
    const before = await afterwards(stateOf);
    const { child, owner, gone } = await spawnHost("never", 1);
    const batches = Array.from({ length: 12 }, (_, i) => batch(`round ${round} batch ${i}`));
    const headers = await Promise.all(batches.map((ops) => owner.assertion(ops, { keys: [vault.key] })));
    let answered = 0;
    const stopAfter = 1 + round * 2;
    const results = await Promise.all(
      batches.map(async (ops, i): Promise<Response | null> => {
        try {
          const answer = await owner.submit(ops, headers[i]!);
          if (++answered === stopAfter) child.kill("SIGKILL");
          return answer;
        } catch {
          return null;
        }
      }),
    );
    expect(await gone).toEqual([null, "SIGKILL"]);
    dropConnections();
    await afterwards(async (restarted) => {
      const after = await stateOf(restarted);
      expect(verifyChain(after.audit.events, null).ok).toBe(true);
      let applied = 0;
      for (const [i, ops] of batches.entries()) {
        const again = await restarted.submit(ops, headers[i]!);
        expect(again.text).toBe(results[i]?.text ?? again.text);
        expect([200, 403]).toContain(again.status);
        if (again.status === 200) applied++;
      }
      expect(applied).toBeGreaterThanOrEqual(stopAfter);
      expect([after.agents - before.agents, after.entries - before.entries]).toEqual([applied, applied]);
    });
  }
});
