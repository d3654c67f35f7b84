/** The IT admins of all clients at work: they answer connect requests, the telephone, and change things themselves. */
import { randomInt } from "node:crypto";
import { b64u } from "../../lib/protocol/bytes.ts";
import { code2, parseConnectFragment, refuseReply, requestHash } from "../../lib/protocol/connect.ts";
import { ProtocolError } from "../../lib/protocol/errors.ts";
import type { ConnectRequest, Receipt, SignedConnectReply } from "../../lib/protocol/messages.ts";
import { exchange, Refused, Unknown } from "./wire.ts";
import { CLIENTS, type Client } from "../cast/clients.ts";
import { mspOfPattern } from "../cast/patterns.ts";
import { MSPS, type Msp, type MspId } from "../cast/people.ts";
import { mspOf, portfolioOf, ROLE_LETTERS, type PortfolioClient } from "../cast/portfolio.ts";
import { answerTo, whyNotTap } from "./answer.ts";
import { intentOf, type Scene } from "./own-change.ts";
import { operation, Owner, type Tapped } from "./owner.ts";
import { adminKey, type Ground } from "./raise.ts";
import { CHANGE_KINDS, type ChangeKind, type KnownVault, type OwnChange } from "./state.ts";

/** A person's no, with its sentence. */
export class Declined extends Error {
  override readonly name = "Declined";
}

/** Nobody here answers to that. */
export class NoSuchClient extends Error {
  override readonly name = "NoSuchClient";
}

export interface ClientCard {
  id: string;
  name: string;
  msp: string;
  plan: string;
  admin: { name: string; phone: string };
  /** Null while the vault is being made. */
  vault: { id: string; url: string } | null;
  connected: boolean;
}

export interface Connected {
  client: string;
  vault_id: string;
  code_2: string;
  /** Whether `reply_to` took the reply; null when it was not to be delivered. */
  delivered: boolean | null;
  reply: SignedConnectReply;
}

export interface AdminsOptions extends Ground {
  /** Origins of the consoles that the clients know their MSP by. */
  consoles: readonly string[];
}

const pickAny = <T>(from: readonly T[]): T => from[randomInt(from.length)]!;

export class Admins {
  readonly #options: AdminsOptions;
  /** One thing at a time per vault, as for a person. */
  readonly #busy = new Map<string, Promise<unknown>>();

  constructor(options: AdminsOptions) {
    this.#options = options;
  }

  cards(): ClientCard[] {
    return CLIENTS.map((client) => {
      const { id, name, plan, admin, pattern } = client;
      const known = this.#options.memory.vault(id);
      return { id, name, msp: mspOfPattern(pattern), plan, admin, vault: known === undefined ? null : { id: known.access.vaultId, url: known.access.url }, connected: known?.connected != null };
    });
  }

  changes(): readonly OwnChange[] {
    return this.#options.memory.changes();
  }

  async #oneAtATime<T>(client: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#busy.get(client) ?? Promise.resolve()).then(work);
    const settled = turn.catch(() => undefined);
    this.#busy.set(client, settled);
    try {
      return await turn;
    } finally {
      if (this.#busy.get(client) === settled) this.#busy.delete(client);
    }
  }

