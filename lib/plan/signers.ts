/**
 * Rolling out a new signer and striking a lost one, over all vaults, as a plan like any other (PROTOCOL 10.5). What each vault counts
 * now is asked of it first: a plan must not add what is there, nor take the last that signs.
 */
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, write, type Read } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { b64u, fromB64u } from "../protocol/bytes.ts";
import type { CredentialRow, Enrol, Signer } from "../protocol/messages.ts";
import { MAX_PLAN_SIGNERS, type PlanChange } from "../protocol/plan.ts";
import { shownName } from "../signing/offer.ts";
import { inLanes } from "../vault/lanes.ts";
import { openVault, type OpenableVault } from "../vault/open.ts";
import { vaultNet, type Net } from "../vault/net.ts";
import type { Finding } from "./check.ts";
import { headingOf, keepPlan, type LeftOut, type MadePlan, type PlanHeading } from "./create.ts";
import { loadFacts, type VaultFacts } from "./facts.ts";
import { freezeOwn } from "./freeze.ts";

const credentialIds = z.array(z.string().regex(/^[A-Za-z0-9_-]{1,1364}$/)).max(MAX_PLAN_SIGNERS).default([]);
/** b64u credential ids. `vaultRefs`: only these vaults; without it all that are connected. */
export const signersShape = z.object({ add: credentialIds, strike: credentialIds, vaultRefs: z.array(z.uuid()).max(limits.planVaults).optional() });
export type SignersWish = z.output<typeof signersShape>;

type Asked = { vaultRef: string; credentials: readonly CredentialRow[] | null; words: string };
type Struck = { id: string; label: string; person: string };
/** A removal that a struck key signed to stand, and that nothing was sent of: it is signed anew in the same tap (PROTOCOL 6). */
type Stands = { vaultRef: string; uid: string; personId: string | null };

/**
 * Freezes the roll-out. Vaults that need nothing are not in it; those that cannot be asked, or would be left without a signer, are
 * left out and named. Throws Refusal `plan_empty`, `not_found` (a key that is not enrolled here), `forbidden`.
 */
export async function planSigners(actor: Actor, { add, strike, vaultRefs, ...heading }: SignersWish & PlanHeading, clock: Clock = systemClock, db: Database = database(), net: Net = vaultNet()): Promise<MadePlan> {
  authorize(actor, "plan.make");
  authorize(actor, "signing_key.remove");
  const found = await read(actor, async (tx) => ({ vaults: await connected(tx, vaultRefs), ...(await keysOf(tx, add, strike)) }), db);
  const asked = await inLanes(found.vaults, limits.relayConcurrency, (vault) => look(vault, net));
  return write(actor, async (tx) => {
    const now = clock.now();
    const facts = await loadFacts(tx, asked.map(({ vaultRef }) => vaultRef), [], now);
    const stands = await standing(tx, found.struck.map(({ id }) => id), facts.vaults);
    const persons = new Map<string, string>();
    const parts: { vault: VaultFacts; changes: PlanChange[] }[] = [];
    const leftOut: LeftOut[] = [];
    for (const one of asked) {
      const vault = facts.vaults.get(one.vaultRef);
      if (vault === undefined || vault.state !== "connected") continue;
      const changes = changesAt(vault, one, found, stands, Math.floor(now.getTime() / 1_000), persons);
      if (!Array.isArray(changes)) leftOut.push(typeof changes === "string" ? left(vault, changes) : { vaultRef: vault.vaultRef, name: vault.name, findings: [changes] });
      else if (changes.length > 0) parts.push({ vault, changes });
    }
    if (parts.length === 0) throw new Refusal("plan_empty", { detail: leftOut[0] === undefined ? "Every vault has it so already. Nothing was frozen." : `${leftOut[0].name}: ${leftOut[0].findings[0]!.words} Nothing was frozen.` });
    if (parts.length > limits.planVaults) throw new Refusal("plan_too_large");
    // Only those that some vault still lacks are part of the value that is signed.
    const used = found.signers.filter((_, i) => parts.some(({ changes }) => changes.some((change) => change.change === "enrol" && change.signer === i)));
    const renumbered = parts.map(({ vault, changes }) => ({ vault, changes: changes.map((change) => (change.change === "enrol" ? { ...change, signer: used.indexOf(found.signers[change.signer]!) } : change)) }));
    return keepPlan(tx, freezeOwn("signers", renumbered, headingOf(heading, now), { signers: used, persons }), leftOut, now);
  }, db);
}

const connected = ({ db, actor: { mspId } }: Read, vaultRefs: readonly string[] | undefined) =>
  db.vault.findMany({ where: { mspId, state: "connected", client: { endedAt: null }, ...(vaultRefs && { vaultRef: { in: [...vaultRefs] } }) } });

