/** A plan as its page shows it: before the tap what it does and what stands against it, afterwards what became of each vault. */
import { z } from "zod";
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read } from "../db/tenant.ts";
import { authorize, holds, type Actor } from "../identity/actor.ts";
import { pricedWaysOf, type PricedWay } from "../matrix/ways.ts";
import { hex } from "../protocol/bytes.ts";
import { signerFingerprint } from "../protocol/connect.ts";
import { spokenCode } from "../protocol/crockford.ts";
import { countChanges, type Plan, type PlanChange, type PlanKind, type PlanVault } from "../protocol/plan.ts";
import { accessWords, digestGroups, nameToType, planSentence, whoOf } from "../protocol/plan-words.ts";
import { judgeVault, type Finding } from "./check.ts";
import type { LeftOut } from "./create.ts";
import { dispatchState, mayBeTappedAgain, settledStates, stateWords, type DispatchState } from "./dispatch-state.ts";
import { loadFacts, type Facts, type VaultFacts } from "./facts.ts";
import { frozenAt, haltWords } from "./halt.ts";
import { shownFinding, type ShownFinding } from "./leads.ts";
import { loadPlan } from "./load.ts";
import { staleWords, wantedAgain } from "./stale.ts";
import { firstsOf, twoOf } from "./two.ts";

export type PlanLine = { id: string; change: PlanChange["change"]; place: number; client: string; clientId: string | null; who: string | null; before: string | null; after: string | null; numbers: string; tokens: { used: number; limit: number | null; by: number } | null; note: string };
/** Times in epoch milliseconds. `stage`: how far it came of asked, sent, accepted, re-read. */
export type PlanShare = { place: number; client: string; vaultRef: string; counts: { grant: number; alter: number; revoke: number }; state: DispatchState | "open"; kind: "fresh" | "standing"; words: string; detail: string | null; tookMs: number | null; receiptId: string | null; stage: 0 | 1 | 2 | 3 | 4; standing: string | null; tries: number };
export type PlanEvent = { at: number; client: string; words: string; state: DispatchState };
export type PlanState = "ready" | "running" | "done" | "partly" | "over" | "withdrawn";
export type PlanView = {
  id: string; kind: PlanKind; title: string; sentence: string; reason: string | null; ticket: string | null; digest: string; groups: string[]; state: PlanState;
  madeBy: string; madeAt: number; notAfter: number; handedTo: string | null; counts: Record<PlanChange["change"], number> & { vaults: number };
  lines: PlanLine[]; leftOut: (Omit<LeftOut, "findings"> & { findings: ShownFinding[] })[]; /** By vault where room is lacking, as things are now; empty: there is room by now. */ ways: Record<string, PricedWay[]>; findings: { client: string; finding: Finding }[]; stale: { client: string; words: string }[]; typed: string | null; open: number;
  approvals: { id: string; by: string; key: string; at: number; stoppedAt: number | null }[]; shares: PlanShare[]; events: PlanEvent[]; rate: number | null; minuteLeftMs: number | null;
  may: { release: boolean; make: boolean; money: boolean }; clientId: string | null;
  /** Whom it can be handed to: others who may sign. */
  colleagues: { id: string; name: string }[];
  /** Kill switches that hold parts of it back, each with how many vaults. */
  halts: { words: string; vaults: number }[];
  /** Where two people must sign what is open; null: nowhere. `first`: who signed ahead, and until when that counts. */
  two: { reasons: readonly string[]; vaults: number; first: { by: string; key: string; until: number; mine: boolean; covers: number } | null } | null;
};

const roomAfter = (vault: VaultFacts | undefined, part: PlanVault): PlanLine["tokens"] => {
  if (vault?.tokensUsed == null) return null;
  const by = part.changes.filter(({ change }) => change === "grant").length - part.changes.filter(({ change }) => change === "revoke").length;
  return { used: vault.tokensUsed, limit: vault.tokensLimit, by };
};

