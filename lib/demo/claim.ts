/**
 * The demo becomes somebody's: whoever holds the link that the launcher printed founds its MSP with a key, once. The ceremony
 * is that of sign-up (lib/identity/sign-up.ts), bound to the code besides.
 */
import { z } from "zod";
import { database, type Database } from "../db/client.ts";
import { env } from "../env.ts";
import { Refusal } from "../errors.ts";
import { installation } from "../id.ts";
import type { Browser } from "../identity/browser.ts";
import { linkSecret, newKeyShape, personName, type KeyQuestion, type NewKey } from "../identity/ceremony.ts";
import { burnChallenge, drawChallenge } from "../identity/challenge.ts";
import { foundWith } from "../identity/sign-up.ts";
import type { Opened } from "../identity/start-session.ts";
import { userHandleOf } from "../identity/user-handle.ts";
import { judgeRegistration } from "../identity/webauthn.ts";
import { record } from "../record/record.ts";
import { claimOf, type Claim } from "./code.ts";
import { worldAt, type World } from "./world.ts";

/** `code` out of the link's fragment. */
export type Claiming = { code: string; name: string };
export type ClaimLook = { organisation: string; clients: number };

/** Mail goes to the sink of this machine; the address is a place in it, not a way to reach anybody. */
const addressIn = (demo: string) => `owner@${demo}.example`;

async function open(code: string, db: Database): Promise<Claim> {
  const claim = claimOf(code);
  const [found] = await db.$queryRaw<{ used: boolean }[]>`select demo_claimed(${claim.sha256}) as used`;
  if (found?.used !== false) throw new Refusal("claim_used");
  return claim;
}

const bound = (browser: Pick<Browser, "bind">, { code, name }: Claiming) => browser.bind("claim", code, name);

/** What the holder of a link may see before claiming. Throws Refusal `claim_unknown`, `claim_used`, `demo_away`. */
export async function lookAtClaim(code: string, world: World = worldAt(), db: Database = database()): Promise<ClaimLook> {
  const { demo } = await open(code, db);
  const { msp, clients } = await world.portfolio(demo);
  return { organisation: msp.name, clients: clients.length };
}

/** The question to the claimer's key. Nothing is stored but it. */
export async function beginClaim(claiming: Claiming, browser: Pick<Browser, "bind">, world: World = worldAt(), db: Database = database()): Promise<KeyQuestion> {
  const { organisation } = await lookAtClaim(claiming.code, world, db);
  const question = await drawChallenge(installation, "signup", bound(browser, claiming), db);
  return { ...question, rpName: organisation, userId: userHandleOf(question.challengeId), userName: claiming.name, displayName: claiming.name, exclude: [] };
}

/**
 * Founds the demo's MSP with its first owner, and uses the code up: one transaction, so that a refusal leaves the code good.
 * Of two who claim at once the row decides. Throws Refusal.
 */
export async function claim(claiming: Claiming, { challengeId, registration }: NewKey, browser: Browser, world: World = worldAt(), db: Database = database()): Promise<Opened> {
  const { demo, sha256 } = await open(claiming.code, db);
  const challenge = await burnChallenge(installation, challengeId, "signup", bound(browser, claiming), db);
  const key = await judgeRegistration(registration, { challenge, origin: env().APP_ORIGIN });
  const { msp } = await world.portfolio(demo);
  const founding = { organisation: msp.name, name: claiming.name, email: addressIn(demo) };
  return foundWith(founding, { personId: challengeId, key, browser }, db, async (tx) => {
    // Plain SQL: the client would send a time of its own. A code that another tenant used is invisible here, and still refused.
    const made = await tx.db.$executeRaw`insert into demo (msp_id, demo, claim_sha256, claimed_by) values (${tx.actor.mspId}::uuid, ${demo}, ${sha256}, ${challengeId}::uuid) on conflict (claim_sha256) do nothing`;
    if (made === 0) throw new Refusal("claim_used");
    await record(tx, { action: "demo.claimed", fields: { demo } });
  });
}

const deed = z.object({ deed: z.literal("claim"), secret: linkSecret, name: personName, key: newKeyShape });

/** Claiming as a way into a session (lib/identity/next-auth.ts). Throws Refusal `invalid` for a claim that is not whole. */
export async function claimWay(given: unknown, browser: () => Promise<Browser>): Promise<Opened | null> {
  if ((given as { deed?: unknown } | null)?.deed !== "claim") return null;
  const parsed = deed.safeParse(given);
  if (!parsed.success) throw new Refusal("invalid", { cause: parsed.error });
  const { secret: code, name, key } = parsed.data;
  return claim({ code, name }, key, await browser());
}