async function keysOf({ db, actor: { mspId } }: Read, add: readonly string[], strike: readonly string[]): Promise<{ signers: Signer[]; struck: Struck[] }> {
  const rows = await db.signingKey.findMany({ where: { mspId, credentialId: { in: [...add, ...strike].map((id) => fromB64u(id)) } }, include: { person: { select: { name: true, frozenAt: true } } } });
  const row = (id: string) => {
    const one = rows.find(({ credentialId }) => b64u(credentialId) === id);
    if (one === undefined) throw new Refusal("not_found");
    return one;
  };
  const signers = [...new Set(add)].map((id): Signer => {
    const { label, person, publicKey, rpId, origin, enrol, removedAt } = row(id);
    // Whoever is frozen, or whose key was taken away here, gets no power over vaults.
    if (removedAt !== null || person.frozenAt !== null) throw new Refusal("not_found");
    return { credential_id: id, public_key: b64u(publicKey), label: shownName(label), person: shownName(person.name), rp_id: rpId, origin, enrol: enrol as unknown as Enrol };
  });
  const struck = [...new Set(strike)].map((id): Struck => ({ id, label: shownName(row(id).label), person: shownName(row(id).person.name) }));
  return { signers: signers.toSorted((a, b) => (a.credential_id < b.credential_id ? -1 : 1)), struck };
}

async function look(vault: OpenableVault, net: Net): Promise<Asked> {
  const result = await openVault(vault, net).credentials();
  if (result.kind === "answered" && result.mode === "primary") return { vaultRef: vault.vaultRef, credentials: result.value, words: "" };
  return { vaultRef: vault.vaultRef, credentials: null, words: result.kind === "answered" ? "It is in failover and takes no changes now." : result.words };
}

/** Standing removals that rest on the struck keys alone, and whose row is still there. */
async function standing({ db, actor: { mspId } }: Read, struck: readonly string[], vaults: ReadonlyMap<string, VaultFacts>): Promise<Stands[]> {
  if (struck.length === 0) return [];
  const shares = await db.dispatch.findMany({
    where: { mspId, kind: "standing", state: "waiting", attempts: 0, vaultRef: { in: [...vaults.keys()] }, approval: { credentialId: { in: struck.map((id) => fromB64u(id)) } } },
    select: { planId: true, vaultRef: true },
  });
  const operations = await db.planOperation.findMany({ where: { mspId, change: "revoke", OR: shares.map(({ planId, vaultRef }) => ({ planId, vaultRef })) }, select: { vaultRef: true, uid: true, personId: true } });
  return shares.length === 0 ? [] : operations.flatMap(({ vaultRef, uid, personId }) => (uid === null || !vaults.get(vaultRef)!.rows.some((row) => row.uid === uid && row.ours) ? [] : [{ vaultRef, uid, personId }]));
}

/** What changes at one vault, or why nothing can. `persons` learns whose row each removal is. */
function changesAt(vault: VaultFacts, { credentials, words }: Asked, { signers, struck }: { signers: readonly Signer[]; struck: readonly Struck[] }, stands: readonly Stands[], now: number, persons: Map<string, string>): PlanChange[] | string | Finding {
  if (vault.statement === null || vault.key === null || vault.statement.key !== vault.key) return "Nobody has confirmed which vault is this client’s.";
  if (credentials === null) return words;
  const there = new Map(credentials.filter(({ signs_for: row }) => row === vault.agentId).map((one) => [one.id, one]));
  const spent = signers.find(({ credential_id: id }) => there.get(id)?.revoked === true);
  if (spent !== undefined) return `“${spent.label}” was struck here before, and a struck key never comes back.`;
  const enrols = signers.flatMap((signer, i): PlanChange[] => (there.has(signer.credential_id) ? [] : [{ change: "enrol", id: randomUUID(), signer: i }]));
  // A vault judges each enrolment by itself, and strikes come after them: what is struck with it makes no room.
  const { devicesUsed: used, devicesLimit: limit } = vault;
  if (enrols.length > 0 && used !== null && limit !== null && used + enrols.length > limit) {
    const free = Math.max(0, limit - used);
    return { vaultRef: vault.vaultRef, weight: "blocks", code: "devices", words: `${enrols.length === 1 ? "1 device is" : `${enrols.length} devices are`} needed, ${free} of ${limit} ${free === 1 ? "is" : "are"} free.`, ways: [{ words: "Strike a key that is not needed any more first", do: null }], needs: { of: "devices", adding: enrols.length, except: [] } };
  }
  const strikes = struck.filter(({ id }) => there.get(id)?.revoked === false);
  const gone = new Set(strikes.map(({ id }) => id));
  const counting = [...there.values()].filter(({ id, revoked, counts_from: from }) => !revoked && from <= now && !gone.has(id));
  if (strikes.length > 0 && counting.length === 0) return "Nobody would be left who signs here: a new signer counts only after a while (the client’s grant says how long).";
  const again = strikes.length === 0 ? [] : stands.filter(({ vaultRef }) => vaultRef === vault.vaultRef).flatMap(({ uid, personId }): PlanChange[] => {
    const row = vault.rows.find((one) => one.uid === uid)!;
    const id = randomUUID();
    if (personId !== null) persons.set(id, personId);
    return [{ change: "revoke", id, standing: randomUUID(), agent: row.agentId, uid, name: row.name, access: { scopes: row.scopes, all_access: row.allAccess, expires_at: row.expiresAt } }];
  });
  return [...again, ...enrols, ...strikes.map(({ id, label, person }): PlanChange => ({ change: "strike", credential_id: id, id: randomUUID(), label, person }))];
}

const left = ({ vaultRef, name }: VaultFacts, words: string): LeftOut => ({ vaultRef, name, findings: [{ vaultRef, weight: "blocks", code: "not_read", words, ways: [] } satisfies Finding] });
