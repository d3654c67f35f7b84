/** Taps that lib/protocol judges (PROTOCOL 8 and 10), in the words of this console. Pure. */
import { z } from "zod";
import type { FailureCode } from "../errors.ts";

const b64 = (most: number) => z.string().regex(/^[A-Za-z0-9_-]+$/).max(most);

/** An assertion's three parts, b64u, as PROTOCOL names them. */
export const assertionPartsShape = z.strictObject({ authenticator_data: b64(4_096), client_data_json: b64(4_096), signature: b64(1_024) });

/** `reason` is the rung that failed (lib/protocol/assertion.ts). */
export function tapFailure({ code, reason }: { code: string; reason: string }): FailureCode {
  if (code === "proof_invalid") return "tap_for_another";
  if (code === "wrong_origin" || reason === "origin" || reason === "rp_id") return "tap_elsewhere";
  if (code === "user_not_verified" || reason === "user_present" || reason === "user_verified") return "tap_unverified";
  return reason === "hardware_bound" ? "key_copyable" : "tap_refused";
}
