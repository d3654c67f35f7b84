/**
 * One vault read: asked, judged, stored. What the network says is there before a transaction begins; one transaction then stores
 * all of it under the lease, or nothing. What matters is recorded in it: health, drift, alarms, ends; not that it was read.
 */
import type { Client, Reading, Vault } from "#prisma/generated/client.ts";
import type { Database } from "../db/client.ts";
import { observe, write, type Write } from "../db/tenant.ts";
import type { Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { jcs } from "../protocol/jcs.ts";
import type { Grant } from "../protocol/messages.ts";
import { record } from "../record/record.ts";
import type { VaultClient } from "../vault/client.ts";
import type { Directory } from "./directory.ts";
import { isOurs } from "./drift.ts";
import { importWanted } from "./import.ts";
import { judge, nothingMoved, type Before, type Health, type Seen, type Verdict } from "./judge.ts";
import { probePause, readPause } from "./pause.ts";
import { afterProbe, probeAlarm, probeVault, type ProbeVerdict } from "./probe.ts";
import { infoPatch, saveAgents, saveProbe, saveReadings, saveScopes, tellKnown, type Patch, type Saved } from "./save.ts";
import { never } from "./schedule.ts";
import { earlierRows, findDrift } from "./settle-drift.ts";
import { lookWho } from "./who.ts";

/** A vault that is held under a lease, with all that a reading of it needs. */
export type Held = {
  vault: Vault & { reading: Reading; client: Pick<Client, "name" | "exitStartedAt"> };
  leaseUntil: Date;
  probeDue: boolean;
  client: VaultClient;
};
type Tools = { db: Database; worker: Actor; directory: () => Promise<Directory>; now: () => Date; random?: () => number };

/** Somebody else holds the vault by now; what this reading brought no longer counts. */
export class LostLease extends Error {
  override name = "LostLease";
}

const number = (value: bigint | null): number | null => (value === null ? null : Number(value));

export const beforeOf = (reading: Reading): Before => ({
  health: reading.health as Health, epoch: reading.epoch, epochRevision: number(reading.epochRevision), revision: number(reading.revision), agentsEtag: reading.agentsEtag,
  scopesRevision: number(reading.scopesRevision), failures: reading.failures, expiresAt: reading.expiresAt,
});

/** `/vault` first; rows and scopes only when it moved, since its revision covers them (PROTOCOL 3), and never from a backup. */
export async function ask(client: VaultClient, before: Before): Promise<Seen> {
  const info = await client.info();
  if (info.kind !== "answered" || info.value.mode === "backup" || nothingMoved(info.value, before)) return { info, agents: null, scopes: null };
  const [agents, scopes] = await Promise.all([client.agents(before.agentsEtag), client.scopes()]);
  return { info, agents, scopes };
}

/** A probe of a vault that just did not answer would only be more silence. */
async function probed({ client, vault }: Held, verdict: Verdict, directory: () => Promise<Directory>): Promise<ProbeVerdict & { closed: boolean }> {
  if (verdict.failed || verdict.ends !== null) return { result: "unproven", words: verdict.words, closed: false };
  return probeVault(client, { managerUid: vault.managerUid!, knownSeals: (await directory()).bySeal });
}

/** A vault that takes no reads from anybody has lapsed, whatever it says it was paid until (PROTOCOL 12). */
const lapsed = (verdict: Verdict): Verdict => ({ ...verdict, health: "lapsed", words: "Its subscription has lapsed. Access can still be taken away." });

async function isClosed(client: VaultClient): Promise<boolean> {
  const entries = await client.entries();
  return entries.kind === "refused" && entries.code === "expired";
}

const iso = (at: Date | null): string | null => at?.toISOString() ?? null;

/** The reading's own columns: what the primary said, how it is doing, when it is looked at again. Pure. */
function patchOf({ vault: { reading } }: Held, verdict: Verdict, probe: ProbeVerdict | null, now: Date): Patch {
  const { health, words, info, agents, scopes, whole, failed } = verdict;
  const probing: Patch = probe === null ? {} : { probe_at: iso(now), probe_result: probe.result, probe_words: probe.words, unproven_since: iso(afterProbe(reading, probe, now).unprovenSince) };
  return {
    ...(info !== null && infoPatch(info)),
    health, words, ...(health !== reading.health && { health_since: iso(now) }),
    failures: failed ? reading.failures + 1 : 0,
    ...(whole && { read_at: iso(now) }),
    ...(agents !== null && { agents_etag: agents.etag }),
    ...(scopes !== null && { scopes_revision: scopes.revision }),
    ...probing,
  };
}

/** What the primary said of itself, against what is kept: whether an open page would show anything new. */
function saysNews(reading: Reading, patch: Patch): boolean {
  const kept: Readonly<Record<string, unknown>> = {
    mode: reading.mode, epoch: reading.epoch, epoch_revision: number(reading.epochRevision), revision: number(reading.revision), replicated_revision: number(reading.replicatedRevision),
    tokens_used: reading.tokensUsed, tokens_limit: reading.tokensLimit, devices_used: reading.devicesUsed, devices_limit: reading.devicesLimit,
    expires_at: iso(reading.expiresAt), paid_until: iso(reading.paidUntil), features: reading.features.join(), kems: reading.kems.join(), health: reading.health, words: reading.words, failures: reading.failures,
  };
  return Object.entries(kept).some(([name, value]) => Object.hasOwn(patch, name) && String(patch[name]) !== String(value));
}

async function recordHealth(tx: Write, { vault }: Held, verdict: Verdict): Promise<void> {
  const { reading, client: { name: client }, vaultRef } = vault;
  // From "not read yet" to order is no event, and an import has its own line.
  if (verdict.health === reading.health || verdict.ends !== null || (reading.health === "unread" && verdict.health === "ok")) return;
  await record(tx, { action: "vault.health_changed", target: { kind: "vault", id: vaultRef }, fields: { client, from: reading.health, to: verdict.health, words: verdict.words } });
}

async function recordProbe(tx: Write, { vault }: Held, probe: ProbeVerdict, now: Date): Promise<void> {
  const { reading, client: { name: client }, vaultRef } = vault;
  const before = probeAlarm(reading, reading.probeAt ?? now);
  const after = probeAlarm(afterProbe(reading, probe, now), now);
  const target = { kind: "vault", id: vaultRef } as const;
  const words = probe.words ?? "";
  if (after === "now" && (before !== "now" || reading.probeWords !== words)) await record(tx, { action: "probe.saw", target, fields: { client, words } });
  else if (after === "late" && before === null) await record(tx, { action: "probe.unproven", target, fields: { client, words } });
  else if (before !== null && probe.result === "blind") await record(tx, { action: "probe.blind_again", target, fields: { client } });
}

/** Whether what was seen changes what the connection is. While our own exit runs, a 401 is what was asked for: whoever settles it says so. */
function endsNow({ vault: { state, client: { exitStartedAt } } }: Held, { ends }: Verdict): boolean {
  return ends === "stopped" ? state === "unconfirmed" || state === "connected" : ends === "ended" && state !== "ended" && exitStartedAt === null;
}

/** The connection ends here, by what the vault signed: no work until a new connect, or none at all. */
async function end(tx: Write, { vault }: Held, verdict: Verdict, now: Date): Promise<void> {
  const { mspId, vaultRef, client: { name: client } } = vault;
  const words = verdict.words ?? "";
  const target = { kind: "vault", id: vaultRef } as const;
  if (verdict.ends === "stopped") {
    const { count } = await tx.db.vault.updateMany({ where: { mspId, vaultRef, state: { in: ["unconfirmed", "connected"] } }, data: { state: "stopped", stoppedAt: now, stoppedWords: words } });
    if (count > 0) await record(tx, { action: "vault.stopped", target, fields: { client, words } });
    return;
  }
  const { count } = await tx.db.vault.updateMany({ where: { mspId, vaultRef, state: { not: "ended" } }, data: { state: "ended", endedAt: now, endedBy: "client", sealedToken: null } });
  if (count > 0) await record(tx, { action: "vault.ended_by_client", target, fields: { client, words } });
}

const grantParts = (before: Grant, after: Grant): string => {
  const names = Object.keys(after) as (keyof Grant)[];
  return names.filter((name) => jcs(before[name] ?? null) !== jcs(after[name])).join(", ");
};

/** What the client allows is theirs to change at any time; what is kept of it is what plans are checked against. */
async function saveGrant(tx: Write, { vault }: Held, info: NonNullable<Verdict["info"]>): Promise<void> {
  const { mspId, vaultRef, client: { name: client } } = vault;
  const grant = info.grant!;
  await tx.db.vault.updateMany({ where: { mspId, vaultRef }, data: { granted: { ...grant, scopes: grant.scopes === "any" ? "any" : [...grant.scopes] } } });
  await record(tx, { action: "vault.grant_changed", target: { kind: "vault", id: vaultRef }, fields: { client, changed: grantParts(vault.granted as unknown as Grant, grant) } });
}

export type Outcome = { saved: Saved; /** Nothing that a page would show anew: kept together with others (reader.ts). */ quiet: boolean };

/** Asks and judges; stores it unless nothing but its age is new, which the caller stores for many at once. Throws {@link LostLease}. */
export async function readVault(held: Held, tools: Tools): Promise<Outcome> {
  const { vault, client, leaseUntil, probeDue } = held;
  const { reading, vaultRef } = vault;
  const before = beforeOf(reading);
  const seen = await ask(client, before);
  let verdict = judge(seen, before);
  const kept = probeDue ? await probed(held, verdict, tools.directory) : null;
  // It says it was paid until a moment ago, or was closed before: only its doors say whether they are closed.
  if (verdict.whole && (kept?.closed || verdict.health === "lapsed" || reading.health === "lapsed")) verdict = (kept?.closed ?? (await isClosed(client))) ? lapsed(verdict) : { ...verdict, health: "ok", words: null };

  const now = tools.now();
  const failures = verdict.failed ? reading.failures + 1 : 0;
  const ended = verdict.ends === "ended" && vault.client.exitStartedAt === null;
  const later = (seconds: number) => new Date(now.getTime() + seconds * 1_000);
  const stopped = verdict.ends === "stopped" || vault.state === "stopped";
  const nextReadAt = ended ? never : later(readPause({ failures, retryAfter: verdict.retryAfter, stopped }, tools.random));
  const patch: Patch = {
    ...patchOf(held, verdict, kept, now),
    ...(ended ? { next_probe_at: iso(never) } : kept !== null && { next_probe_at: iso(later(probePause(kept.result === "blind", tools.random))) }),
  };
  const saved: Saved = { vaultRef, leaseUntil, dueAt: reading.nextReadAt, nextReadAt, patch };
  const regranted = verdict.info?.mode === "primary" && verdict.info.grant !== null && vault.granted !== null && grantParts(vault.granted as unknown as Grant, verdict.info.grant) !== "";
  if (kept === null && verdict.agents === null && verdict.scopes === null && verdict.ends === null && !regranted && !saysNews(reading, patch)) return { saved, quiet: true };

  const first = reading.readAt === null && verdict.agents !== null;
  const directory = verdict.agents === null ? null : await tools.directory();
  // A person's word or an end is at stake: then it is a write, with its record; else an observation.
  const ending = endsNow(held, verdict);
  const door = first || ending || regranted ? write : observe;
  const { fresh } = await door(tools.worker, async (tx) => {
    if ((await saveReadings(tx, [saved])).size === 0) throw new LostLease();
    await recordHealth(tx, held, verdict);
    if (ending) await end(tx, held, verdict, now);
    if (regranted) await saveGrant(tx, held, verdict.info!);
    if (kept !== null) {
      await saveProbe(tx, vaultRef, { at: now, ...kept }, limits.probesKeptDays);
      await recordProbe(tx, held, kept, now);
    }
    const drift = directory === null ? { fresh: [] } : await storeRows(tx, held, verdict, { directory, first, now });
    if (verdict.scopes !== null) await saveScopes(tx, vaultRef, verdict.scopes);
    await tellKnown(tx, vaultRef);
    return drift;
  }, tools.db);
  if (fresh.length > 0) await sayWho(held, fresh, tools);
  return { saved, quiet: false };
}

async function storeRows(tx: Write, { vault }: Held, verdict: Verdict, { directory, first, now }: { directory: Directory; first: boolean; now: Date }): Promise<{ fresh: string[] }> {
  const { vaultRef, managerUid, client: { name: client } } = vault;
  const { rows } = verdict.agents!;
  const ours = rows.filter((row) => isOurs(row, managerUid!));
  const earlier = await earlierRows(tx, vaultRef);
  await saveAgents(tx, vaultRef, rows, directory);
  if (first) {
    await importWanted(tx, vaultRef, ours);
    const recognised = await tx.db.knownAgent.count({ where: { mspId: vault.mspId, vaultRef, personId: { not: null } } });
    await record(tx, { action: "vault.imported", target: { kind: "vault", id: vaultRef }, fields: { client, rows: rows.length, ours: ours.length, recognised } });
  }
  return findDrift(tx, { vaultRef, managerUid: managerUid!, client, rows, earlier, vaultNow: verdict.info!.now }, now);
}

/** After the drift is stored: a log that is slow or closed must not hold it back. */
async function sayWho({ vault: { mspId, vaultRef }, client }: Held, uids: readonly string[], { db, worker }: Tools): Promise<void> {
  const doings = await lookWho(client, uids);
  if (doings.size === 0) return;
  await observe(worker, async (tx) => {
    for (const [uid, { at, by }] of doings) await tx.db.drift.updateMany({ where: { mspId, vaultRef, uid, settledAt: null }, data: { changedAt: at, changedBy: by } });
    await tellKnown(tx, vaultRef);
  }, db);
}
