// Challenges without state (PROTOCOL 5): a MAC says that this process drew one, and only spent ones are remembered, until
// they would have expired anyway. One keeper per process, above the handles, so that closing an idle vault neither
// forgets a spent challenge nor ends a live one.
import { createHmac, createSecretKey, randomBytes, timingSafeEqual, type KeyObject } from "node:crypto";
import { concat, tryB64u, uint32be, utf8, type Bytes } from "#lib/protocol/bytes.ts";
import {
  CHALLENGE_SECONDS,
  ceremonyChallenge,
  challengeMacInput,
  formatVaultChallenge,
  parseVaultChallenge,
  type Ceremony,
} from "#lib/protocol/challenge.ts";
import type { Clock } from "./clock.ts";

/** Ceremonies without a bearer. `register` signs the bytes as they are: no assertion is made over them. */
export type OpenCeremony = Extract<Ceremony, "signin" | "unlock"> | "register";

/** One credential's use of one challenge in one ceremony. */
export interface OpenUse {
  name: string;
  expiry: number;
}

export class Challenges {
  readonly #key = randomBytes(32);
  readonly #clock: Clock;
  readonly #vaultKeys = new Map<string, KeyObject>();
  /** Challenge or use -> second after which it may be forgotten. Insertion order is nearly expiry order. */
  readonly #spent = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  #seconds(): number {
    return Math.floor(this.#clock.steadyMs() / 1000);
  }

  /** One key per vault; the last few thousand are kept, since drawing one costs more than the MAC itself. */
  #vaultKey(vaultId: string): KeyObject {
    let key = this.#vaultKeys.get(vaultId);
    if (key === undefined) {
      if (this.#vaultKeys.size >= 4_096) this.#vaultKeys.clear();
      key = createSecretKey(createHmac("sha256", this.#key).update(`vault\n${vaultId}`).digest());
      this.#vaultKeys.set(vaultId, key);
    }
    return key;
  }

  #mac(vaultId: string, r: Uint8Array, expiry: number, agent: number): Bytes {
    const mac = createHmac("sha256", this.#vaultKey(vaultId)).update(challengeMacInput(r, expiry, agent)).digest();
    return new Uint8Array(mac.subarray(0, 16));
  }

  /** A challenge for one agent of one vault, valid 60 s. `expiresAt` in Unix seconds. */
  issue(vaultId: string, agent: number): { challenge: string; expiresAt: number } {
    const expiry = this.#seconds() + CHALLENGE_SECONDS;
    const r = new Uint8Array(randomBytes(12));
    return { challenge: formatVaultChallenge({ r, expiry, mac: this.#mac(vaultId, r, expiry, agent) }), expiresAt: expiry };
  }

  /** Spends it, whatever follows. The refusal, or null when it was good. */
  spend(vaultId: string, agent: number, text: string): "challenge_unknown" | "challenge_expired" | null {
    const challenge = parseVaultChallenge(text);
    if (challenge === null) return "challenge_unknown";
    const mac = this.#mac(vaultId, challenge.r, challenge.expiry, agent);
    if (!timingSafeEqual(mac, challenge.mac)) return "challenge_unknown";
    const now = this.#seconds();
    if (this.#use(`${vaultId}/${text}`, challenge.expiry, now)) return "challenge_unknown";
    // The last second counts: `expires_at` itself is still inside.
    return now > challenge.expiry ? "challenge_expired" : null;
  }

  /** True when it was used before. */
  #use(name: string, expiry: number, now: number): boolean {
    for (const [old, until] of this.#spent) {
      if (until >= now) break;
      this.#spent.delete(old);
    }
    if (this.#spent.has(name)) return true;
    this.#spent.set(name, Math.max(expiry, now) + 1);
    return false;
  }

  // A ceremony without a bearer must cost nothing to begin, or strangers could fill the memory or push out a person's
  // challenge. WebAuthn hands back only a hash of it, so it cannot carry its own MAC. Hence it is a function of the second
  // in which it was asked for, and each credential may use each one once per ceremony.
  #openBytes(scope: string, second: number): Bytes {
    return new Uint8Array(createHmac("sha256", this.#key).update(concat(utf8(`open\n${scope}\n`), uint32be(second))).digest());
  }

  /** 32 bytes for a ceremony without a bearer. `scope` is the vault's id, or "" for registration. */
  issueOpen(scope: string): Bytes {
    return this.#openBytes(scope, this.#seconds());
  }

  /**
   * The use of a ceremony's challenge: `signed` (from clientDataJSON, b64u) belongs to one of the last 60 seconds and this
   * credential has not used it yet; else null. Nothing is used up before {@link useUp}, which follows only a good signature:
   * else anyone could use up the challenge under a person's hands.
   */
  findOpen(scope: string, ceremony: OpenCeremony, signed: string, credentialId: string): OpenUse | null {
    const bytes = tryB64u(signed, 32);
    if (bytes === null) return null;
    const now = this.#seconds();
    for (let second = now; second >= now - CHALLENGE_SECONDS && second >= 0; second--) {
      const server = this.#openBytes(scope, second);
      const expected = ceremony === "register" ? server : ceremonyChallenge(ceremony, server);
      if (!timingSafeEqual(expected, bytes)) continue;
      const name = `${scope}/${ceremony}/${credentialId}/${signed}`;
      return this.#spent.has(name) ? null : { name, expiry: second + CHALLENGE_SECONDS };
    }
    return null;
  }

  useUp({ name, expiry }: OpenUse): void {
    this.#use(name, expiry, this.#seconds());
  }
}
