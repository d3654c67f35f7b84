/** Challenges are rows: drawn for one purpose and one browser, burned before they are judged (DESIGN section 4). */
import { createHash, randomUUID } from "node:crypto";
import { database, type Database } from "../db/client.ts";
import { isUnavailable } from "../db/trouble.ts";
import { Refusal } from "../errors.ts";
import { b64u, randomBytes, type Bytes } from "../protocol/bytes.ts";
import { ceremonyChallenge } from "../protocol/challenge.ts";
import { labelOf, type Purpose, type Question } from "./ceremony.ts";

/**
 * What a challenge is bound to, as 32 bytes: a visitor's ceremony cookie, or a session and a deed. Each part is hashed by
 * itself first, so that no two lists of parts meet.
 */
export function bindingOf(...parts: readonly string[]): Bytes {
  const whole = createHash("sha256");
  for (const part of parts) whole.update(createHash("sha256").update(part).digest());
  return new Uint8Array(whole.digest());
}

async function answered<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (isUnavailable(error)) throw new Refusal("database_unavailable", { cause: error });
    throw error;
  }
}

/**
 * Draws 32 bytes for the page to derive its WebAuthn challenge from; open for five minutes (0002, challenge_draw).
 * @param mspId the tenant of who is signed in, or the installation's for a visitor
 */
export async function drawChallenge(mspId: string, purpose: Purpose, boundTo: Bytes, db: Database = database()): Promise<Question> {
  const challengeId = randomUUID();
  const bytes = randomBytes(32);
  const derived = ceremonyChallenge(labelOf[purpose], bytes);
  await answered(db.$executeRaw`select challenge_draw(${mspId}::uuid, ${challengeId}::uuid, ${purpose}, ${derived}, ${boundTo})`);
  return { challengeId, bytes: b64u(bytes) };
}

const refusals = { unknown: "ceremony_foreign", foreign: "ceremony_foreign", spent: "ceremony_spent", expired: "ceremony_expired" } as const;

/**
 * Burns a challenge, in a commit of its own, whatever becomes of the rest.
 * @returns the WebAuthn challenge that the answer must name
 * Throws Refusal `ceremony_foreign`, `ceremony_spent`, `ceremony_expired`.
 */
export async function burnChallenge(mspId: string, challengeId: string, purpose: Purpose, boundTo: Bytes, db: Database = database()): Promise<Bytes> {
  const [found] = await answered(db.$queryRaw<{ verdict: keyof typeof refusals | "fresh"; derived: Uint8Array | null }[]>`select verdict, derived from challenge_burn(${mspId}::uuid, ${challengeId}::uuid, ${purpose}, ${boundTo})`);
  if (found?.verdict === "fresh" && found.derived) return new Uint8Array(found.derived);
  throw new Refusal(refusals[found?.verdict === "fresh" ? "unknown" : (found?.verdict ?? "unknown")]);
}