function lineOf(plan: Plan, part: PlanVault, place: number, change: PlanChange, vault: VaultFacts | undefined, now: number): PlanLine {
  const base = { id: change.id, change: change.change, place, client: part.name, clientId: vault?.clientId ?? null, who: whoOf(plan, change), tokens: roomAfter(vault, part) };
  if (change.change === "leave") return { ...base, before: null, after: null, numbers: "", note: "our own row, our signers, every token that we manage" };
  if (change.change === "renew") return { ...base, before: null, after: null, numbers: "", note: "reads nothing, before and after" };
  if (change.change === "enrol") return { ...base, before: null, after: `signs with “${plan.signers?.[change.signer]?.label ?? ""}”`, numbers: spokenCode(signerFingerprint(plan.signers![change.signer]!.public_key)), note: "" };
  if (change.change === "strike") return { ...base, before: `signs with “${change.label}”`, after: null, numbers: "", note: "for ever" };
  const at = (seconds: number) => `${new Date(seconds * 1_000).toISOString().slice(0, 16).replace("T", " ")} UTC`;
  const until = (seconds: number | null) => (seconds === null ? "" : `until ${at(seconds)}`);
  if (change.change === "grant") return { ...base, before: null, after: accessWords(change.access, part), numbers: change.access.scopes.replaceAll(",", " "), note: [until(change.access.expires_at), change.claim_by === undefined ? "" : `used by ${at(change.claim_by)}, or taken back`].filter(Boolean).join("; ") };
  if (change.change === "reissue") return { ...base, before: null, after: accessWords(change.access, part), numbers: change.access.scopes.replaceAll(",", " "), note: "the old token ends at once" };
  if (change.change === "alter") return { ...base, before: accessWords(change.before, part), after: accessWords(change.after, part), numbers: change.after.scopes.replaceAll(",", " "), note: until(change.after.expires_at) };
  const used = vault?.rows.find(({ uid }) => uid === change.uid)?.lastUsedAt;
  return { ...base, before: accessWords(change.access, part), after: null, numbers: change.access.scopes.replaceAll(",", " "), note: used === null ? "never used" : used === undefined ? "" : `used ${Math.max(0, Math.floor((now - used) / 86_400))} d ago` };
}

const stageOf: Readonly<Record<DispatchState, PlanShare["stage"]>> = { waiting: 1, held: 1, sent: 2, accepted: 3, proven: 4, refused: 2, late: 1, stopped: 1, dropped: 1, over: 1, lost: 2, incident: 3 };

