/** The one-time codes with which the demo is claimed. The console knows their SHA-256 only. Pure but for the environment. */
import { env } from "../env.ts";
import { Refusal } from "../errors.ts";
import { hashOfSecret } from "../identity/link.ts";
import { b64u } from "../protocol/bytes.ts";

export type Claim = { demo: string; sha256: Uint8Array<ArrayBuffer> };

/**
 * Which demo a code opens, of `CLAIM_SHA256`'s `name:hash` pairs. A hash of 32 random bytes is compared, so the time that it
 * takes tells nothing that could be used. Throws Refusal `claim_unknown`, also where there is no demo at all.
 */
export function claimOf(code: string, known: readonly string[] = env().CLAIM_SHA256 ?? []): Claim {
  const sha256 = hashOfSecret(code);
  const pair = known.find((one) => one.slice(one.indexOf(":") + 1) === b64u(sha256));
  if (pair === undefined) throw new Refusal("claim_unknown");
  return { demo: pair.slice(0, pair.indexOf(":")), sha256 };
}
