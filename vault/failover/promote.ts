// A backup becomes the primary (PROTOCOL 9): what the lost primary had not sent is gone, and everyone is told by the epoch.
import { signedHead } from "../audit/read.ts";
import { beginEpochInside } from "../restore.ts";
import type { Vault } from "../vault.ts";
import { dropHead, storeHead } from "./heads.ts";
import { dropStandby } from "./standby.ts";

/** To be run on a backup's opened vault, whose handle must be closed afterwards: it still holds the backup's keys. */
export function promote(vault: Vault, above = 0): { epoch: number; revision: number } {
  const { db } = vault;
  return vault.write(true, () => {
    // The backup's stream ends here, under its own key; the primary's goes on from the file in a chain of its own.
    const head = signedHead(vault);
    if (head !== null) storeHead(db, head);
    dropHead(db, "primary");
    dropStandby(db);
    db.run("UPDATE vault SET mode = 'primary', synced_seq = 0 WHERE one = 1");
    vault.reload();
    return beginEpochInside(vault, above);
  });
}
