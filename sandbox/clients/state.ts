/** What the clients' admins remember between starts: where their vaults are and the owner's token of each. One file, 0600. */
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";
import { base64url, integer, list, literal, nullable, object, run, string } from "../../lib/protocol/check.ts";
import type { Access } from "./wire.ts";

/** The ways in which a client changes its vault by itself. */
export const CHANGE_KINDS = ["remove", "rescope", "rename", "own", "tighten"] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

export interface OwnChange {
  client: string;
  kind: ChangeKind;
  /** Unix seconds. */
  at: number;
  /** What was done, as the admin would tell it. */
  sentence: string;
}

/** A vault that stands: registered, with its ceilings, filled. */
export interface KnownVault {
  client: string;
  access: Access;
  /** End of the paid time that the hosting side wrote last, Unix seconds. */
  paidUntil: number;
  /** The last connection that this admin tapped: b64u hash of its request, for code 2; and the reply, as JSON, to hand on again. */
  connected: { request: string; at: number; reply?: string } | null;
  /** A tap for a request that was given and whose receipt is not known yet, as JSON: asked again with the same bytes (PROTOCOL 7). */
  tapped?: { request: string; prepared: string };
}

interface State {
  v: 1;
  /** Name of the seed that the admins' keys come from. */
  seed: string;
  /** The vault host's origin: part of every key. */
  origin: string;
  vaults: KnownVault[];
  changes: OwnChange[];
}

const checkAccess = object({ url: string, vaultId: string, key: base64url(32), agentId: integer(1), uid: base64url(16), token: string });
const checkState = object({
  v: literal(1),
  seed: string,
  origin: string,
  vaults: list(object(
    { client: string, access: checkAccess, paidUntil: integer(0), connected: nullable(object({ request: base64url(32), at: integer(0) }, { reply: string })) },
    { tapped: object({ request: base64url(32), prepared: string }) },
  )),
  changes: list(object({ client: string, kind: literal(...CHANGE_KINDS), at: integer(0), sentence: string })),
});

/** How many of the clients' own changes are remembered, newest last. */
const KEPT_CHANGES = 200;

export class Memory {
  readonly #file: string;
  readonly #state: State;

  /**
   * Opens the memory in a folder, made with 0700 when missing. Throws when the file is damaged, or belongs to another seed or
   * another address of the vault host: then the keys in hand open none of its vaults.
   */
  constructor(folder: string, { seed, origin }: { seed: string; origin: string }) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#file = join(folder, "clients.json");
    this.#state = this.#read() ?? { v: 1, seed, origin, vaults: [], changes: [] };
    if (this.#state.seed !== seed) throw new Error(`${this.#file} was made with another seed (CLAVITOR_DEMO_SEED). Put the seed back, or remove the demo's vaults and this file together.`);
    if (this.#state.origin !== origin) throw new Error(`${this.#file} is about vaults at ${this.#state.origin}, not ${origin}; passkeys contain the address. Give the vault host its port back, or remove the demo's vaults and this file together.`);
  }

  #read(): State | null {
    let text: string;
    try {
      text = readFileSync(this.#file, "utf8");
    } catch (error) {
      if ((error as { code?: string }).code === "ENOENT") return null;
      throw error;
    }
    try {
      const value: unknown = JSON.parse(text);
      run(checkState, value, "");
      return structuredClone(value) as State;
    } catch (cause) {
      throw new Error(`${this.#file} is damaged. Put it back from a copy, or remove the demo's vaults and this file together.`, { cause });
    }
  }

  /** Whole or not at all: written beside, flushed, renamed. */
  #save(): void {
    const beside = `${this.#file}.part`;
    const file = openSync(beside, "w", 0o600);
    try {
      writeSync(file, JSON.stringify(this.#state));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(beside, this.#file);
  }

  vault(client: string): KnownVault | undefined {
    return this.#state.vaults.find((vault) => vault.client === client);
  }

  vaults(): readonly KnownVault[] {
    return this.#state.vaults;
  }

  changes(): readonly OwnChange[] {
    return this.#state.changes;
  }

  /** Writes what is now known of a client's vault. */
  remember(vault: KnownVault): void {
    const at = this.#state.vaults.findIndex(({ client }) => client === vault.client);
    if (at === -1) this.#state.vaults.push(vault);
    else this.#state.vaults[at] = vault;
    this.#save();
  }

  note(change: OwnChange): void {
    this.#state.changes.push(change);
    this.#state.changes.splice(0, this.#state.changes.length - KEPT_CHANGES);
    this.#save();
  }
}
