/** What a subscription allows in one vault (SPEC 6): the ceilings that the hosting side writes beside a client's vault. */

export type Plan = "Pro" | "Team 10" | "Team 25" | "Team 100" | "MME" | "Enterprise";

export interface Ceilings {
  /** Tokens in this vault, the owner's included; null = unlimited. */
  tokens: number | null;
  /** Hardware keys; null = unlimited. */
  devices: number | null;
}

/**
 * Team plans: tokens per vault as in the table. Device limits are per subscription; until an operator divides them, the
 * company vault gets the whole of its own. Individual plans count agents beside the owner, so Pro's 50 are 51 tokens; the
 * table names no device limit for it, and none for MME and Enterprise.
 */
export const CEILINGS: Readonly<Record<Plan, Ceilings>> = {
  Pro: { tokens: 51, devices: null },
  "Team 10": { tokens: 11, devices: 100 },
  "Team 25": { tokens: 26, devices: 250 },
  "Team 100": { tokens: 101, devices: 1_000 },
  MME: { tokens: null, devices: null },
  Enterprise: { tokens: null, devices: null },
};