/** Throws Refusal `not_found`, `plan_damaged`, `forbidden`. */
export async function showPlan(actor: Actor, planId: string, clock: Clock = systemClock, db: Database = database()): Promise<PlanView> {
  authorize(actor, "plan.read");
  const { mspId } = actor;
  return read(actor, async (tx) => {
    const now = clock.now();
    const loaded = await loadPlan(tx, planId);
    const { row, plan, refs, operations } = loaded;
    const facts = await loadFacts(tx, refs, [...new Set(operations.flatMap(({ personId }) => personId ?? []))], now);
    const dispatches = await tx.db.dispatch.findMany({ where: { mspId, planId }, include: { receipts: { select: { receiptId: true } } }, orderBy: { dispatchId: "asc" } });
    const approvals = await tx.db.approval.findMany({ where: { mspId, planId }, include: { person: { select: { name: true } }, signingKey: { select: { label: true } } }, orderBy: { signedAt: "asc" } });
    const people = await tx.db.person.findMany({ where: { mspId, personId: { in: [row.madeBy, ...(row.handedTo === null ? [] : [row.handedTo])] } }, select: { personId: true, name: true } });
    const colleagues = !holds(actor, "plan.make") ? [] : await tx.db.person.findMany({ where: { mspId, personId: { not: actor.id }, frozenAt: null, rights: { has: "owner" } }, select: { personId: true, name: true }, orderBy: { name: "asc" }, take: 100 });
    const nameOf = (id: string | null) => people.find(({ personId }) => personId === id)?.name ?? null;

    const shares = refs.map((vaultRef, place): PlanShare => {
      const here = dispatches.filter((one) => one.vaultRef === vaultRef);
      const fresh = here.findLast(({ kind }) => kind === "fresh");
      const standing = here.findLast(({ kind, state }) => kind === "standing" && state !== "dropped" && state !== "stopped");
      const changes = plan.vaults[place]!.changes;
      const of = (...kinds: PlanChange["change"][]) => changes.filter(({ change }) => kinds.includes(change)).length;
      const counts = { grant: of("grant", "enrol"), alter: of("alter", "reissue", "renew"), revoke: of("revoke", "leave", "strike") };
      // What shows is the fresh share, unless it did nothing and the standing one has taken over.
      const shown = standing !== undefined && (fresh === undefined || ["late", "refused", "lost", "stopped"].includes(fresh.state)) ? standing : fresh;
      const base = { place, client: plan.vaults[place]!.name, vaultRef, counts };
      if (shown === undefined) return { ...base, state: "open", kind: "fresh", words: approvals.length > 0 ? "waits for another tap" : "not signed", detail: null, tookMs: null, receiptId: null, stage: 0, standing: null, tries: 0 };
      const state = dispatchState(shown.state);
      const beside = shown.kind === "fresh" && standing !== undefined ? stateWords[dispatchState(standing.state)] : null;
      const rest = shown.kind === "standing" && changes.some(({ change }) => change !== "revoke") ? " The rest waits for another tap." : "";
      return { ...base, state, kind: shown.kind === "standing" ? "standing" : "fresh", words: shown.kind === "standing" ? `standing removal, ${stateWords[state]}` : stateWords[state], detail: `${shown.words ?? ""}${rest}`.trim() || null, tookMs: shown.tookMs, receiptId: shown.receipts[0]?.receiptId ?? null, stage: stageOf[state], standing: beside, tries: shown.attempts };
    });
    const open = refs.filter((vaultRef) => mayBeTappedAgain(dispatches.filter((one) => one.vaultRef === vaultRef))).length;
    const two = await twoOf(tx, loaded);
    const openTwo = refs.flatMap((vaultRef, place) => (two.places.has(place) && mayBeTappedAgain(dispatches.filter((one) => one.vaultRef === vaultRef)) ? [place] : []));
    const firsts = openTwo.length === 0 ? [] : await firstsOf(tx, planId, now);
    // What somebody else signed first can be released by the reader; what they signed themselves waits for a colleague.
    const ahead = firsts.find(({ personId }) => personId !== actor.id) ?? firsts[0];
    const frozen = [...(await frozenAt(tx, loaded)).values()];
    const halts = [...new Set(frozen.map(({ id }) => id))].map((id) => ({ words: haltWords(frozen.find((one) => one.id === id)!), vaults: frozen.filter((one) => one.id === id).length }));
    const moving = dispatches.some(({ state }) => ["waiting", "sent", "accepted"].includes(state));
    const expired = row.notAfter <= now;
    const state: PlanState = row.withdrawnAt !== null ? "withdrawn" : approvals.length === 0 ? (expired ? "over" : "ready") : moving ? "running" : shares.every((one) => one.state === "proven") ? "done" : "partly";
    const stale = approvals.length > 0 && open === 0 ? [] : plan.vaults.flatMap((part, place) => (shares[place]!.state === "open" ? [{ part, words: staleWords(part, facts.vaults.get(refs[place]!)) }] : [])).flatMap(({ part, words }) => (words === null ? [] : [{ client: part.name, words }]));
    const leftOut = row.leftOut as unknown as LeftOut[];
    const needs = approvals.length > 0 ? [] : leftOut.flatMap(({ vaultRef, findings }) => findings.flatMap((one) => (one.needs === undefined ? [] : [{ vaultRef, ...one.needs }])));
    // Some of them are no part of the plan, so their clients are asked for by themselves; a file may have named vaults that are none here.
    const clients = new Map(leftOut.length === 0 ? [] : (await tx.db.vault.findMany({ where: { mspId, vaultRef: { in: leftOut.map(({ vaultRef }) => vaultRef).filter((ref) => z.guid().safeParse(ref).success) } }, select: { vaultRef: true, clientId: true } })).map(({ vaultRef, clientId }) => [vaultRef, clientId]));
    const lastBegun = approvals.at(-1)?.begunAt.getTime();
    return {
      id: planId, kind: plan.kind, title: row.title, sentence: planSentence(plan), reason: plan.reason, ticket: plan.ticket, digest: hex(row.digest), groups: digestGroups(row.digest), state,
      madeBy: nameOf(row.madeBy) ?? "somebody", madeAt: row.madeAt.getTime(), notAfter: row.notAfter.getTime(), handedTo: nameOf(row.handedTo), counts: { ...countChanges(plan), vaults: plan.vaults.length },
      lines: plan.vaults.flatMap((part, place) => part.changes.map((change) => lineOf(plan, part, place, change, facts.vaults.get(refs[place]!), Math.floor(now.getTime() / 1_000)))),
      leftOut: leftOut.map((one) => ({ ...one, findings: one.findings.map((finding) => shownFinding(finding, clients.get(one.vaultRef) ?? null, (permission) => holds(actor, permission))) })), ways: Object.fromEntries(await pricedWaysOf(tx, needs, now)), findings: approvals.length > 0 ? [] : liveFindings(plan, refs, operations, facts), stale, typed: nameToType(plan)?.name ?? null, open,
      approvals: approvals.map(({ approvalId, person, signingKey, signedAt, stoppedAt }) => ({ id: approvalId, by: person.name, key: signingKey.label, at: signedAt.getTime(), stoppedAt: stoppedAt?.getTime() ?? null })),
      shares, events: eventsOf(dispatches, plan, refs), rate: rateOf(dispatches), minuteLeftMs: lastBegun === undefined || !moving ? null : Math.max(0, lastBegun + 55_000 - now.getTime()),
      may: { release: holds(actor, "plan.release"), make: holds(actor, "plan.make"), money: holds(actor, "billing.read") }, clientId: plan.kind === "exit" ? (facts.vaults.get(refs[0]!)?.clientId ?? null) : null,
      colleagues: colleagues.map(({ personId, name }) => ({ id: personId, name })), halts, two: openTwo.length === 0 ? null : { reasons: two.reasons, vaults: openTwo.length, first: ahead === undefined ? null : { by: ahead.person, key: ahead.label, until: ahead.notAfter.getTime(), mine: ahead.personId === actor.id, covers: openTwo.filter((place) => ahead.covered.includes(place)).length } },
    };
  }, db);
}

