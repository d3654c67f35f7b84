/**
 * The management sidecar of a point of presence, in its smallest honest form (SPEC section 8): on a private interface, for the account
 * system only, it writes `vault_meta`, deletes a vault's file, and says whether one is there. It never opens contents. When a vault
 * reaches its `expires_at` it asks the account system once, and then only every few minutes; the vault itself calls nobody.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { z } from "zod";

const TABLE = "CREATE TABLE IF NOT EXISTS vault_meta (account_email TEXT NOT NULL, expires_at INTEGER, paid_until INTEGER, suspended_at INTEGER, tokens_limit INTEGER, devices_limit INTEGER)";
const second = z.number().int().positive();
const metaShape = z.object({ expires_at: second, paid_until: second, suspended_at: second.nullable(), devices: z.number().int().min(0).optional() });
const statusShape = z.object({ state: z.enum(["active", "suspended", "expired", "deleted"]), expires_at: second, suspended_at: second.nullable() });
type Meta = z.output<typeof metaShape>;

const digest = (text: string) => createHash("sha256").update(text).digest();
const vaultId = /^[A-Za-z0-9_-]{6}$/;
const bodyBytes = 10_000;

export type SidecarOptions = {
  /** Folder of the vault files. */
  readonly folder: string;
  readonly secret: string;
  /** Origin of the account system. */
  readonly hq: string;
  readonly port?: number;
  /** Milliseconds. */
  readonly now?: () => number;
  readonly lookEveryMs?: number;
  /** Before an expired vault is asked for again. */
  readonly againMs?: number;
};

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > bodyBytes) throw new RangeError("too large");
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

export class PopSidecar {
  readonly #options: SidecarOptions;
  readonly #server: Server;
  readonly #asked = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: SidecarOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => {
      void this.#answer(request).then(
        ([status, body]) => response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body)),
        (error: unknown) => response.writeHead(error instanceof z.ZodError || error instanceof SyntaxError || error instanceof RangeError ? 400 : 500).end(),
      );
    });
  }

  async open(): Promise<number> {
    await new Promise<void>((resolve) => void this.#server.listen(this.#options.port ?? 0, "127.0.0.1", resolve));
    const every = this.#options.lookEveryMs ?? 30_000;
    if (every > 0) this.#timer = setInterval(() => void this.look(), every);
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  #file(id: string): string {
    return join(this.#options.folder, `clavitor-${id}`);
  }

  #open(id: string): DatabaseSync {
    // Without the right to create: a wrong folder is an error, not an empty vault.
    return new DatabaseSync(`${pathToFileURL(this.#file(id)).href}?mode=rw`, { timeout: 5_000 });
  }

  async #answer(request: IncomingMessage): Promise<[number, object]> {
    const path = request.url ?? "";
    if (request.method === "GET" && path === "/health") return [200, { ok: true }];
    const shown = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
    if (!timingSafeEqual(digest(shown), digest(this.#options.secret))) return [401, {}];
    const [, id = "", deed] = /^\/vault\/([^/]+)\/(extend|delete|exists)$/.exec(path) ?? [];
    if (!vaultId.test(id)) return [404, {}];
    const there = existsSync(this.#file(id));
    if (request.method === "GET" && deed === "exists") return [there ? 200 : 404, {}];
    if (request.method !== "POST") return [405, {}];
    if (deed === "extend") {
      const meta = metaShape.parse(JSON.parse(await bodyOf(request)));
      if (!there) return [404, {}];
      this.#write(id, meta);
      return [200, {}];
    }
    if (deed !== "delete") return [404, {}];
    // A delete of what is gone is done. Closed first, for whoever holds the file open still.
    if (there) {
      const past = Math.floor(this.#now() / 1_000) - 1;
      this.#write(id, { expires_at: past, paid_until: past, suspended_at: null });
      for (const end of ["", "-wal", "-shm"]) rmSync(`${this.#file(id)}${end}`, { force: true });
    }
    return [200, {}];
  }

  #now(): number {
    return (this.#options.now ?? Date.now)();
  }

  #write(id: string, { expires_at: expiresAt, paid_until: paidUntil, suspended_at: suspendedAt, devices }: Meta): void {
    const db = this.#open(id);
    try {
      db.exec(`BEGIN IMMEDIATE; ${TABLE}`);
      const { changes } = db.prepare("UPDATE vault_meta SET expires_at = ?, paid_until = ?, suspended_at = ?, devices_limit = coalesce(?, devices_limit)").run(expiresAt, paidUntil, suspendedAt, devices || null);
      if (changes === 0) db.prepare("INSERT INTO vault_meta (account_email, expires_at, paid_until, suspended_at, devices_limit) VALUES ('', ?, ?, ?, ?)").run(expiresAt, paidUntil, suspendedAt, devices || null);
      db.exec("COMMIT");
    } finally {
      db.close();
    }
  }

  /** Ids whose paid time is over, by their own file; those without `vault_meta` are nobody's to expire. */
  #expired(): string[] {
    const now = Math.floor(this.#now() / 1_000);
    return readdirSync(this.#options.folder).filter((name) => name.startsWith("clavitor-") && vaultId.test(name.slice(9))).map((name) => name.slice(9)).filter((id) => {
      const db = this.#open(id);
      try {
        if (!db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'vault_meta'").get()) return false;
        const row = db.prepare("SELECT expires_at FROM vault_meta LIMIT 1").get() as { expires_at: number | null } | undefined;
        return row?.expires_at != null && row.expires_at <= now;
      } finally {
        db.close();
      }
    });
  }

  /** The call home: each vault that has just expired, or did a while ago, is asked for. @returns how many were asked */
  async look(): Promise<number> {
    const { hq, secret, againMs = 300_000 } = this.#options;
    let asked = 0;
    for (const id of this.#expired()) {
      if (this.#now() - (this.#asked.get(id) ?? Number.NEGATIVE_INFINITY) < againMs) continue;
      this.#asked.set(id, this.#now());
      asked += 1;
      try {
        const answer = await fetch(`${hq}/api/hq/vault/${id}/status`, { headers: { authorization: `Bearer ${secret}` }, signal: AbortSignal.timeout(5_000) });
        if (answer.status !== 200) continue; // unknown, or nobody there: it stays closed, its data intact
        const { expires_at: expiresAt, suspended_at: suspendedAt } = statusShape.parse(await answer.json());
        if (expiresAt * 1_000 > this.#now()) this.#write(id, { expires_at: expiresAt, paid_until: expiresAt, suspended_at: suspendedAt });
      } catch {
        // as above: asked again later
      }
    }
    return asked;
  }
}
