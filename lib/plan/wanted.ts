/** What somebody wants of vaults, before it is judged and frozen: one entry per row. The matrix and the exit page make these. */
export type WantedChange =
  /** A new token for a member. `scopes` as PROTOCOL 1 spells a set; `expiresAt` Unix seconds, null = no end. */
  | { change: "grant"; vaultRef: string; personId: string; scopes: string; allAccess: boolean; expiresAt: number | null }
  /** The same token, another reach. */
  | { change: "alter"; vaultRef: string; uid: string; scopes: string; allAccess: boolean; expiresAt: number | null }
  /** A new token for the same row, sealed to the person it is linked to; the old one ends. */
  | { change: "reissue"; vaultRef: string; uid: string }
  | { change: "revoke"; vaultRef: string; uid: string };

/** The order in which they apply within a vault (PROTOCOL 7: all or none, in order). */
export const changeOrder = { revoke: 0, alter: 1, reissue: 2, grant: 3 } as const;
