/** One client with everything that its page says, read in one transaction, so that it fits together. */
import type { Prisma } from "#prisma/generated/client.ts";
import { database, type Database } from "../db/client.ts";
import { read } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { checkGrant } from "../protocol/schema.ts";
import type { Grant } from "../protocol/messages.ts";
import { roleScopesOf, type RoleMark, type RoleScopes } from "../role/letters.ts";
import type { Health, Standing, VaultState } from "./condition.ts";
import { driftSide, driftWords, type DriftKind, type DriftWords } from "./drift-words.ts";
import type { RoleNumber } from "./grant-words.ts";
import { foldState, type ClientState } from "./list.ts";
import type { AskedState } from "./next-step.ts";
import { probeStrip, stripCounts, type ProbeResult, type ProbeState, type StripHour } from "./probe-words.ts";
import { slotsOf, splitRows, type AccessRow, type KnownRow, type OwnRow, type Slot } from "./rows.ts";

/** Times in epoch milliseconds, everywhere here. */
export type ClientFacts = {
  readonly id: string; readonly name: string; readonly place: string | null; readonly aliases: readonly string[]; readonly tags: readonly string[]; readonly region: string;
  readonly contact: { readonly name: string; readonly phone: string; readonly mail: string };
  readonly plan: string; readonly payer: "msp" | "client"; readonly createdAt: number; readonly exitStartedAt: number | null; readonly endedAt: number | null;
  readonly state: ClientState; readonly vaults: readonly VaultFacts[]; readonly technicians: number;
};
export type DriftFacts = DriftWords & { readonly id: string; readonly kind: DriftKind; readonly seenAt: number; readonly changedAt: number | null; readonly changedBy: string | null };
export type ScopeFacts = { readonly scope: string; readonly role: RoleMark | null; readonly people: number; readonly entries: number | null; readonly named: string | null };
export type VaultFacts = Standing & {
  readonly ref: string; readonly vaultId: string | null; readonly vaultName: string | null; readonly address: string; readonly publicKey: string | null; readonly agentId: number | null;
  readonly connectedAt: number | null; readonly confirmedAt: number | null; readonly confirmedBy: string | null; readonly stoppedAt: number | null; readonly endedAt: number | null;
  readonly asked: AskedState | null; readonly grant: Grant | null; readonly roles: readonly RoleNumber[];
  readonly reading: { readonly readAt: number | null; readonly healthSince: number; readonly mode: string | null; readonly epoch: number | null; readonly revision: number | null; readonly replicatedRevision: number | null; readonly paidUntil: number | null; readonly managerExpiresAt: number | null; readonly failures: number } | null;
  readonly tokens: { readonly used: number; readonly limit: number | null } | null; readonly devices: { readonly used: number; readonly limit: number | null } | null;
  readonly probe: ProbeState; readonly strip: readonly StripHour[]; readonly probed: { readonly blind: number; readonly tried: number };
  readonly ours: readonly AccessRow[]; readonly own: readonly OwnRow[]; readonly slots: readonly Slot[]; readonly scopes: readonly ScopeFacts[]; readonly drifts: readonly DriftFacts[];
};

const ms = (at: Date | null) => at?.getTime() ?? null;

/** The grant as the vault last said it; null where it cannot be read, which is then said, never taken for "nothing allowed". */
export function grantOf(value: unknown): Grant | null {
  try {
    checkGrant(value, "");
    return value;
  } catch {
    return null;
  }
}

const include = {
  reading: true, agents: { include: { person: { select: { personId: true, name: true } } } }, scopes: true, roleScopes: { include: { role: true } },
  requests: { orderBy: { createdAt: "desc" }, take: 1, select: { expiresAt: true, cancelledAt: true, repliedAt: true, refusedAt: true } },
  confirmations: { include: { confirmation: { select: { confirmedAt: true, person: { select: { name: true } } } } }, orderBy: { confirmation: { confirmedAt: "desc" } }, take: 1 },
  drifts: { where: { OR: [{ settledAt: null }, { kind: "appeared", settledHow: "accepted" }] }, orderBy: { seenAt: "asc" } },
} satisfies Prisma.VaultInclude;
type VaultRow = Prisma.VaultGetPayload<{ include: typeof include }> & { probes: { at: Date; result: string }[] };

export const rolesIn = (rows: VaultRow["roleScopes"]): RoleScopes =>
  roleScopesOf(rows.map(({ scope, role }) => ({ scope, roleId: role.roleId, name: role.name, letter: role.letter, position: role.position })));

const knownRow = (row: VaultRow["agents"][number]): KnownRow => ({
  uid: row.uid, agentId: row.agentId, name: row.name, kind: row.kind, scopes: row.scopes, allAccess: row.allAccess, admin: row.admin, managedBy: row.managedBy, createdAt: row.createdAt.getTime(), expiresAt: ms(row.expiresAt),
  claimBy: ms(row.claimBy), lastUsedAt: ms(row.lastUsedAt), locked: row.locked, handOver: row.handOver, person: row.person && { id: row.person.personId, name: row.person.name },
});

/** Every number that means something there: of the dictionary, on entries, or on somebody's row. */
function scopesOf(vault: VaultRow, roles: RoleScopes, ours: readonly AccessRow[]): ScopeFacts[] {
  const known = new Map(vault.scopes.map((row) => [row.scope, row]));
  const numbers = new Set([...roles.keys(), ...known.keys()]);
  const facts = [...numbers].map((scope): ScopeFacts => ({
    scope, role: roles.get(scope) ?? null, entries: known.get(scope)?.entries ?? null, named: known.get(scope)?.name ?? null, people: ours.filter((row) => row.scopes.split(",").includes(scope)).length,
  }));
  return facts.toSorted((a, b) => (a.role?.position ?? Infinity) - (b.role?.position ?? Infinity) || (a.scope < b.scope ? -1 : 1));
}

