/**
 * The exit of a client: a plan whose one operation per vault deletes our own row there (PROTOCOL 4, Exit). What the vault says before
 * it, signed, is kept with it: it is half of the certificate.
 */
import { randomUUID } from "node:crypto";
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, write } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import type { AgentRow, CredentialRow, SignedStatement } from "../protocol/messages.ts";
import { verifySigned } from "../protocol/signed.ts";
import { record } from "../record/record.ts";
import { openVault } from "../vault/open.ts";
import { vaultNet, type Net } from "../vault/net.ts";
import { headingOf, keepPlan, type MadePlan } from "./create.ts";
import { loadFacts } from "./facts.ts";
import { freezeExit } from "./freeze.ts";

export type ExitVault = {
  vaultRef: string; name: string; state: string; vaultName: string | null;
  /** What a look at it just now said; null with words when nothing could be learned. */
  before: { statement: SignedStatement; credentials: readonly CredentialRow[]; own: readonly Pick<AgentRow, "uid" | "name" | "scopes" | "all_access">[] } | null;
  words: string | null;
};
export type ExitPreview = { clientId: string; name: string; contactName: string; endedAt: Date | null; vaults: ExitVault[]; /** An exit plan of this client that can still be signed or is on its way. */ planId: string | null };

type VaultRow = Parameters<typeof openVault>[0] & { state: string; vaultName: string | null; publicKey: string | null };

/** What stands to be removed, and what stays, in the vault's own signed words. Nothing is changed. Throws Refusal `not_found`. */
export async function previewExit(actor: Actor, { clientId }: { clientId: string }, clock: Clock = systemClock, db: Database = database(), net: Net = vaultNet()): Promise<ExitPreview> {
  authorize(actor, "client.exit");
  const { mspId } = actor;
  const { client, plan } = await read(actor, async (tx) => ({
    client: await tx.db.client.findUnique({ where: { mspId_clientId: { mspId, clientId } }, include: { vaults: true } }),
    plan: await tx.db.plan.findFirst({ where: { mspId, kind: "exit", withdrawnAt: null, operations: { some: { vault: { clientId } } }, OR: [{ notAfter: { gt: clock.now() } }, { approvals: { some: {} } }] }, orderBy: { madeAt: "desc" } }),
  }), db);
  if (client === null) throw new Refusal("not_found");
  const vaults = await Promise.all(client.vaults.filter(({ state }) => state !== "asking").map((vault) => look(vault, client.name, net)));
  return { clientId, name: client.name, contactName: client.contactName, endedAt: client.endedAt, vaults, planId: plan?.planId ?? null };
}

async function look(vault: VaultRow, name: string, net: Net): Promise<ExitVault> {
  const base = { vaultRef: vault.vaultRef, name, state: vault.state, vaultName: vault.vaultName };
  if (vault.state === "ended" || vault.publicKey === null) return { ...base, before: null, words: "The connection has ended." };
  const speak = openVault(vault, net);
  const [statement, credentials, agents] = await Promise.all([speak.statement(), speak.credentials(), speak.agents()]);
  for (const one of [statement, credentials, agents]) if (one.kind !== "answered") return { ...base, before: null, words: one.words };
  if (statement.kind !== "answered" || credentials.kind !== "answered" || agents.kind !== "answered" || agents.value.unchanged) return { ...base, before: null, words: "It gave no whole answer." };
  // The statement is kept for people who do not trust us: it must hold by itself.
  if (!(await verifySigned("statement", statement.value.statement, statement.value.signature, vault.publicKey))) return { ...base, before: null, words: "Its statement does not carry its signature." };
  const managed = new Set(statement.value.statement.agents.map(({ uid }) => uid));
  const own = agents.value.agents.filter(({ uid, admin }) => !managed.has(uid) && !admin).map((row) => ({ uid: row.uid, name: row.name, scopes: row.scopes, all_access: row.all_access }));
  return { ...base, before: { statement: statement.value, credentials: credentials.value, own }, words: null };
}

/**
 * Freezes the exit of every vault of the client that answers. Throws Refusal `plan_empty` (none of them can be ended now),
 * `not_found`, `forbidden`.
 */
export async function planExit(actor: Actor, { clientId, reason }: { clientId: string; reason: string | null }, clock: Clock = systemClock, db: Database = database(), net: Net = vaultNet()): Promise<MadePlan> {
  authorize(actor, "client.exit");
  authorize(actor, "plan.make");
  const { mspId } = actor;
  const preview = await previewExit(actor, { clientId }, clock, db, net);
  const answered = preview.vaults.flatMap((vault) => (vault.before === null ? [] : [{ ...vault, before: vault.before }]));
  const silent = preview.vaults.find(({ before, state }) => before === null && state !== "ended");
  if (answered.length === 0) throw new Refusal("plan_empty", { detail: `${silent?.words ?? "There is no connection to end."} Nothing was frozen.` });
  return write(actor, async (tx) => {
    const now = clock.now();
    const facts = await loadFacts(tx, answered.map(({ vaultRef }) => vaultRef), [], now);
    const vaults = [...facts.vaults.values()].filter(({ state, statement }) => state === "connected" && statement !== null);
    if (vaults.length === 0) throw new Refusal("plan_empty", { detail: "Nobody has confirmed with a signing key which vault is this client’s, so no tap can cover it. Nothing was frozen." });
    const leftOut = preview.vaults.filter(({ vaultRef, state }) => state !== "ended" && !vaults.some((one) => one.vaultRef === vaultRef)).map(({ vaultRef, vaultName, words }) => ({ vaultRef, name: vaultName ?? preview.name, findings: [{ vaultRef, weight: "blocks" as const, code: "not_read" as const, words: words ?? "It is not confirmed.", ways: [] }] }));
    const made = await keepPlan(tx, freezeExit(vaults, headingOf({ title: `Exit of ${preview.name}`.slice(0, 120), reason, ticket: null }, now), randomUUID), leftOut, now);
    for (const { vaultRef, before } of answered) {
      if (!vaults.some((one) => one.vaultRef === vaultRef)) continue;
      await tx.db.exit.create({ data: { mspId, vaultRef, planId: made.planId, before: JSON.parse(JSON.stringify(before)) as object } });
    }
    await record(tx, { action: "client.exit_planned", target: { kind: "client", id: clientId }, fields: { client: preview.name, vaults: vaults.length } });
    return made;
  }, db);
}
