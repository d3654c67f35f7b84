/** What we ask of a client's vault (PROTOCOL 10.1), put together. Pure. */
import { z } from "zod";
import type { AskedRole, ConnectRequest, Grant, SealTo, Signer } from "../protocol/messages.ts";

/** A signing key of an owner, ready to be asked for. Times in epoch milliseconds. */
export type SignerKey = Signer & { personId: string; lastUsedAt: number | null; createdAt: number };

/** The request holds 1 to 8 signers (PROTOCOL 10.1). */
export const MAX_SIGNERS = 8;

/**
 * At most eight: first one key of every person, the one used last; then the others, again by use. So that many keys of one owner never
 * push out another owner.
 */
export function pickSigners(keys: readonly SignerKey[]): SignerKey[] {
  const used = ({ lastUsedAt, createdAt }: SignerKey) => lastUsedAt ?? createdAt;
  const byUse = keys.toSorted((a, b) => used(b) - used(a) || (a.credential_id < b.credential_id ? -1 : 1));
  const people = new Set<string>();
  const first = byUse.filter(({ personId }) => !people.has(personId) && people.add(personId));
  return [...first, ...byUse.filter((key) => !first.includes(key))].slice(0, MAX_SIGNERS);
}

/** One key is one accident away from nobody who can approve: two on different devices are asked for, best of two people. */
export const isThin = (signers: readonly unknown[]): boolean => signers.length < 2;

const days = (least: number, most: number) => z.coerce.number({ error: "Write a number." }).int("Write a whole number.").min(least, `At least ${least}.`).max(most, `At most ${most}.`);

/** The grant as the form asks it. */
export const wantShape = z.object({
  fullAccess: z.enum(["never", "leased", "yes"]),
  leaseDays: days(1, 3_650),
  people: days(1, 10_000),
  cosign: z.enum(["1", "2"]),
  log: z.enum(["own", "all"]),
  entries: z.enum(["yes", "no"]).default("no"),
});

/** Typed by whoever goes on with a single signing key. */
export const ONE_KEY = "one key";

const names = z.string().transform((text, context): string[] => {
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value) && value.length <= 64 && value.every((one) => typeof one === "string")) return value;
  } catch {
    // said below
  }
  context.addIssue({ code: "custom", message: "Load the page again." });
  return z.NEVER;
});

const oneSigner = z.string().default("").transform((text) => text.trim().toLowerCase() === ONE_KEY);
/** The form of the second step. */
export const askShape = wantShape.extend({ clientId: z.uuid(), address: z.string().trim().min(1, "Write the address of the vault.").max(2_000), roles: names, oneSigner });
/** Of a sheet of clients: the same is asked of all. */
export const importShape = wantShape.extend({ importId: z.uuid(), roles: names, oneSigner });

/** A new signer counts after a day, unless two people signed for it (PROTOCOL 4). Seconds. */
export const SIGNER_DELAY = 86_400;

/** Pure: what the form says, as a grant. Numbers are the client's to give, so we ask for any and they narrow it. */
export const grantFrom = (want: z.output<typeof wantShape>): Grant => ({
  scopes: "any", all_access: want.fullAccess, max_lease: want.leaseDays * 86_400, max_agents: want.people, entries: want.entries === "yes", cosign: want.cosign === "2" ? 2 : 1, signer_delay: SIGNER_DELAY, audit: want.log,
});

/** The grant asked for when nobody says otherwise. */
export const defaultWant = (people: number): Grant => ({ scopes: "any", all_access: "leased", max_lease: 90 * 86_400, max_agents: people, entries: false, cosign: 1, signer_delay: SIGNER_DELAY, audit: "all" });

/**
 * A number to propose for a role that this vault has none for: the one that most of our vaults use, else one of a range far above the
 * first rows of a vault, by the role's position. The client may write another.
 */
export function proposeScope(usual: readonly string[], position: number): string {
  const counts = new Map<string, number>();
  for (const scope of usual) counts.set(scope, (counts.get(scope) ?? 0) + 1);
  const [most] = [...counts].toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return most?.[0] ?? (0x0100 + (position & 0xff)).toString(16).padStart(4, "0");
}

export type Asking = { msp: { name: string; origin: string }; replaces: string | null; roles: readonly AskedRole[]; signers: readonly Signer[]; want: Grant; sealTo: SealTo; nonce: string; /** Unix seconds. */ expiresAt: number };

/** Where the vault's page takes the reply; on our own origin, as PROTOCOL 10.1 asks. */
export const replyPath = "/api/connect/reply";

export const buildRequest = ({ msp, replaces, roles, signers, want, sealTo, nonce, expiresAt }: Asking): ConnectRequest => ({
  v: 1, msp: { name: msp.name, origin: msp.origin }, replaces, roles: roles.map(({ name, scope }) => ({ name, scope })),
  signers: signers.map(({ credential_id, public_key, label, person, rp_id, origin, enrol }) => ({ credential_id, public_key, label, person, rp_id, origin, enrol })),
  want, reply_to: `${msp.origin}${replyPath}`, seal_to: sealTo, nonce, expires_at: expiresAt,
});
