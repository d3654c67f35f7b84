/** From a row of `vault` to a client, and its token under lib/seal. The token is opened here and nowhere else, and never logged. */
import type { Vault } from "#prisma/generated/client.ts";
import { env } from "../env.ts";
import { seal, SealError, sealKeys, unseal, type SealContext } from "../seal.ts";
import type { Access } from "./call.ts";
import { VaultClient } from "./client.ts";
import { vaultNet, type Net } from "./net.ts";

type Place = Pick<Vault, "mspId" | "vaultRef">;
const context = ({ mspId, vaultRef }: Place): SealContext => ({ mspId, object: vaultRef, purpose: "vault-token" });

/** For `vault.sealed_token`: opens only for this tenant, this vault and this purpose. */
export const sealVaultToken = (place: Place, token: string): Uint8Array<ArrayBuffer> => seal(sealKeys(env().SEAL_KEYS), context(place), token);

export type OpenableVault = Place & Pick<Vault, "address" | "vaultId" | "publicKey" | "agentId" | "sealedToken">;

function tokenOf(row: OpenableVault): string | null {
  if (row.sealedToken === null) return null;
  try {
    return unseal(sealKeys(env().SEAL_KEYS), context(row), row.sealedToken);
  } catch (error) {
    if (error instanceof SealError) return null;
    throw error;
  }
}

/** Throws when the row was never connected; a token that does not open makes every call unknown (`sealed`). */
export function openVault(row: OpenableVault, net: Net = vaultNet()): VaultClient {
  const { address: url, vaultId, publicKey, agentId } = row;
  if (vaultId === null || publicKey === null || agentId === null) throw new Error(`The vault ${row.vaultRef} was never connected.`);
  const access: Access = { url, vaultId, publicKey, agentId, token: tokenOf(row) };
  return new VaultClient(access, net);
}
