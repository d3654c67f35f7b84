/** Ends an export: the seal, signed with the installation's checkpoint key (lib/glass/checkpoint-key.ts). */
import type { CheckpointKey } from "../glass/checkpoint-key.ts";
import { sealMessage, type Chain, type Format, type Seal } from "./chain.ts";

export function sealOf(chain: Chain, format: Format, key: CheckpointKey, { at, origin }: { at: number; origin: string }): Seal {
  const { link, count } = chain.state;
  const unsigned: Omit<Seal, "signature"> = { v: 1, export: chain.exportId, format, lines: count, link, at, origin, key: key.publicKey };
  return { ...unsigned, signature: key.sign(sealMessage(unsigned)) };
}
