/** A vault host as its own process, started by its own command, and folders for a test. For tests and benchmarks. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { b64u } from "../../lib/protocol/bytes.ts";
import type { ConnectRequest, Grant } from "../../lib/protocol/messages.ts";
import { generateSealKey, type SealKeyPair } from "../../lib/protocol/seal.ts";
import { ROLES } from "../cast/roles.ts";
import type { Seed } from "../keys/derive.ts";
import { SoftwareKey } from "../keys/software-key.ts";

export interface VaultHost {
  /** `http://127.0.0.1:<port>` */
  listening: string;
  /** `http://vault.localhost:<port>` */
  origin: string;
  folder: string;
  process: ChildProcess;
  /** Ends the process; with `kill` as a power cut of the program would. */
  stop(kill?: boolean): Promise<void>;
}

const program = join(import.meta.dirname, "../../vault/main.ts");

/** Starts `vault/main.ts` as documented; port 0 picks one. */
export function startVaultHost(folder: string, port = 0): Promise<VaultHost> {
  const child = spawn(process.execPath, [program, "--data", folder, "--port", String(port)], { stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise<void>((resolve) => void child.once("exit", () => resolve()));
  return new Promise((resolve, reject) => {
    let said = "";
    let complaint = "";
    child.stderr.on("data", (chunk: Buffer) => (complaint += chunk.toString()));
    child.stdout.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      if (!said.includes("\n")) return;
      const { listening, origin } = JSON.parse(said.split("\n", 1)[0]!) as { listening: string; origin: string };
      resolve({ listening, origin, folder, process: child, stop: (kill = false) => (child.kill(kill ? "SIGKILL" : "SIGTERM"), ended) });
    });
    void ended.then(() => reject(new Error(`the vault host ended: ${complaint}`)));
  });
}

export const CONSOLE = "http://localhost:3000";
const SIGNING = "http://sign.localhost:3000";

export const WANT: Grant = { scopes: "any", all_access: "yes", max_lease: null, max_agents: 60, entries: false, cosign: 1, signer_delay: 86_400, audit: "all" };

/** A connect request as the console of Quillmoor IT would make it, signed by two of its owners' keys. */
export async function askToConnect(seed: Seed, change: Partial<ConnectRequest> = {}): Promise<{ request: ConnectRequest; sealKey: SealKeyPair; signers: SoftwareKey[] }> {
  const signers = ["ines/Desk", "tobias/Safe"].map((holder) => new SoftwareKey(seed, { holder, origin: SIGNING }));
  const sealKey = await generateSealKey("x25519");
  const request: ConnectRequest = {
    v: 1,
    msp: { name: "Quillmoor IT", origin: CONSOLE },
    replaces: null,
    roles: ROLES.map((name) => ({ name, scope: null })),
    signers: signers.map((key, i) => key.signer({ msp: CONSOLE, person: `owner ${i + 1}`, label: `key ${i + 1}` })),
    want: WANT,
    reply_to: `${CONSOLE}/api/connect`,
    seal_to: { kem: "x25519", public_key: sealKey.publicKey },
    nonce: b64u(randomBytes(32)),
    expires_at: Math.floor(Date.now() / 1_000) + 3_600,
    ...change,
  };
  return { request, sealKey, signers };
}

/** A folder that goes when the test is done. */
export function temporaryFolder(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "demo-world-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
