/**
 * What is known of every technician in every vault, as arrays: small enough to hold 400,000 cells in a browser and to look at each
 * of them within a frame. Rows are vaults, columns are technicians; a cell is `row * people.length + column`. Pure, for both sides.
 */

/** A row of the matrix knows its client's name, place (what tells two of one name apart) and, when there are several, its vault's. */
export type Row = {
  /** Names the vault on the wire: the last 8 of its reference's 16 bytes in base64url, or all 16 where 8 do not tell two apart. */
  readonly key: string;
  /** The same number for all vaults of one client; the first row of a client stands for it. */
  readonly client: number;
  readonly name: string;
  readonly place: string;
  readonly vault: string;
  readonly aliases: readonly string[];
  readonly tags: readonly string[];
  readonly plan: string;
  readonly health: Health;
  /** Minutes before `Facts.at` that it was last read; null: never. */
  readonly age: number | null;
  readonly tokensUsed: number;
  /** null: unlimited, or not known yet. */
  readonly tokensLimit: number | null;
  /** Rows that the client made for itself: shown, never staged (SPEC section 4). */
  readonly own: number;
  /** Rows of ours of which nobody knows whose they are. */
  readonly loose: number;
  /** Bits of the roles that have a number in this vault, and of those whose number lies within the client's grant. */
  readonly numbered: number;
  readonly granted: number;
  readonly fullAccess: "never" | "leased" | "yes";
  /** How many more rows the grant allows us; null: not known. */
  readonly grantFree: number | null;
  /** Hours: the longest for access of any kind here, by the rules over its client's tags; null: none. */
  readonly longest: number | null;
};

/** `stopped`, `unconfirmed`: no plan can be made for it. The rest as lib/known says (docs/reading.md). */
export const healths = ["ok", "unread", "failover", "silent", "lapsed", "lying", "stopped", "unconfirmed"] as const;
export type Health = (typeof healths)[number];

/** `longest` in hours, where the organisation has set one for the role. */
export type RoleFact = { readonly id: string; readonly name: string; readonly letter: string; readonly longest: number | null };
export type PodFact = { readonly id: string; readonly name: string };
export const inboxStates = ["endorsed", "waiting", "none"] as const;
export type Person = {
  readonly id: string;
  readonly name: string;
  /** Index into pods, -1: none. */
  readonly pod: number;
  readonly tags: readonly string[];
  /** Of the key that their tokens would be sealed to. Without an endorsed one nothing can be granted. */
  readonly inbox: (typeof inboxStates)[number];
  /** The last day of a leave that has begun, as YYYY-MM-DD; "" without an end; null: at work. */
  readonly leave: string | null;
  readonly frozen: boolean;
};

/** Bits of `access`: a role per bit in the dictionary's order, then full access; `held` is set whenever there is a row at all. */
export const maxRoles = 30;
export const FULL = 1 << 30;
export const HELD = 0x8000_0000;
export const ROLES = FULL - 1;

/** Bits of `flags`. */
export const flag = {
  /** Known differs from wanted, and nobody staged it. */
  drift: 1,
  /** What drifted is a removal: `access` is what we want, the vault has nothing. */
  gone: 2,
  /** A token waits to be opened for the first time. */
  unclaimed: 4,
  /** Never used at all: `unused` counts from its creation. */
  neverUsed: 8,
  /** The client made this row: shown, never staged. */
  own: 16,
  /** It has numbers that no role has in this vault. */
  unmapped: 32,
  locked: 64,
  /** A second row with an earlier end stands in `leases`. */
  leased: 128,
} as const;

/** What a released change is doing. */
export const progresses = ["", "running", "waiting", "failed", "proven"] as const;
export type Progress = (typeof progresses)[number];

/** Days without use from which a step counts; finer would cost bytes and tell nobody more. Step 0: used within a day. */
export const unusedSteps = [0, 1, 7, 14, 30, 45, 60, 90, 120, 180, 270, 365] as const;
export const unusedStep = (days: number): number => unusedSteps.findLastIndex((from) => days >= from);
/** From here a cell is drawn as unused. */
export const unusedFrom = 60;

export type LeaseFact = { readonly access: number; readonly end: number };
export type Cells = {
  /** HELD, FULL and role bits. */
  readonly access: Uint32Array;
  readonly flags: Uint8Array;
  /** Index into unusedSteps. */
  readonly unused: Uint8Array;
  /** Index into progresses. */
  readonly progress: Uint8Array;
  /** End of the main row in minutes since 1970; 0: none. */
  readonly end: Uint32Array;
  readonly leases: Map<number, LeaseFact>;
};

export type Facts = {
  /** When they were put together, in ms. */
  readonly at: number;
  /** Hours: the longest for full access. */
  readonly fullLongest: number;
  readonly roles: readonly RoleFact[];
  readonly pods: readonly PodFact[];
  readonly people: readonly Person[];
  readonly rows: readonly Row[];
  readonly cells: Cells;
};

export const emptyCells = (count: number): Cells => ({
  access: new Uint32Array(count), flags: new Uint8Array(count), unused: new Uint8Array(count), progress: new Uint8Array(count), end: new Uint32Array(count), leases: new Map(),
});

export const cellOf = (facts: Pick<Facts, "people">, row: number, column: number): number => row * facts.people.length + column;
export const rowOf = (facts: Pick<Facts, "people">, cell: number): number => Math.floor(cell / facts.people.length);
export const columnOf = (facts: Pick<Facts, "people">, cell: number): number => cell % facts.people.length;

/** Whether there is anything of ours: what a revocation would end. */
export const isHeld = (access: number): boolean => (access & HELD) !== 0;
/** A removal by the client: wanted, but not there any more. */
export const isThere = (cells: Cells, cell: number): boolean => isHeld(cells.access[cell]!) && (cells.flags[cell]! & flag.gone) === 0;

/** The roles of a set of bits, in the dictionary's order. */
export function rolesIn(facts: Pick<Facts, "roles">, access: number): RoleFact[] {
  return facts.roles.filter((_, bit) => (access & (1 << bit)) !== 0);
}

/** The bits of roles by id; an id that the dictionary does not have is left out. */
export function bitsOf(facts: Pick<Facts, "roles">, ids: readonly string[]): number {
  let bits = 0;
  facts.roles.forEach((role, bit) => {
    if (ids.includes(role.id)) bits |= 1 << bit;
  });
  return bits;
}

/** How many set bits. */
export function bitCount(bits: number): number {
  let n = bits >>> 0;
  n -= (n >>> 1) & 0x5555_5555;
  n = (n & 0x3333_3333) + ((n >>> 2) & 0x3333_3333);
  return (((n + (n >>> 4)) & 0x0f0f_0f0f) * 0x0101_0101) >>> 24;
}

/** A row that can be planned for at all. */
export const isPlannable = (row: Pick<Row, "health">): boolean => row.health !== "stopped" && row.health !== "unconfirmed";
/** A row whose facts are older than they should be. */
export const isOld = (row: Pick<Row, "health">): boolean => row.health === "silent" || row.health === "unread" || row.health === "lying" || row.health === "stopped";
