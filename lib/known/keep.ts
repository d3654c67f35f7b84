/**
 * Keeping what readings came to: many vaults of one tenant in one transaction, each under its own lease. What matters is recorded
 * in it: health, drift, alarms, ends; not that a vault was read. When a transaction fails, its vaults are kept one by one, so that
 * the trouble of one is not that of all.
 */
import type { Database } from "../db/client.ts";
import { observe, write, type Write } from "../db/tenant.ts";
import type { Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { record, recordAll } from "../record/record.ts";
import type { Directory } from "./directory.ts";
import { isOurs } from "./drift.ts";
import { importWanted } from "./import.ts";
import { afterProbe, probeAlarm, type ProbeVerdict } from "./probe.ts";
import type { Outcome } from "./read.ts";
import { putOffEnds } from "./renewal.ts";
import { agreeUnseen, maybeDrifted, personOf, saveAges, saveAgents, saveProbes, saveReadings, saveScopes, tellKnown } from "./save.ts";
import { findDrift } from "./settle-drift.ts";
import { lookWho } from "./who.ts";

/** `later`: takes up work that asks a vault once more, beside everything else: nobody waits for it. */
type Tools = { db: Database; worker: Actor; directory: () => Promise<Directory>; later: (work: () => Promise<void>) => void };

/** With its record, since a person's word (what is wanted, what is granted) or the connection itself changes with it. */
const settles = ({ first, ends, regranted }: Outcome): boolean => first !== null || ends || regranted !== null;

const targetOf = ({ held: { vault } }: Outcome) => ({ kind: "vault", id: vault.vaultRef }) as const;

async function recordHealth(tx: Write, outcome: Outcome): Promise<void> {
  const { held: { vault: { reading, client } }, verdict: { health, words, ends } } = outcome;
  // From "not read yet" to order is no event, since an import has its own line, as has an end.
  if (health === reading.health || ends !== null || (reading.health === "unread" && health === "ok")) return;
  await record(tx, { action: "vault.health_changed", target: targetOf(outcome), fields: { client: client.name, from: reading.health, to: health, words } });
}

async function recordProbe(tx: Write, outcome: Outcome, probe: ProbeVerdict): Promise<void> {
  const { held: { vault: { reading, client: { name: client } } }, at } = outcome;
  const before = probeAlarm(reading, reading.probeAt ?? at);
  const after = probeAlarm(afterProbe(reading, probe, at), at);
  const words = probe.words ?? "";
  const target = targetOf(outcome);
  if (after === "now" && (before !== "now" || reading.probeWords !== words)) await record(tx, { action: "probe.saw", target, fields: { client, words } });
  else if (after === "late" && before === null) await record(tx, { action: "probe.unproven", target, fields: { client, words } });
  else if (before !== null && probe.result === "blind") await record(tx, { action: "probe.blind_again", target, fields: { client } });
}

/** The connection ends here, by what the vault signed: no work until a new connect, or none at all. */
async function end(tx: Write, outcome: Outcome): Promise<void> {
  const { held: { vault: { mspId, vaultRef, client: { name: client } } }, verdict, at } = outcome;
  const words = verdict.words ?? "";
  const target = targetOf(outcome);
  if (verdict.ends === "stopped") {
    const { count } = await tx.db.vault.updateMany({ where: { mspId, vaultRef, state: { in: ["unconfirmed", "connected"] } }, data: { state: "stopped", stoppedAt: at, stoppedWords: words } });
    if (count > 0) await record(tx, { action: "vault.stopped", target, fields: { client, words } });
    return;
  }
  const { count } = await tx.db.vault.updateMany({ where: { mspId, vaultRef, state: { not: "ended" } }, data: { state: "ended", endedAt: at, endedBy: "client", sealedToken: null } });
  if (count > 0) await record(tx, { action: "vault.ended_by_client", target, fields: { client, words } });
}

/** What the client allows is theirs to change at any time; what is kept of it is what plans are checked against. */
async function saveGrant(tx: Write, outcome: Outcome, changed: string): Promise<void> {
  const { held: { vault: { mspId, vaultRef, client: { name: client } } }, verdict } = outcome;
  const grant = verdict.info!.grant!;
  await tx.db.vault.updateMany({ where: { mspId, vaultRef }, data: { granted: { ...grant, scopes: grant.scopes === "any" ? "any" : [...grant.scopes] } } });
  await record(tx, { action: "vault.grant_changed", target: targetOf(outcome), fields: { client, changed } });
}

function importLine(outcome: Outcome, directory: Directory) {
  const rows = outcome.first!;
  const { managerUid, client } = outcome.held.vault;
  const recognised = rows.filter((row) => Object.values(personOf(row, directory, managerUid)).some((person) => person !== null)).length;
  return { target: targetOf(outcome), fields: { client: client.name, rows: rows.length, ours: rows.filter((row) => isOurs(row, managerUid!)).length, recognised } };
}

/** Rows, scopes and what follows from them. @returns the uids of new drifts, by vault */
async function keepRows(tx: Write, outcomes: readonly Outcome[], directory: Directory): Promise<Map<string, string[]>> {
  const withRows = outcomes.filter(({ verdict }) => verdict.agents !== null);
  const withScopes = outcomes.filter(({ verdict }) => verdict.scopes !== null);
  if (withScopes.length > 0) await saveScopes(tx, withScopes.map(({ held, verdict }) => ({ vaultRef: held.vault.vaultRef, scopes: verdict.scopes! })));
  const fresh = new Map<string, string[]>();
  if (withRows.length === 0) return fresh;
  const refs = withRows.map(({ held }) => held.vault.vaultRef);
  const managers = withRows.map(({ held }) => held.vault.managerUid!);
  const gone = await saveAgents(tx, withRows.map(({ held, verdict }) => ({ vaultRef: held.vault.vaultRef, managerUid: held.vault.managerUid, agents: verdict.agents!.rows })), directory);
  const first = withRows.filter((outcome) => outcome.first !== null);
  if (first.length > 0) {
    await importWanted(tx, first.map(({ held: { vault } }) => vault));
    await recordAll(tx, "vault.imported", first.map((outcome) => importLine(outcome, directory)));
  }
  await agreeUnseen(tx, refs, managers);
  const maybe = await maybeDrifted(tx, refs, managers);
  for (const { held: { vault: { vaultRef, managerUid, client } }, verdict, at } of withRows) {
    if (!maybe.has(vaultRef)) continue;
    const found = await findDrift(tx, { vaultRef, managerUid: managerUid!, client: client.name, rows: verdict.agents!.rows, earlier: gone.get(vaultRef) ?? [], vaultNow: verdict.info!.now }, at);
    if (found.uids.length > 0) fresh.set(vaultRef, found.uids);
    // The rest is found when the list is read again, which an unchanged tag would put off.
    if (found.more) await tx.db.reading.updateMany({ where: { mspId: tx.actor.mspId, vaultRef }, data: { agentsEtag: null } });
  }
  return fresh;
}

async function keepTogether(outcomes: readonly Outcome[], { db, worker, directory }: Tools, door: typeof write | typeof observe): Promise<Map<string, string[]>> {
  const people = outcomes.some(({ verdict }) => verdict.agents !== null) ? await directory() : null;
  return door(worker, async (tx) => {
    // The lease first: whoever lost it knows less than somebody else by now, and stores nothing at all.
    const written = await saveReadings(tx, outcomes.map(({ saved }) => saved));
    const mine = outcomes.filter(({ saved }) => written.has(saved.vaultRef));
    if (mine.length === 0) {
      tx.replayed = true;
      return new Map();
    }
    for (const outcome of mine) {
      await recordHealth(tx, outcome);
      if (outcome.ends) await end(tx, outcome);
      if (outcome.regranted !== null) await saveGrant(tx, outcome, outcome.regranted);
      if (outcome.probe !== null) await recordProbe(tx, outcome, outcome.probe);
    }
    const probes = mine.flatMap(({ saved: { vaultRef }, probe, at }) => (probe === null ? [] : [{ vaultRef, at, result: probe.result, words: probe.words }]));
    if (probes.length > 0) await saveProbes(tx, probes, limits.probesKeptDays);
    const fresh = await keepRows(tx, mine, people ?? { bySeal: new Map(), byName: new Map() });
    await tellKnown(tx, mine.map(({ saved }) => saved.vaultRef));
    return fresh;
  }, db);
}

/** After the drift is kept, and beside the keeping: a log that is slow or closed holds up neither this vault's drift nor the others. */
async function sayWho({ held: { vault: { mspId, vaultRef }, client } }: Outcome, uids: readonly string[], { db, worker }: Tools): Promise<void> {
  const doings = await lookWho(client, uids);
  if (doings.size === 0) return;
  await observe(worker, async (tx) => {
    for (const [uid, { at, by }] of doings) await tx.db.drift.updateMany({ where: { mspId, vaultRef, uid, settledAt: null }, data: { changedAt: at, changedBy: by } });
    await tellKnown(tx, [vaultRef]);
  }, db);
}

async function keepOrEach(outcomes: readonly Outcome[], tools: Tools, door: typeof write | typeof observe, failed: (error: unknown, outcome: Outcome) => void): Promise<void> {
  if (outcomes.length === 0) return;
  try {
    const fresh = await keepTogether(outcomes, tools, door);
    for (const outcome of outcomes) {
      const uids = fresh.get(outcome.saved.vaultRef);
      if (uids !== undefined) tools.later(() => sayWho(outcome, uids, tools).catch((error: unknown) => failed(error, outcome)));
    }
  } catch (error) {
    if (outcomes.length === 1) return failed(error, outcomes[0]!);
    for (const outcome of outcomes) await keepOrEach([outcome], tools, door, failed);
  }
}

/**
 * Keeps what these readings of one tenant came to. Never rejects: what could not be kept is told to `failed`, its lease runs out,
 * and the vault is read again.
 */
export async function keepOutcomes(read: readonly Outcome[], tools: Tools, failed: (error: unknown, outcome: Outcome) => void): Promise<void> {
  let outcomes: readonly Outcome[];
  try {
    outcomes = await putOffEnds(read, tools.worker, tools.db);
  } catch (error) {
    for (const outcome of read) failed(error, outcome);
    return;
  }
  const loud = outcomes.filter(({ quiet }) => !quiet);
  const quiet = outcomes.filter((outcome) => outcome.quiet);
  if (quiet.length > 0) {
    try {
      await observe(tools.worker, (tx) => saveAges(tx, quiet.map(({ saved }) => saved)), tools.db);
    } catch (error) {
      for (const outcome of quiet) failed(error, outcome);
    }
  }
  await keepOrEach(loud.filter((one) => !settles(one)), tools, observe, failed);
  await keepOrEach(loud.filter(settles), tools, write, failed);
}
