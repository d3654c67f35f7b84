import { copyFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { verifyChain } from "#lib/protocol/audit.ts";
import type { AuditPage } from "#lib/protocol/messages.ts";
import { beginEpoch } from "./restore.ts";
import { op } from "./testing/client.ts";
import { registerVault, startWorld } from "./testing/world.ts";

test("a restored vault says so: a new epoch, its event first, receipts dropped, ids above a gap", async () => {
  const world = await startWorld();
  try {
    const { owner, key } = await registerVault(world);
    const { vaultId } = owner.account;
    const person = () => op("POST", "/agent", { name: "x", kind: "human", scopes: "", all_access: false, admin: false });
    await owner.must([person(), op("POST", "/entry", { title: "x", scopes: "0100", fields: [] })], { keys: [key] });
    const file = join(world.dir, `clavitor-${vaultId}`);
    world.host.closeIdle();
    copyFileSync(file, `${file}.copy`);

    const lost = [person()];
    const header = await owner.assertion(lost, { keys: [key] });
    const { receipt } = (await owner.submit(lost, header)).json;
    await world.close();
    for (const end of ["-wal", "-shm"]) rmSync(file + end, { force: true });
    copyFileSync(`${file}.copy`, file);
    await world.restart();
    const begun = await world.host.use(vaultId, (opened) => beginEpoch(opened));
    expect(begun).toEqual({ epoch: 2, revision: 2 });

    const info = (await owner.get("/vault")).json;
    expect(info).toMatchObject({ epoch: 2, epoch_revision: 2, revision: 2 });
    expect(receipt.revision).toBeGreaterThan(info.epoch_revision);
    expect((await owner.submit(lost, header)).json.code).toBe("challenge_unknown");
    const page = (await owner.get("/audit")).json as AuditPage;
    expect(verifyChain(page.events, null)).toMatchObject({ ok: true, last: { epoch: 2 } });
    const first = page.events.find(({ epoch }) => epoch === 2)!;
    expect([first.action, first.prev]).toEqual(["vault.restored", "A".repeat(43)]);
    expect(page.head).toMatchObject({ epoch: 2 });
    const next = await owner.must([person()], { keys: [key] });
    expect(next.receipt.results[0]!.agent_id).toBe(0x100 + 1_000 + 1);
    expect(next.receipt.epoch).toBe(2);
  } finally {
    await world.end();
  }
});