function vaultFacts(vault: VaultRow, names: ReadonlyMap<string, string>, now: number): VaultFacts {
  const { reading } = vault;
  const roles = rolesIn(vault.roleScopes);
  const appeared = vault.drifts.filter(({ kind }) => kind === "appeared").map((row) => ({ uid: row.uid, seenAt: row.seenAt.getTime(), acceptedAt: ms(row.settledAt), acceptedBy: row.settledBy === null ? null : (names.get(row.settledBy) ?? null) }));
  const rows = splitRows(vault.agents.map(knownRow), roles, { managerUid: vault.managerUid, connectedAt: ms(vault.connectedAt) }, appeared, now);
  const probes = vault.probes.map(({ at, result }) => ({ at: at.getTime(), result: result as ProbeResult }));
  const [asked] = vault.requests;
  const usage = (used: number | null | undefined, limit: number | null | undefined) => (used === null || used === undefined ? null : { used, limit: limit ?? null });
  return {
    ref: vault.vaultRef, vaultId: vault.vaultId, vaultName: vault.vaultName, address: vault.address, publicKey: vault.publicKey, agentId: vault.agentId,
    state: vault.state as VaultState, health: (reading?.health ?? null) as Health | null, words: reading?.words ?? null, stoppedWords: vault.stoppedWords, endedBy: vault.endedBy as "msp" | "client" | null,
    connectedAt: ms(vault.connectedAt), confirmedAt: ms(vault.confirmedAt), confirmedBy: vault.confirmations[0]?.confirmation.person.name ?? null, stoppedAt: ms(vault.stoppedAt), endedAt: ms(vault.endedAt),
    asked: asked ? { expiresAt: asked.expiresAt.getTime(), cancelledAt: ms(asked.cancelledAt), repliedAt: ms(asked.repliedAt), refusedAt: ms(asked.refusedAt) } : null,
    grant: vault.granted === null ? null : grantOf(vault.granted), roles: [...roles].map(([scope, { name }]) => ({ scope, name })),
    reading: reading && {
      readAt: ms(reading.readAt), healthSince: reading.healthSince.getTime(), mode: reading.mode, epoch: reading.epoch, revision: reading.revision === null ? null : Number(reading.revision),
      replicatedRevision: reading.replicatedRevision === null ? null : Number(reading.replicatedRevision), paidUntil: ms(reading.paidUntil), managerExpiresAt: ms(reading.expiresAt), failures: reading.failures,
    },
    tokens: usage(reading?.tokensUsed, reading?.tokensLimit), devices: usage(reading?.devicesUsed, reading?.devicesLimit),
    probe: { result: (reading?.probeResult ?? null) as ProbeResult | null, at: ms(reading?.probeAt ?? null), words: reading?.probeWords ?? null, unprovenSince: ms(reading?.unprovenSince ?? null) },
    strip: probeStrip(probes, now), probed: stripCounts(probes, now),
    ours: rows.ours, own: rows.own, slots: slotsOf(rows), scopes: scopesOf(vault, roles, rows.ours),
    drifts: vault.drifts.filter(({ settledAt }) => settledAt === null).map((row) => ({ id: row.driftId, kind: row.kind as DriftKind, seenAt: row.seenAt.getTime(), changedAt: ms(row.changedAt), changedBy: row.changedBy, ...driftWords(row.kind as DriftKind, driftSide(row.before), driftSide(row.after), roles) })),
  };
}

/** Throws Refusal `forbidden`, `not_found` (also for another organisation's client), `database_unavailable`. */
export async function showClient(actor: Actor, clientId: string, now: number = Date.now(), db: Database = database()): Promise<ClientFacts> {
  authorize(actor, "client.read");
  const { mspId } = actor;
  return read(actor, async (tx) => {
    const row = await tx.db.client.findUnique({ where: { mspId_clientId: { mspId, clientId } }, include: { vaults: { include: { ...include, probes: { where: { at: { gt: new Date(now - 86_400_000) } }, orderBy: { at: "asc" }, select: { at: true, result: true } } }, orderBy: { createdAt: "asc" } } } });
    if (!row) throw new Refusal("not_found");
    const settlers = row.vaults.flatMap(({ drifts }) => drifts.flatMap(({ settledBy }) => settledBy ?? []));
    const people = settlers.length === 0 ? [] : await tx.db.person.findMany({ where: { mspId, personId: { in: settlers } }, select: { personId: true, name: true } });
    const names = new Map(people.map(({ personId, name }) => [personId, name]));
    const technicians = await tx.db.person.count({ where: { mspId, rights: { has: "technician" }, frozenAt: null } });
    const namesakes = await tx.db.client.count({ where: { mspId, name: { equals: row.name, mode: "insensitive" } } });
    const vaults = row.vaults.map((vault) => vaultFacts(vault, names, now));
    return {
      id: row.clientId, name: row.name, place: row.aliases[0] ?? (namesakes > 1 ? row.region || vaults[0]?.vaultId || null : null), aliases: row.aliases, tags: row.tags, region: row.region,
      contact: { name: row.contactName, phone: row.contactPhone, mail: row.contactMail }, plan: row.plan, payer: row.payer as "msp" | "client",
      createdAt: row.createdAt.getTime(), exitStartedAt: ms(row.exitStartedAt), endedAt: ms(row.endedAt),
      state: foldState(vaults.map(({ state }) => state), { leaving: row.exitStartedAt !== null, ended: row.endedAt !== null }), vaults, technicians,
    };
  }, db);
}