  #at(find: (vault: KnownVault) => boolean): { client: Client; known: KnownVault; owner: Owner } {
    const known = this.#options.memory.vaults().find(find);
    const client = CLIENTS.find(({ id }) => id === known?.client);
    if (known === undefined || client === undefined) throw new NoSuchClient("no client's vault is there");
    return { client, known, owner: new Owner(known.access, adminKey(this.#options.seed, this.#options.origin, client)) };
  }

  /** What the MSP keeps of its clients, with the addresses of those whose vault stands. */
  portfolio(msp: MspId): { msp: Msp; roles: typeof ROLE_LETTERS; clients: (PortfolioClient & { address: string | null })[] } {
    const clients = CLIENTS.filter((client) => mspOf(client) === msp).map((client) => ({ ...portfolioOf(client), address: this.#options.memory.vault(client.id)?.access.url ?? null }));
    return { msp: MSPS.find(({ id }) => id === msp)!, roles: ROLE_LETTERS, clients };
  }

  /**
   * The admin opens a connect link, hears code 1 on the telephone, checks, taps, and hands the reply on. With `again` a link
   * that was tapped already is not tapped once more: the admin hands on the reply that they kept. Throws Declined with the
   * reason, NoSuchClient, Refused or Unknown as the vault answered.
   */
  async connect({ link, heard, deliver, again }: { link: string; heard: string; deliver: boolean; again: boolean }): Promise<Connected> {
    const [address = "", fragment = ""] = link.split("#", 2);
    const { client, owner } = this.#at(({ access }) => `${access.url}/connect` === address);
    let request: ConnectRequest;
    try {
      request = parseConnectFragment(fragment);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      throw new Declined("the link is damaged", { cause: error });
    }
    return this.#oneAtATime(client.id, async () => {
      const hash = b64u(requestHash(request));
      const kept = this.#options.memory.vault(client.id)?.connected;
      const before = again && kept?.request === hash && kept.reply !== undefined ? (JSON.parse(kept.reply) as SignedConnectReply) : null;
      const signed = before ?? (await this.#tap(request, { client, owner, hash, heard }));
      const delivered = deliver ? await this.#deliver(request.reply_to, signed) : null;
      return { client: client.id, vault_id: owner.access.vaultId, code_2: this.#code2(owner, hash), delivered, reply: signed };
    });
  }

  /** Checks and taps. The tap is written down before it is sent: a vault that was asked and not heard is asked with the same bytes. */
  async #tap(request: ConnectRequest, { client, owner, hash, heard }: { client: Client; owner: Owner; hash: string; heard: string }): Promise<SignedConnectReply> {
    const { memory } = this.#options;
    const now = this.#options.now();
    const no = await whyNotTap(request, { consoles: this.#options.consoles, heard, now });
    if (no !== null) throw new Declined(no);
    const left = memory.vault(client.id)!.tapped;
    const receipt = (left?.request === hash ? await this.#resume(owner, left.prepared) : null) ?? (await this.#first(request, { client, owner, hash, now }));
    const signed = receipt.results[0]?.connect;
    if (signed === undefined) throw new Unknown("a receipt without a reply");
    const wrong = await refuseReply(signed.reply, signed.signature, request);
    if (wrong !== null) throw new Unknown(`a reply that does not fit: ${wrong}`);
    const { tapped: _settled, ...known } = memory.vault(client.id)!;
    memory.remember({ ...known, connected: { request: hash, at: now, reply: JSON.stringify(signed) } });
    return signed;
  }

  async #first(request: ConnectRequest, { client, owner, hash, now }: { client: Client; owner: Owner; hash: string; now: number }): Promise<Receipt> {
    const body = answerTo({ request, client, rows: await owner.agents(), owner: owner.access.uid, now });
    const tapped = await owner.tap([operation("POST", "/connect", body)]);
    const { memory } = this.#options;
    memory.remember({ ...memory.vault(client.id)!, tapped: { request: hash, prepared: JSON.stringify(tapped) } });
    return owner.submit(tapped);
  }

  /** What became of a tap that was given before this program was cut off; null when the vault never had it and takes it no more. */
  async #resume(owner: Owner, prepared: string): Promise<Receipt | null> {
    try {
      return await owner.submit(JSON.parse(prepared) as Tapped);
    } catch (error) {
      if (error instanceof Refused && error.code.startsWith("challenge_")) return null;
      throw error;
    }
  }

  /** As the vault's page would: without credentials, without following a redirect. False leaves the text to be pasted. */
  async #deliver(to: string, signed: SignedConnectReply): Promise<boolean> {
    try {
      const headers = { "Content-Type": "application/json", Origin: this.#options.origin };
      const { status } = await exchange(to, { method: "POST", headers, body: JSON.stringify(signed) });
      return status >= 200 && status <= 299;
    } catch {
      return false;
    }
  }

  #code2({ access: { key, vaultId } }: Owner, request: string): string {
    return code2({ key, request, vault: vaultId });
  }

  /** The client's telephone: who answers, and code 2 of their last connection, read from their own screen. */
  phone(clientId: string): { client: string; admin: string; phone: string; code_2: string } {
    const { client, known, owner } = this.#at(({ client }) => client === clientId);
    if (known.connected === null) throw new Declined(`${client.admin.name} has connected nobody yet`);
    return { client: client.id, admin: client.admin.name, phone: client.admin.phone, code_2: this.#code2(owner, known.connected.request) };
  }

  /** The telephones of all clients of an MSP that connected: code 2 as each admin reads it. */
  phones(msp: MspId): { client: string; name: string; aliases: readonly string[]; admin: string; phone: string; code_2: string }[] {
    return CLIENTS.filter((client) => mspOf(client) === msp && this.#options.memory.vault(client.id)?.connected != null).map((client) => ({ name: client.name, aliases: portfolioOf(client).aliases, ...this.phone(client.id) }));
  }

  /** The admin changes something by themselves: of the named kind, or of any kind that is possible there. */
  async change(clientId: string, kind: ChangeKind | null): Promise<OwnChange> {
    const { client, owner } = this.#at(({ client }) => client === clientId);
    return this.#oneAtATime(client.id, async () => {
      const scene = await this.#scene(client, owner);
      const kinds = kind === null ? CHANGE_KINDS : [kind];
      const possible = kinds.map((one) => ({ kind: one, intent: intentOf(one, scene, pickAny) })).filter(({ intent }) => intent !== null);
      if (possible.length === 0) throw new Declined(`${client.admin.name} has nothing of that kind to change`);
      const chosen = pickAny(possible);
      await owner.change([chosen.intent!.op]);
      const change: OwnChange = { client: client.id, kind: chosen.kind, at: this.#options.now(), sentence: chosen.intent!.sentence };
      this.#options.memory.note(change);
      return change;
    });
  }

  async #scene(client: Client, owner: Owner): Promise<Scene> {
    const rows = await owner.agents();
    const row = rows.find(({ admin, all_access }) => admin && !all_access);
    if (row === undefined) return { client, rows, manager: null };
    return { client, rows, manager: { row, grant: (await owner.statement(row.id)).grant } };
  }

  /** Clients that an MSP is connected to. */
  connectedClients(): string[] {
    return this.#options.memory.vaults().filter(({ connected }) => connected !== null).map(({ client }) => client);
  }
}
