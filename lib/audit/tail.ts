/**
 * Whether something came to a tenant's audit, for the streams of this process: one small question a second for all of one tenant's
 * streams, none while nobody listens. Records are written by every deed and every machine; a NOTIFY with each would make their commits
 * wait for one another (docs/decisions/0062-the-tail-asks.md).
 */
import { database, type Database } from "../db/client.ts";
import { read } from "../db/tenant.ts";
import { holds, type Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";

/** What changes with every line that comes, late ones too. */
async function stateOf(actor: Actor, db: Database): Promise<string> {
  const [row] = await read(actor, ({ db: tx }) => tx.$queryRaw<{ state: string }[]>`
    select concat_ws(' ', (select sum(s.events) from audit_stream s where s.msp_id = ${actor.mspId}::uuid), (select r.id from record r where r.msp_id = ${actor.mspId}::uuid order by r.at desc, r.id desc limit 1)) as state`, db);
  return row?.state ?? "";
}

type Tenant = { actor: Actor; hear: Set<() => void>; timer: NodeJS.Timeout | null; last: string | null };

export class Tails {
  private readonly tenants = new Map<string, Tenant>();
  private readonly ask: (actor: Actor) => Promise<string>;
  private readonly everyMs: number;
  constructor(ask: (actor: Actor) => Promise<string> = (actor) => stateOf(actor, database()), everyMs: number = limits.auditTailMs) {
    this.ask = ask;
    this.everyMs = everyMs;
  }
  /** Calls `hear` after something came, until the function that it returns is called. Who may not read the audit hears nothing. */
  follow(actor: Actor, hear: () => void): () => void {
    if (!holds(actor, "audit.read")) return () => undefined;
    const tenant = this.tenants.get(actor.mspId) ?? { actor, hear: new Set(), timer: null, last: null };
    this.tenants.set(actor.mspId, tenant);
    tenant.hear.add(hear);
    if (tenant.hear.size === 1) void this.look(tenant);
    return () => {
      tenant.hear.delete(hear);
      if (tenant.hear.size > 0) return;
      if (tenant.timer) clearTimeout(tenant.timer);
      this.tenants.delete(actor.mspId);
    };
  }
  private async look(tenant: Tenant): Promise<void> {
    // A database that cannot be asked now is asked again; whoever follows misses nothing, since the next answer differs.
    const state = await this.ask(tenant.actor).catch(() => null);
    if (tenant.hear.size === 0) return;
    if (state !== null && tenant.last !== null && state !== tenant.last) for (const hear of tenant.hear) hear();
    tenant.last = state ?? tenant.last;
    tenant.timer = setTimeout(() => void this.look(tenant), this.everyMs);
    tenant.timer.unref();
  }
}

/** Survives module reloads of the development server, and the two copies that a build makes of a module. */
const held = globalThis as { clavitorTails?: Tails };
export const tails = (): Tails => (held.clavitorTails ??= new Tails());
