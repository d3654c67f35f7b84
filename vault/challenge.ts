// Challenges for changes are without state (PROTOCOL 5): a MAC says that this process drew one, and only spent ones are
// remembered, until they would have expired anyway. Those of ceremonies without a bearer (PROTOCOL 13) are remembered while
// they live. One keeper per process, above the handles, so that closing an idle vault neither forgets a spent challenge nor
// ends a live one.
import { createHmac, createSecretKey, randomBytes, timingSafeEqual, type KeyObject } from "node:crypto";
import { b64u, type Bytes } from "#lib/protocol/bytes.ts";
import {
  CHALLENGE_SECONDS,
  ceremonyChallenge,
  challengeMacInput,
  formatVaultChallenge,
  parseVaultChallenge,
  type Ceremony,
} from "#lib/protocol/challenge.ts";
import { ProtocolError } from "#lib/protocol/errors.ts";
import type { Clock } from "./clock.ts";
import { MAX_OPEN_CHALLENGES } from "./limits.ts";

/** Ceremonies without a bearer. `register` signs the bytes as they are: no assertion is made over them. */
export type OpenCeremony = Extract<Ceremony, "signin" | "unlock"> | "register";

/** One challenge of a ceremony without a bearer, under each name by which an assertion can ask for it. */
export interface OpenUse {
  names: readonly string[];
  /** Last second of its life, of the steady clock. */
  expiry: number;
}

export class Challenges {
  readonly #key = randomBytes(32);
  readonly #clock: Clock;
  readonly #vaultKeys = new Map<string, KeyObject>();
  /** Challenge or use -> second after which it may be forgotten. Insertion order is nearly expiry order. */
  readonly #spent = new Map<string, number>();
  readonly #open = new Map<string, OpenUse>();

  readonly #maxOpen: number;

  /** `maxOpen`: names of open challenges kept at once; tests pass a small one. */
  constructor(clock: Clock, maxOpen = MAX_OPEN_CHALLENGES) {
    this.#clock = clock;
    this.#maxOpen = maxOpen;
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

  /** Open challenges that ended are forgotten; all live equally long, so the oldest stand first. */
  #forgetEnded(now: number): void {
    for (const [name, { expiry }] of this.#open) {
      if (expiry >= now) return;
      this.#open.delete(name);
    }
  }

  /**
   * 32 random bytes for a ceremony without a bearer, valid 60 s. `scope` is the vault's id, or "" for registration. WebAuthn
   * hands back only a hash of them, so they cannot carry their own MAC and are remembered. Nobody's is pushed out: beyond
   * the bound it throws ProtocolError `slow_down`.
   */
  issueOpen(scope: string): Bytes {
    const now = this.#seconds();
    this.#forgetEnded(now);
    const ceremonies: readonly OpenCeremony[] = scope === "" ? ["register"] : ["signin", "unlock"];
    if (this.#open.size + ceremonies.length > this.#maxOpen) {
      const [oldest] = this.#open.values();
      throw new ProtocolError("slow_down", { extra: { retry_after: Math.max(1, oldest!.expiry + 1 - now) } });
    }
    const server = new Uint8Array(randomBytes(32));
    const names = ceremonies.map((ceremony) => openName(scope, ceremony, b64u(ceremony === "register" ? server : ceremonyChallenge(ceremony, server))));
    const use: OpenUse = { names, expiry: now + CHALLENGE_SECONDS };
    for (const name of names) this.#open.set(name, use);
    return server;
  }

  /**
   * The use of a ceremony's challenge: `signed` (from clientDataJSON, b64u) belongs to one issued here in the last 60 seconds
   * for this ceremony, and not used yet; else null. Nothing is used up before {@link useUp}, which follows only a good
   * signature: else whoever sees a challenge could use it up under a person's hands.
   */
  findOpen(scope: string, ceremony: OpenCeremony, signed: string): OpenUse | null {
    this.#forgetEnded(this.#seconds());
    return this.#open.get(openName(scope, ceremony, signed)) ?? null;
  }

  /** Ends the challenge for every ceremony: one use, whatever it was for. False when it was used meanwhile. */
  useUp({ names }: OpenUse): boolean {
    const ended = names.map((name) => this.#open.delete(name));
    return ended.every(Boolean);
  }
}

function openName(scope: string, ceremony: OpenCeremony, signed: string): string {
  return `${scope}/${ceremony}/${signed}`;
}
