/** One client's part of the tables as a statement for their own page: nothing of another client, of money or of contacts. */
import type { Prisma } from "#prisma/generated/client.ts";
import type { Read } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { conditionKind, type Health, type VaultState } from "../client/condition.ts";
import type { DriftKind } from "../client/drift-words.ts";
import { probeStrip, stripCounts, type ProbeResult } from "../client/probe-words.ts";
import { splitRows, type KnownRow } from "../client/rows.ts";
import { grantOf, rolesIn } from "../client/show.ts";
import { limits } from "../limits.ts";
import { makersOf, provenChanges, type ProvenChange } from "../plan/proven.ts";
import { whereAnswered } from "../signing/answered.ts";
import { changesOf } from "./changes.ts";
import { seasonsOf } from "./season.ts";
import type { GlassSeason, GlassStatement, GlassVault } from "./statement.ts";

const dayMs = 86_400_000;
const seconds = (at: Date | null | undefined) => (at ? Math.floor(at.getTime() / 1000) : null);
const ms = (at: Date | null) => at?.getTime() ?? null;

const include = {
  reading: true, agents: true, roleScopes: { include: { role: true } },
  requests: { where: whereAnswered, orderBy: { repliedAt: "desc" }, take: 1, select: { request: true } },
  confirmations: { include: { confirmation: { select: { person: { select: { name: true } } } } }, orderBy: { confirmation: { confirmedAt: "desc" } }, take: 1 },
} satisfies Prisma.VaultInclude;
export type GlassRow = Prisma.VaultGetPayload<{ include: typeof include }>;

/** Who signs for the MSP, as the request that the client's owner tapped named them. */
function signersIn(request: unknown): { person: string; label: string }[] {
  const { signers } = (request ?? {}) as { signers?: unknown };
  if (!Array.isArray(signers)) return [];
  return signers.flatMap((one: unknown) => {
    const { person, label } = (one ?? {}) as { person?: unknown; label?: unknown };
    return typeof person === "string" && typeof label === "string" ? [{ person, label }] : [];
  });
}

type Beside = { drifts: { uid: string; kind: string; before: unknown; after: unknown; seenAt: Date; changedAt: Date | null; settledAt: Date | null; settledHow: string | null; settledBy: string | null }[]; probes: { at: Date; result: string }[]; names: ReadonlyMap<string, string>; proven: readonly ProvenChange[]; granted: ReadonlySet<string>; season: GlassSeason; msp: string; since: Date; now: Date };

/** The vault as it is stated. Null for one that never answered: there is nothing to say about it yet. */
function vaultOf(row: GlassRow, { drifts, probes, names, proven, granted, season, msp, since, now }: Beside): GlassVault | null {
  if (row.vaultId === null || row.publicKey === null) return null;
  const { reading } = row;
  const roles = rolesIn(row.roleScopes);
  const known = row.agents.map((agent): KnownRow => ({ ...agent, createdAt: agent.createdAt.getTime(), expiresAt: ms(agent.expiresAt), claimBy: ms(agent.claimBy), lastUsedAt: ms(agent.lastUsedAt), person: null }));
  const appeared = drifts.filter(({ kind }) => kind === "appeared").map(({ uid, seenAt, settledAt }) => ({ uid, seenAt: seenAt.getTime(), acceptedAt: ms(settledAt), acceptedBy: null }));
  const { ours } = splitRows(known, roles, { managerUid: row.managerUid, connectedAt: ms(row.connectedAt) }, appeared, now.getTime());
  const tried = probes.map(({ at, result }) => ({ at: at.getTime(), result: result as ProbeResult }));
  return {
    vault: row.vaultId, name: row.vaultName ?? row.vaultId, address: row.address, key: row.publicKey,
    condition: conditionKind({ state: row.state as VaultState, health: (reading?.health ?? null) as Health | null }), connected: seconds(row.connectedAt), ended: seconds(row.endedAt), read: seconds(reading?.readAt),
    grant: row.granted === null ? null : grantOf(row.granted), roles: [...roles].map(([scope, { name, letter }]) => ({ scope, name, letter })),
    people: row.state === "ended" ? [] : ours.map(({ uid, name, scopes, letters, since, until, lastUsedAt }) => ({ uid, name, scopes, all_access: letters.full, since: Math.floor(since / 1000), until: until === null ? null : Math.floor(until / 1000), last_used: lastUsedAt === null ? null : Math.floor(lastUsedAt / 1000) })),
    signers: signersIn(row.requests[0]?.request),
    probe: { result: (reading?.probeResult ?? null) as ProbeResult | null, at: seconds(reading?.probeAt), unproven_since: seconds(reading?.unprovenSince), ...stripCounts(tried, now.getTime()), hours: probeStrip(tried, now.getTime()).map(({ result }) => result) },
    season,
    changes: changesOf({
      connectedAt: ms(row.connectedAt), confirmedAt: ms(row.confirmedAt), confirmedBy: row.confirmations[0]?.confirmation.person.name ?? null, endedAt: ms(row.endedAt), endedBy: row.endedBy as "msp" | "client" | null, ours, proven, granted,
      drifts: drifts.map((drift) => ({ ...drift, kind: drift.kind as DriftKind, seenAt: drift.seenAt.getTime(), changedAt: ms(drift.changedAt), settledBy: drift.settledBy === null ? null : (names.get(drift.settledBy) ?? null) })),
    }, { msp, roles, since: since.getTime(), most: limits.glassChangesShown }),
  };
}

