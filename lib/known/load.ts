/** From claimed ids to vaults that can be read, many of one tenant at once. */
import type { Reading } from "#prisma/generated/client.ts";
import type { Database } from "../db/client.ts";
import { observe, read } from "../db/tenant.ts";
import { workerFor } from "../identity/actor.ts";
import type { Net } from "../vault/net.ts";
import { openVault } from "../vault/open.ts";
import type { Held } from "./read.ts";
import { saveReadings } from "./save.ts";
import { never } from "./schedule.ts";

export type Claimed = { msp_id: string; vault_ref: string; lease_until: Date; probe_due: boolean };

/** Vaults whose connection ended are read no more: their reading is put to rest. */
async function rest(mspId: string, over: readonly { vaultRef: string; leaseUntil: Date; reading: Reading }[], db: Database): Promise<void> {
  if (over.length === 0) return;
  await observe(workerFor(mspId), (tx) => saveReadings(tx, over.map(({ vaultRef, leaseUntil, reading }) => ({ vaultRef, leaseUntil, dueAt: reading.nextReadAt, nextReadAt: never, patch: { next_probe_at: never.toISOString() } }))), db);
}

export async function loadHeld(mspId: string, claimed: readonly Claimed[], db: Database, net?: Net): Promise<Held[]> {
  const vaults = await read(workerFor(mspId), (tx) => tx.db.vault.findMany({
    where: { mspId, vaultRef: { in: claimed.map(({ vault_ref: ref }) => ref) } },
    select: {
      mspId: true, vaultRef: true, state: true, address: true, vaultId: true, publicKey: true, agentId: true, managerUid: true, sealedToken: true, granted: true,
      reading: true, client: { select: { name: true, exitStartedAt: true } },
    },
  }), db);
  const byRef = new Map(vaults.map((vault) => [vault.vaultRef, vault]));
  const held: Held[] = [];
  const over = [];
  for (const { vault_ref: ref, lease_until: leaseUntil, probe_due: probeDue } of claimed) {
    const vault = byRef.get(ref);
    if (!vault?.reading) continue;
    const { reading } = vault;
    if (vault.state === "ended" || vault.state === "asking") over.push({ vaultRef: ref, leaseUntil, reading });
    else held.push({ vault: { ...vault, reading }, leaseUntil, probeDue, client: openVault(vault, net) });
  }
  await rest(mspId, over, db);
  return held;
}
