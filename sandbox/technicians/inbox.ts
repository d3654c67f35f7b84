/**
 * What a technician of the cast holds: a passkey of the console and an inbox key, both from the demo's seed; and what they do
 * with them: state whose the inbox key is, open what was sealed to it (PROTOCOL 8).
 */
import { XWing } from "@hpke/hybridkem-x-wing";
import { b64u } from "../../lib/protocol/bytes.ts";
import { inboxFingerprint, inboxKeyChallenge, inboxPrfInput, wrapInboxKey } from "../../lib/protocol/inbox.ts";
import { sealedTo } from "../../lib/protocol/kem.ts";
import type { Enrol, InboxStatement, SealedToken, TokenPlaintext } from "../../lib/protocol/messages.ts";
import { open, parseTokenPlaintext, tokenInfo, type SealKeyPair } from "../../lib/protocol/seal.ts";
import { personById } from "../cast/people.ts";
import { derive, deriveUuid, type Seed } from "../keys/derive.ts";
import { SoftwareKey } from "../keys/software-key.ts";

/** Longest life of a statement is a year (PROTOCOL 8); these are made for a little less, so that a slow clock still takes them. */
const STATEMENT_SECONDS = 360 * 86_400;

export interface Statement {
  statement: InboxStatement;
  /** The passkey's assertion over it. */
  assertion: Enrol;
  /** The passkey that made it. */
  credential_id: string;
  public_key: string;
  /** What is compared in person before the endorsement, 16 letters. */
  fingerprint: string;
  /** `sealed_to` of receipts for this key. */
  sealed_to: string;
  /** The private key as the console may keep it: only this passkey opens it. */
  wrapped: string;
}

export class Technician {
  /** Stable over restarts; a UUID v4. */
  readonly id: string;
  readonly name: string;
  /** Signs in at the console; never approves. */
  readonly passkey: SoftwareKey;
  readonly #seed: Seed;
  readonly #person: string;
  readonly #console: string;

  /** `console`: its origin. Throws for a person who is not in the cast. */
  constructor(seed: Seed, { person, console }: { person: string; console: string }) {
    this.name = personById(person).name;
    this.id = deriveUuid(seed, `person/${person}`);
    this.passkey = new SoftwareKey(seed, { holder: `passkey/${person}`, origin: console });
    this.#seed = seed;
    this.#person = person;
    this.#console = console;
  }

  /** The inbox pair, X-Wing. */
  async inbox(): Promise<SealKeyPair> {
    const kem = new XWing();
    const pair = await kem.deriveKeyPair(derive(this.#seed, `inbox/${this.#person}`).buffer);
    return {
      kem: "x-wing",
      publicKey: b64u(new Uint8Array(await kem.serializePublicKey(pair.publicKey))),
      privateKey: new Uint8Array(await kem.serializePrivateKey(pair.privateKey)),
    };
  }

  /** Their word on whose key it is, for the console to keep and a signer to endorse. `now` in Unix seconds. */
  async state(now: number): Promise<Statement> {
    const { kem, publicKey, privateKey } = await this.inbox();
    const statement: InboxStatement = { kem, msp: this.#console, name: this.name, not_after: now + STATEMENT_SECONDS, public_key: publicKey, technician: this.id, v: 1 };
    const { credentialId, publicKey: passkey } = this.passkey;
    const wrapped = await wrapInboxKey(this.passkey.prf(inboxPrfInput()), privateKey, { credential_id: credentialId, public_key: publicKey, technician: this.id });
    return {
      statement,
      assertion: this.passkey.assert(inboxKeyChallenge(statement)),
      credential_id: credentialId,
      public_key: passkey,
      fingerprint: inboxFingerprint(statement),
      sealed_to: sealedTo({ kem, public_key: publicKey }),
      wrapped: b64u(wrapped),
    };
  }

  /**
   * Opens a token that a vault sealed to this inbox. Null when it was not sealed to this key for this row of this vault, or
   * when what is inside names another one.
   */
  async open(sealed: SealedToken, row: { vault: string; key: string; uid: string }): Promise<TokenPlaintext | null> {
    const plain = await open(await this.inbox(), tokenInfo(row), sealed);
    const token = plain === null ? null : parseTokenPlaintext(plain);
    return token !== null && token.vault === row.vault && token.key === row.key && token.uid === row.uid ? token : null;
  }
}