/** @param until the end of the link in Unix seconds; null for the MSP's own preview. Throws Refusal `not_found`. */
export async function glassFacts({ db, actor }: Read, clientId: string, { now, origin, until }: { now: Date; origin: string; until: number | null }): Promise<{ statement: GlassStatement; rows: GlassRow[]; clientName: string }> {
  const { mspId } = actor;
  const client = await db.client.findUnique({ where: { mspId_clientId: { mspId, clientId } }, include: { msp: { select: { name: true } }, vaults: { include, orderBy: { createdAt: "asc" } } } });
  if (!client) throw new Refusal("not_found");
  const refs = client.vaults.map(({ vaultRef }) => vaultRef);
  const drifts = await db.drift.findMany({ where: { mspId, vaultRef: { in: refs } }, orderBy: { seenAt: "desc" }, take: limits.glassChangesShown });
  const probes = await db.probe.findMany({ where: { mspId, vaultRef: { in: refs }, at: { gt: new Date(now.getTime() - dayMs) } }, select: { vaultRef: true, at: true, result: true } });
  const settlers = await db.person.findMany({ where: { mspId, personId: { in: drifts.flatMap(({ settledBy }) => settledBy ?? []) } }, select: { personId: true, name: true } });
  const names = new Map(settlers.map(({ personId, name }) => [personId, name]));
  const since = new Date(now.getTime() - limits.glassChangesDays * dayMs);
  const proven = await provenChanges({ db, actor }, refs, { since, most: limits.glassChangesShown });
  const makers = [...(await makersOf({ db, actor }, refs))];
  const seasons = await seasonsOf({ db, actor }, refs, since);
  const grantedIn = (ref: string) => new Set(makers.flatMap(([key, { made }]) => (made !== null && key.startsWith(`${ref} `) ? [key.slice(ref.length + 1)] : [])));
  const of = <T extends { vaultRef: string }>(list: readonly T[], ref: string) => list.filter(({ vaultRef }) => vaultRef === ref);
  const vaults = client.vaults.flatMap((row) => vaultOf(row, { drifts: of(drifts, row.vaultRef), probes: of(probes, row.vaultRef), names, proven: of(proven, row.vaultRef), granted: grantedIn(row.vaultRef), season: seasons.get(row.vaultRef)!, msp: client.msp.name, since, now }) ?? []);
  return {
    statement: { v: 1, at: Math.floor(now.getTime() / 1000), msp: { name: client.msp.name, origin }, client: { name: client.name, place: client.aliases[0] ?? null }, until, vaults },
    rows: client.vaults.filter(({ vaultId, publicKey }) => vaultId !== null && publicKey !== null), clientName: client.name,
  };
}
