// Work on the files instead of serving them: what an operator does by hand, each as one command that then ends.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { eraseDetails } from "./audit/erase.ts";
import { copyFolder, putBack, verifyCopy } from "./copy.ts";
import { noteMetaChange } from "./failover/log.ts";
import { promote } from "./failover/promote.ts";
import { newSecret } from "./failover/wire.ts";
import { Host, VAULT_ID, type Log } from "./host.ts";
import { beginEpoch } from "./restore.ts";
import { Database } from "./store/database.ts";
import { loadHostKey } from "./store/keys.ts";
import { PlainError } from "./store/plain-error.ts";
import { writeVaultMeta, type MetaChange } from "./store/vault-meta.ts";

export type Upkeep =
  | { kind: "restored"; vault: string; above: number }
  | { kind: "restore"; copy: string; above: number }
  | { kind: "promote"; above: number }
  | { kind: "copy"; to: string }
  | { kind: "verify"; copy: string }
  | { kind: "meta"; vault: string; change: MetaChange }
  | { kind: "secret"; path: string }
  | { kind: "erase"; beforeMs: number };

interface Ground {
  dir: string;
  rpId: string;
  origin: string;
  log: Log;
}

/** Carries out one command. Throws PlainError when it cannot. What serves keeps serving for `copy`, `verify` and `meta`. */
export async function carryOutUpkeep(upkeep: Upkeep, ground: Ground): Promise<void> {
  const { dir, log } = ground;
  switch (upkeep.kind) {
    case "secret":
      newSecret(upkeep.path);
      return;
    case "copy":
      for (const { head, ...state } of await copyFolder(dir, upkeep.to, hostKey(dir))) log({ event: "vault.copied", ...state, head_seq: head.seq, head_hash: head.hash });
      return;
    case "verify": {
      const { head, ...state } = verifyCopy(upkeep.copy, hostKey(dir));
      log({ event: "copy.whole", ...state, head_seq: head.seq, head_hash: head.hash });
      return;
    }
    case "meta":
      setMeta(dir, upkeep.vault, upkeep.change);
      log({ event: "vault_meta.set", vault: upkeep.vault });
      return;
    case "restored":
      return withHost(ground, "primary", async (host) => {
        if (!host.has(upkeep.vault)) throw new PlainError(`There is no vault ${upkeep.vault} in this folder.`);
        log({ event: "vault.restored", vault: upkeep.vault, ...(await host.use(upkeep.vault, (vault) => beginEpoch(vault, upkeep.above))) });
      });
    case "restore":
      return withHost(ground, "primary", async (host) => {
        const { vault: id } = verifyCopy(upkeep.copy, host.hostKey);
        const found: ReturnType<typeof putBack>[] = [];
        await host.replace(id, () => void found.push(putBack(dir, upkeep.copy, id)));
        const { aside, epochBefore } = found[0]!;
        const begun = await host.use(id, (vault) => beginEpoch(vault, Math.max(upkeep.above, epochBefore)));
        log({ event: "vault.restored", vault: id, ...begun, kept_aside: aside });
      });
    case "promote":
      return withHost(ground, "backup", async (host) => {
        for (const id of host.ids()) {
          if (host.modeOf(id) !== "backup") continue;
          log({ event: "vault.promoted", vault: id, ...(await host.use(id, (vault) => promote(vault, upkeep.above))) });
          host.closeIdle();
        }
      });
    case "erase":
      return withHost(ground, "primary", async (host) => {
        for (const id of host.ids()) log({ event: "details.erased", vault: id, events: await host.use(id, (vault) => eraseDetails(vault, upkeep.beforeMs)) });
      });
  }
}

function hostKey(dir: string): Buffer {
  return loadHostKey(join(dir, "host.key"), false);
}

async function withHost({ dir, rpId, origin, log }: Ground, mode: "primary" | "backup", work: (host: Host) => Promise<void>): Promise<void> {
  // A followed vault's log of changes must outlive a command: it is dropped by a host that is started without a secret.
  const host = new Host({ dir, origin, rpId, log, mode, followed: "as it is" });
  try {
    await work(host);
  } finally {
    host.close();
  }
}

/** Beside a running host: the file is SQLite's to share, and `vault_meta` is read at each use. */
function setMeta(dir: string, vault: string, change: MetaChange): void {
  const path = join(dir, `clavitor-${vault}`);
  if (!VAULT_ID.test(vault) || !existsSync(path)) throw new PlainError(`There is no vault ${vault} in this folder.`);
  const db = new Database(path);
  try {
    if (db.get("SELECT mode FROM vault WHERE one = 1")!.mode === "backup") throw new PlainError("A backup takes vault_meta from its primary. Set it there.");
    db.write(true, () => {
      writeVaultMeta(db, change);
      noteMetaChange(db);
    });
  } catch (error) {
    throw error instanceof TypeError ? new PlainError("The first time, --account-email is needed.") : error;
  } finally {
    db.close();
  }
}