/** What stands against it at this moment: it was judged when it was frozen, and the world moves. */
function liveFindings(plan: Plan, refs: readonly string[], operations: readonly { operationId: string; personId: string | null }[], facts: Facts): PlanView["findings"] {
  if (plan.kind !== "change") return [];
  const persons = new Map(operations.flatMap(({ operationId, personId }) => (personId === null ? [] : [[operationId, personId] as const])));
  const wanted = wantedAgain(plan, refs, persons, facts.vaults, new Set(refs.keys()));
  return refs.flatMap((vaultRef, place) => {
    const vault = facts.vaults.get(vaultRef);
    return vault === undefined ? [] : judgeVault(vault, wanted.filter((one) => one.vaultRef === vaultRef), facts).map((finding) => ({ client: plan.vaults[place]!.name, finding }));
  });
}

type DispatchRow = { vaultRef: string; state: string; words: string | null; changedAt: Date; settledAt: Date | null; kind: string };

/** The last things that happened, newest first. */
function eventsOf(dispatches: readonly DispatchRow[], plan: Plan, refs: readonly string[]): PlanEvent[] {
  return dispatches.filter(({ state }) => state !== "held" && state !== "waiting").toSorted((a, b) => b.changedAt.getTime() - a.changedAt.getTime()).slice(0, 12).map(({ vaultRef, state, words, changedAt }) => {
    const known = dispatchState(state);
    return { at: changedAt.getTime(), client: plan.vaults[refs.indexOf(vaultRef)]?.name ?? "", words: words ?? stateWords[known], state: known };
  });
}

/** Vaults settled a second, over those of the last minute; null while nothing can be said. */
export function rateOf(dispatches: readonly Pick<DispatchRow, "state" | "settledAt">[]): number | null {
  const times = dispatches.filter(({ state, settledAt }) => settledAt !== null && settledStates.has(dispatchState(state)) && state === "proven").map(({ settledAt }) => settledAt!.getTime()).toSorted((a, b) => a - b);
  const [first, last] = [times[0], times.at(-1)];
  if (first === undefined || last === undefined || times.length < 3 || last === first) return null;
  return ((times.length - 1) * 1_000) / (last - first);
}
