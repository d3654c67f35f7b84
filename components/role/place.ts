/** What tells two vaults of one name apart in a list: the client's alias, or the vault's own id. Pure. */
export type Placed = { readonly vaultRef: string; readonly clientId: string; readonly clientName: string; readonly alias: string | null; readonly vaultId: string };

/** Per vault what stands beside the client's name; nothing where the name is enough. */
export function placesOf(vaults: readonly Placed[]): ReadonlyMap<string, string> {
  const byName = Map.groupBy(new Map(vaults.map((one) => [one.vaultRef, one])).values(), ({ clientName }) => clientName.toLowerCase());
  const places = new Map<string, string>();
  for (const same of byName.values()) {
    if (same.length === 1) continue;
    const aliases = same.map(({ alias }) => alias);
    const tell = aliases.every((alias) => alias !== null && aliases.indexOf(alias) === aliases.lastIndexOf(alias));
    for (const { vaultRef, alias, vaultId } of same) places.set(vaultRef, tell ? alias! : alias === null ? vaultId : `${alias}, ${vaultId}`);
  }
  return places;
}
