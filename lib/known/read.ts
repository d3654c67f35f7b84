/**
 * One vault read: asked and judged. What it comes to is decided here, from what the network said and what was kept; storing it is
 * the keeper's (keep.ts), for many vaults at once.
 */
import type { Client, Reading, Vault } from "#prisma/generated/client.ts";
import { jcs } from "../protocol/jcs.ts";
import type { AgentRow, Grant } from "../protocol/messages.ts";
import type { VaultClient } from "../vault/client.ts";
import type { Directory } from "./directory.ts";
import { judge, nothingMoved, type Before, type Health, type Seen, type Verdict } from "./judge.ts";
import { probePause, readPause } from "./pause.ts";
import { afterProbe, probeVault, type Probed, type ProbeVerdict } from "./probe.ts";
import { infoPatch, type Patch, type Saved } from "./save.ts";
import { never } from "./schedule.ts";

/** A vault that is held under a lease, with all that a reading of it needs. */
export type Held = {
  vault: Pick<Vault, "mspId" | "vaultRef" | "state" | "managerUid" | "granted"> & { reading: Reading; client: Pick<Client, "name" | "exitStartedAt"> };
  leaseUntil: Date;
  probeDue: boolean;
  client: VaultClient;
};

/** What a reading came to. `quiet`: nothing is new but its age. `settles`: a person's word or an end is at stake, so it is a write with its record. */
export type Outcome = {
  held: Held;
  verdict: Verdict;
  probe: ProbeVerdict | null;
  at: Date;
  saved: Saved;
  quiet: boolean;
  /** The first whole reading since the connect, with its rows. */
  first: readonly AgentRow[] | null;
  ends: boolean;
  regranted: string | null;
};

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
async function probed({ client, vault }: Held, verdict: Verdict, directory: () => Promise<Directory>): Promise<Probed> {
  if (verdict.failed || verdict.ends !== null) return { result: "unproven", words: verdict.words, closed: false };
  return probeVault(client, { managerUid: vault.managerUid!, knownSeals: (await directory()).bySeal });
}

async function isClosed(client: VaultClient): Promise<boolean> {
  const entries = await client.entries();
  return entries.kind === "refused" && entries.code === "expired";
}

/** A vault that takes no reads from anybody has lapsed, whatever it says it was paid until (PROTOCOL 12). */
const byItsDoors = (verdict: Verdict, closed: boolean): Verdict => ({ ...verdict, health: closed ? "lapsed" : "ok", words: closed ? "Its subscription has lapsed. Access can still be taken away." : null });

const iso = (at: Date | null): string | null => at?.toISOString() ?? null;

/** The reading's own columns: what the primary said, how it is doing, when it is looked at again. Pure. */
function patchOf(reading: Reading, { health, words, info, agents, scopes, whole, failed }: Verdict, probe: ProbeVerdict | null, now: Date): Patch {
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

/** Whether what was seen changes what the connection is. While our own exit runs, a 401 is what was asked for: whoever settles it says so. */
function endsNow({ vault: { state, client: { exitStartedAt } } }: Held, { ends }: Verdict): boolean {
  return ends === "stopped" ? state === "unconfirmed" || state === "connected" : ends === "ended" && state !== "ended" && exitStartedAt === null;
}

/** The members of the grant that the client changed, or null. */
function regrantedBy(kept: unknown, { info }: Verdict): string | null {
  if (info?.mode !== "primary" || info.grant === null || kept === null) return null;
  const { grant } = info;
  const before = kept as Grant;
  const names = (Object.keys(grant) as (keyof Grant)[]).filter((name) => jcs(before[name] ?? null) !== jcs(grant[name]));
  return names.length === 0 ? null : names.join(", ");
}

type Tools = { directory: () => Promise<Directory>; now: () => Date; random?: () => number };

/** Asks, judges, decides. Writes nothing. */
export async function readVault(held: Held, { directory, now: clock, random }: Tools): Promise<Outcome> {
  const { vault, client, leaseUntil, probeDue } = held;
  const { reading, vaultRef } = vault;
  const before = beforeOf(reading);
  let verdict = judge(await ask(client, before), before);
  const probe = probeDue ? await probed(held, verdict, directory) : null;
  // It says it was paid until a moment ago, or was closed before: only its doors say whether they are closed.
  if (verdict.whole && (probe?.closed || verdict.health === "lapsed" || reading.health === "lapsed")) verdict = byItsDoors(verdict, probe?.closed ?? (await isClosed(client)));

  const at = clock();
  const later = (seconds: number) => new Date(at.getTime() + seconds * 1_000);
  const ended = verdict.ends === "ended" && vault.client.exitStartedAt === null;
  const stopped = verdict.ends === "stopped" || vault.state === "stopped";
  const patch: Patch = {
    ...patchOf(reading, verdict, probe, at),
    ...(ended ? { next_probe_at: iso(never) } : probe !== null && { next_probe_at: iso(later(probePause(probe.result === "blind", random))) }),
  };
  const pause = readPause({ failures: verdict.failed ? reading.failures + 1 : 0, retryAfter: verdict.retryAfter, stopped }, random);
  const saved: Saved = { vaultRef, leaseUntil, dueAt: reading.nextReadAt, nextReadAt: ended ? never : later(pause), patch };
  const regranted = regrantedBy(vault.granted, verdict);
  return {
    held, verdict, probe, at, saved, regranted,
    quiet: probe === null && verdict.agents === null && verdict.scopes === null && verdict.ends === null && regranted === null && !saysNews(reading, patch),
    first: reading.readAt === null && verdict.agents !== null ? verdict.agents.rows : null,
    ends: endsNow(held, verdict),
  };
}
