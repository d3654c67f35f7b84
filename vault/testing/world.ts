// A running host in a folder of its own, and the cast that most tests need.
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { b64u, fromB64u } from "#lib/protocol/bytes.ts";
import { connectTokenInfo, generateSealKey, open, parseTokenPlaintext, type SealKeyPair } from "#lib/protocol/seal.ts";
import type { Connect, ConnectRequest, Grant, SignedConnectReply } from "#lib/protocol/messages.ts";
import { startVaults, type RunningVaults, type StartOptions } from "../start.ts";
import type { Clock } from "../clock.ts";
import { SoftwareKey } from "./authenticator.ts";
import { dropConnections, op, sendRaw, VaultClient } from "./client.ts";

/** A clock that stands until a test moves it, so that a slow machine changes nothing. Starts at the real time. */
export class TestClock implements Clock {
  readonly #start = Date.now();
  #offset = 0;
  #wallOffset = 0;

  wallMs(): number {
    return this.#start + this.#offset + this.#wallOffset;
  }

  steadyMs(): number {
    return this.#start + this.#offset;
  }

  forward(seconds: number): void {
    this.#offset += seconds * 1000;
  }

  /** Someone sets the wall clock; time itself does not jump. */
  setWall(seconds: number): void {
    this.#wallOffset += seconds * 1000;
  }

  now(): number {
    return Math.floor(this.wallMs() / 1000);
  }
}

export interface World extends RunningVaults {
  dir: string;
  clock: TestClock;
  logged: string[];
  /** Starts again on the same folder and port, after `close`. */
  restart(): Promise<void>;
  end(): Promise<void>;
}

export async function startWorld(options: Partial<StartOptions> = {}): Promise<World> {
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), "vaults-"));
  const clock = new TestClock();
  const logged: string[] = [];
  const rest = { port: 0, clock, log: (line: object): void => void logged.push(JSON.stringify(line)), ...options };
  const running = await startVaults({ ...rest, dir });
  let current = running;
  return {
    ...running,
    dir,
    clock,
    logged,
    get host() {
      return current.host;
    },
    get follower() {
      return current.follower;
    },
    async close() {
      dropConnections();
      await current.close();
    },
    async restart() {
      const again = await startVaults({ ...rest, port: Number(new URL(running.listening).port), dir });
      current = again;
    },
    async end() {
      dropConnections();
      await current.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

export interface OwnedVault {
  owner: VaultClient;
  key: SoftwareKey;
  wrappedL3: Uint8Array;
}

/** A vault registered as PROTOCOL 13 describes, by a software key of its owner. */
export async function registerVault(world: Pick<World, "listening" | "origin">, name = "Acme", alg: "ES256" | "EdDSA" | "RS256" = "ES256"): Promise<OwnedVault> {
  const key = new SoftwareKey({ rpId: new URL(world.origin).hostname, origin: world.origin, alg });
  const wrappedL3 = new Uint8Array(randomBytes(60));
  const begun = await sendRaw(world.listening, "POST", "/register/begin", {}, "{}");
  const body = JSON.stringify({
    registration: key.createJson(fromB64u(begun.json.challenge as string, 32)),
    p0: key.p0,
    wrapped_l3: b64u(wrappedL3),
    name,
  });
  const made = await sendRaw(world.listening, "POST", "/register", {}, body);
  if (made.status !== 201) throw new Error(made.text);
  const { vault_id, agent_id, uid, token, public_key } = made.json;
  const owner = new VaultClient({ dial: world.listening, vaultId: vault_id, key: public_key, agentId: agent_id, uid, token });
  return { owner, key, wrappedL3 };
}

export const MSP = "https://msp.example";
export const SIGNING = { rpId: "sign.msp.example", origin: "https://sign.msp.example" };

export const WIDE: Grant = {
  scopes: ["0010", "0011"],
  all_access: "leased",
  max_lease: 86_400,
  max_agents: 20,
  entries: false,
  cosign: 1,
  signer_delay: 86_400,
  audit: "own",
};

export interface ConnectedMsp {
  manager: VaultClient;
  signers: SoftwareKey[];
  sealKey: SealKeyPair;
  request: ConnectRequest;
  reply: SignedConnectReply;
}

export async function connectRequest(signers: readonly SoftwareKey[], change: Partial<ConnectRequest> = {}, msp = MSP): Promise<{ request: ConnectRequest; sealKey: SealKeyPair }> {
  const sealKey = await generateSealKey("x25519");
  const request: ConnectRequest = {
    v: 1,
    msp: { name: "Northwind IT", origin: msp },
    replaces: null,
    roles: [{ name: "networking", scope: "0010" }, { name: "monitoring", scope: null }],
    signers: signers.map((key, i) => key.signer(msp, `person ${i + 1}`)),
    want: WIDE,
    reply_to: `${msp}/api/connect`,
    seal_to: { kem: "x25519", public_key: sealKey.publicKey },
    nonce: b64u(randomBytes(32)),
    expires_at: Math.floor(Date.now() / 1000) + 86_400,
    ...change,
  };
  return { request, sealKey };
}

/** An MSP connected to the vault, its token opened from the reply. */
export async function connectMsp(
  { owner, key }: OwnedVault,
  { grant = WIDE, adopt = [], count = 2, change = {}, msp = MSP, signing = SIGNING }: { grant?: Grant; adopt?: Connect["adopt"]; count?: number; change?: Partial<ConnectRequest>; msp?: string; signing?: { rpId: string; origin: string } } = {},
): Promise<ConnectedMsp> {
  const signers = Array.from({ length: count }, () => new SoftwareKey(signing));
  const { request, sealKey } = await connectRequest(signers, { want: grant, ...change }, msp);
  const body: Connect = { adopt, grant, request, roles: [{ name: "networking", scope: "0010" }] };
  const { receipt } = await owner.must([op("POST", "/connect", body)], { keys: [key] });
  const reply = receipt.results[0]!.connect!;
  const { account } = owner;
  const info = connectTokenInfo({ vault: account.vaultId, key: account.key, request: reply.reply.request });
  const opened = parseTokenPlaintext((await open(sealKey, info, reply.reply.sealed_token))!)!;
  const manager = owner.as({ agentId: reply.reply.agent_id, uid: reply.reply.uid, token: opened.token });
  return { manager, signers, sealKey, request, reply };
}
