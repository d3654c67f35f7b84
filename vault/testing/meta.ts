import { join } from "node:path";
import { Database } from "../store/database.ts";
import { writeVaultMeta, type MetaChange } from "../store/vault-meta.ts";

/** Writes `vault_meta` into a running vault's file from outside, as its point of presence does. */
export function setMeta(dir: string, vaultId: string, change: MetaChange): void {
  const file = new Database(join(dir, `clavitor-${vaultId}`));
  try {
    file.write(true, () => writeVaultMeta(file, { account_email: "office@acme.example", ...change }));
  } finally {
    file.close();
  }
}
