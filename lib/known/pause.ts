/** How long until a vault is read or probed again. Pure; the chance is handed in. */
import { limits } from "../limits.ts";

/** A tenth around it, so that vaults that were connected or failed together do not come back together. */
const jitter = (seconds: number, random: () => number): number => seconds * (0.9 + random() * 0.2);

type Outcome = { failures: number; retryAfter: number | null; stopped: boolean };

/** Seconds until the next read. A vault's wish to wait counts when it is longer than our own pause. */
export function readPause({ failures, retryAfter, stopped }: Outcome, random: () => number = Math.random): number {
  const own = stopped ? limits.readStoppedSeconds : failures === 0 ? limits.readEverySeconds : Math.min(limits.readAgainSeconds * 4 ** (failures - 1), limits.vaultBackoffSeconds);
  return Math.max(jitter(own, random), retryAfter ?? 0);
}

export const probePause = (proven: boolean, random: () => number = Math.random): number => jitter(proven ? limits.probeEverySeconds : limits.probeAgainSeconds, random);
