/** What judging and freezing a plan needs to know, read in one transaction. */
import type { Read } from "../db/tenant.ts";
import { b64u } from "../protocol/bytes.ts";
import { inboxKeyChallenge } from "../protocol/inbox.ts";
import type { ClientStatement, Grant, InboxStatement } from "../protocol/messages.ts";
import { checkGrant } from "../protocol/schema.ts";
import { run } from "../protocol/check.ts";
import { statementOf } from "../inbox/waiting.ts";
import { lengthsIn, type Lengths } from "../role/lengths.ts";
import { confirmationsOf } from "../signing/confirmable.ts";

export type RowFacts = { uid: string; agentId: number; name: string; scopes: string; allAccess: boolean; admin: boolean; expiresAt: number | null; revision: number; ours: boolean; personId: string | null; lastUsedAt: number | null; /** Of a break-glass: unused is how it should be. */ seat: boolean };

export type VaultFacts = {
  vaultRef: string; clientId: string; state: string; name: string; vaultId: string | null; key: string | null; agentId: number | null; managerUid: string | null;
  grant: Grant | null; statement: ClientStatement | null; health: string; readAt: number | null; tokensUsed: number | null; tokensLimit: number | null; devicesUsed: number | null; devicesLimit: number | null; kems: readonly string[]; features: readonly string[]; plan: string;
  rows: readonly RowFacts[]; roles: readonly { id: string; name: string; scope: string }[]; /** The client's. */ tags: readonly string[];
  /** Rows (by uid) that a plan on its way already touches. */
  moving: ReadonlySet<string>;
};

export type PersonFacts = { personId: string; name: string; frozen: boolean; /** Break-glass: nobody collects its tokens. */ seat: boolean; inbox: { statement: InboxStatement; hash: string; endorsedAt: number } | null };

export type Facts = { vaults: ReadonlyMap<string, VaultFacts>; people: ReadonlyMap<string, PersonFacts>; now: number; /** How many people have a signing key. */ signers: number; lengths: Lengths };

const seconds = (date: Date | null): number | null => (date === null ? null : Math.floor(date.getTime() / 1_000));

function grantOf(value: unknown): Grant | null {
  if (value === null) return null;
  run(checkGrant, value, "");
  return value;
}

/** States of a dispatch in which what it does to its rows is not settled (lib/plan/dispatch-state.ts). */
const unsettled = ["waiting", "held", "sent", "accepted", "lost", "incident"];

async function vaultFacts(tx: Read, vaultRefs: readonly string[]): Promise<Map<string, VaultFacts>> {
  const { db, actor: { mspId } } = tx;
  const where = { mspId, vaultRef: { in: [...vaultRefs] } };
  const [confirmed, vaults, moving] = await Promise.all([
    confirmationsOf(tx, vaultRefs),
    db.vault.findMany({
      where,
      include: {
        client: { select: { name: true, plan: true, tags: true } }, reading: true, agents: { include: { person: { select: { keptBy: true } } } },
        roleScopes: { include: { role: { select: { roleId: true, name: true } } } },
      },
    }),
    db.planOperation.findMany({ where: { ...where, uid: { not: null }, plan: { dispatches: { some: { state: { in: unsettled } } } } }, select: { vaultRef: true, uid: true, planId: true } }),
  ]);
  const live = await db.dispatch.findMany({ where: { ...where, state: { in: unsettled } }, select: { vaultRef: true, planId: true } });
  const onTheWay = new Set(live.map(({ planId, vaultRef }) => `${planId} ${vaultRef}`));
  return new Map(vaults.map((row) => {
    const { client, reading, agents, roleScopes } = row;
    const statement = confirmed.find(({ vaultRef }) => vaultRef === row.vaultRef)?.statement ?? null;
    return [row.vaultRef, {
      vaultRef: row.vaultRef, clientId: row.clientId, state: row.state, name: client.name, plan: client.plan, vaultId: row.vaultId, key: row.publicKey, agentId: row.agentId, managerUid: row.managerUid,
      grant: grantOf(row.granted), statement, health: reading?.health ?? "unread", readAt: seconds(reading?.readAt ?? null), tokensUsed: reading?.tokensUsed ?? null, tokensLimit: reading?.tokensLimit ?? null, devicesUsed: reading?.devicesUsed ?? null, devicesLimit: reading?.devicesLimit ?? null, kems: reading?.kems ?? [], features: reading?.features ?? [],
      rows: agents.map((agent) => ({
        uid: agent.uid, agentId: agent.agentId, name: agent.name, scopes: agent.scopes, allAccess: agent.allAccess, admin: agent.admin, expiresAt: seconds(agent.expiresAt), revision: Number(agent.revision),
        ours: agent.managedBy !== null && agent.managedBy === row.managerUid, personId: agent.personId, lastUsedAt: seconds(agent.lastUsedAt), seat: agent.person?.keptBy != null,
      })),
      roles: roleScopes.map(({ scope, role }) => ({ id: role.roleId, name: role.name, scope })), tags: client.tags,
      moving: new Set(moving.flatMap(({ vaultRef, uid, planId }) => (uid !== null && vaultRef === row.vaultRef && onTheWay.has(`${planId} ${vaultRef}`) ? [uid] : []))),
    } satisfies VaultFacts];
  }));
}

async function peopleFacts({ db, actor }: Read, personIds: readonly string[], now: Date): Promise<Map<string, PersonFacts>> {
  const { mspId } = actor;
  const people = await db.person.findMany({
    where: { mspId, personId: { in: [...personIds] } },
    include: {
      inboxKeys: {
        where: { replacedAt: null, differsAt: null, notAfter: { gt: now } },
        include: { endorsed: { where: { endorsement: { signingKey: { removedAt: null } } }, include: { endorsement: { select: { endorsedAt: true } } } } },
      },
    },
  });
  return new Map(people.map((person) => {
    const key = person.inboxKeys.find(({ endorsed }) => endorsed.length > 0);
    const statement = key && statementOf(key.statement);
    const endorsedAt = key && Math.min(...key.endorsed.map(({ endorsement }) => endorsement.endorsedAt.getTime()));
    return [person.personId, {
      personId: person.personId, name: person.name, frozen: person.frozenAt !== null, seat: person.keptBy !== null,
      inbox: statement && endorsedAt !== undefined ? { statement, hash: b64u(inboxKeyChallenge(statement)), endorsedAt: Math.floor(endorsedAt / 1_000) } : null,
    }];
  }));
}

/**
 * Facts about these vaults and people, as of this transaction. Who or what is not there is absent from the maps. `uids`: rows whose
 * people count too, since their tokens are sealed anew.
 */
export async function loadFacts(tx: Read, vaultRefs: readonly string[], personIds: readonly string[], now: Date, uids: ReadonlySet<string> = new Set()): Promise<Facts> {
  const { mspId } = tx.actor;
  const [vaults, lengths, signing] = await Promise.all([vaultFacts(tx, vaultRefs), lengthsIn(tx), tx.db.signingKey.findMany({ where: { mspId, removedAt: null, person: { frozenAt: null } }, select: { personId: true }, distinct: ["personId"] })]);
  const holders = uids.size === 0 ? [] : [...vaults.values()].flatMap(({ rows }) => rows.flatMap(({ uid, personId }) => (personId !== null && uids.has(uid) ? [personId] : [])));
  const people = await peopleFacts(tx, [...new Set([...personIds, ...holders])], now);
  return { vaults, people, now: Math.floor(now.getTime() / 1_000), signers: signing.length, lengths };
}
