import { z } from "zod";
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, write, type Write } from "../db/tenant.ts";
import { Refusal, type FailureCode } from "../errors.ts";
import { uuid7 } from "../id.ts";
import { authorize } from "../identity/actor.ts";
import { assertionPartsShape, tapFailure } from "../identity/tap.ts";
import { fromB64u } from "../protocol/bytes.ts";
import { checkClients, MAX_CONFIRMED, refuseConfirmation } from "../protocol/clients.ts";
import type { ClientList } from "../protocol/messages.ts";
import { record } from "../record/record.ts";
import { confirmable, type Confirmable } from "./confirmable.ts";
import { kindInWords } from "./ticket.ts";
import { secretShape } from "./trade.ts";
import { endWindow, windowBySecret, type Visitor, type Window } from "./window.ts";

const hash = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

export const confirmShape = z.strictObject({
  secret: secretShape, credential_id: z.string().regex(/^[A-Za-z0-9_-]+$/).max(1_364),
  confirmation: z.strictObject({ clients: z.array(hash).min(1).max(MAX_CONFIRMED), v: z.literal(1) }), assertion: assertionPartsShape, differs: z.array(hash).max(MAX_CONFIRMED),
});

type Key = { credentialId: Uint8Array<ArrayBuffer>; label: string };

/** The assertion over exactly this list, by a signing key of this person that counts. */
async function judge(window: Window, given: z.output<typeof confirmShape>, db: Database): Promise<Key | FailureCode> {
  const { mspId, id: personId } = window.actor;
  const list: ClientList = given.confirmation;
  try {
    checkClients(list);
    const credentialId = fromB64u(given.credential_id);
    const key = await read(window.actor, (tx) => tx.db.signingKey.findUnique({ where: { mspId_credentialId: { mspId, credentialId } } }), db);
    if (!key || key.personId !== personId || key.removedAt !== null) return "signing_key_strange";
    const refusal = await refuseConfirmation(list, given.assertion, { origin: key.origin, rpId: key.rpId, backupEligible: key.backupEligible, hardwareBound: false, publicKey: key.publicKey });
    return refusal === null ? { credentialId, label: key.label } : tapFailure(refusal);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    return "tap_refused"; // bytes that are none, or a list that is not in order
  }
}

const names = (clients: readonly Confirmable[]) => {
  const shown = clients.slice(0, 20).map(({ statement }) => statement.name).join(", ");
  return clients.length > 20 ? `${shown} and ${clients.length - 20} more` : shown;
};

/**
 * The client's page shows another second code than ours: somebody stands between. Nothing is asked of that vault any more until it is
 * connected anew.
 */
export async function stopDiffering(tx: Write, clients: readonly Confirmable[], now: Date): Promise<void> {
  const { mspId } = tx.actor;
  for (const { vaultRef, statement } of clients) {
    const stopped = { state: "stopped", stoppedAt: now, stoppedWords: "The second code was read differently by the client: this is not their vault, or somebody stands between." };
    await tx.db.vault.updateMany({ where: { mspId, vaultRef, state: { in: ["unconfirmed", "connected"] } }, data: stopped });
    await record(tx, { action: "client.differed", target: { kind: "vault", id: vaultRef }, fields: { client: statement.name, vault: statement.vault } });
  }
}

/**
 * Ceremony 3: a signer's word, with one tap, that these keys are these clients', all of them from the list that this window was
 * opened for. The vaults are connected from then on.
 * Throws Refusal `signing_over`, `signing_session_over`, `forbidden`, `signing_key_strange`, `tap_*`, `moved_on`.
 */
export async function confirmClients(given: z.output<typeof confirmShape>, visitor: Visitor, clock: Clock = systemClock, db: Database = database()): Promise<{ confirmed: number }> {
  const now = clock.now();
  const window = await windowBySecret(given.secret, "confirm", now, visitor, db);
  authorize(window.actor, "client.connect");
  const judged = await judge(window, given, db);
  const refused = await write(window.actor, (tx) => keep(tx, window, given, judged, now), db);
  if (refused !== null) throw new Refusal(refused);
  return { confirmed: given.confirmation.clients.length };
}

async function keep(tx: Write, window: Window, given: z.output<typeof confirmShape>, judged: Key | FailureCode, now: Date): Promise<FailureCode | null> {
  const { mspId, id: personId } = tx.actor;
  const refuse = async (code: FailureCode) => {
    await endWindow(tx, window, { outcome: "refused", words: new Refusal(code).failure.title }, now);
    await record(tx, { action: "ticket.refused", target: { kind: "ticket", id: window.ticket.ticketId }, fields: { kind: kindInWords("confirm"), reason: new Refusal(code).failure.title } });
    return code;
  };
  if (typeof judged === "string") return refuse(judged);
  // Held until this commits: a vault that is being stopped or renamed right now is seen as it will be.
  await tx.db.$queryRaw`select 1 from vault where msp_id = ${mspId}::uuid and vault_ref = any(${window.ticket.vaultRefs}::uuid[]) for update`;
  const byHash = new Map((await confirmable(tx, window.ticket.vaultRefs)).map((one) => [one.hash, one]));
  const pick = (hashes: readonly string[]) => hashes.map((one) => byHash.get(one)).filter((one) => one !== undefined);
  const same = pick(given.confirmation.clients);
  const differing = pick(given.differs);
  const both = differing.some((one) => same.includes(one));
  if (same.length !== given.confirmation.clients.length || differing.length !== given.differs.length || both) return refuse("moved_on");

  const confirmationId = uuid7(now.getTime());
  const { credentialId, label } = judged;
  await tx.db.confirmation.create({ data: { mspId, confirmationId, credentialId, personId, confirmation: { ...given.confirmation }, assertion: { ...given.assertion }, confirmedAt: now } });
  await tx.db.confirmedVault.createMany({ data: same.map(({ vaultRef, statement }) => ({ mspId, confirmationId, vaultRef, statement: { ...statement } })) });
  await tx.db.vault.updateMany({ where: { mspId, vaultRef: { in: same.map(({ vaultRef }) => vaultRef) }, state: "unconfirmed" }, data: { state: "connected", confirmedAt: now } });
  await tx.db.signingKey.update({ where: { mspId_credentialId: { mspId, credentialId } }, data: { lastUsedAt: now } });
  await record(tx, { action: "clients.confirmed", target: { kind: "confirmation", id: confirmationId }, fields: { count: same.length, names: names(same), key: label } });
  await stopDiffering(tx, differing, now);
  await endWindow(tx, window, { outcome: "done", words: `${same.length === 1 ? "1 client" : `${same.length} clients`} confirmed.` }, now);
  return null;
}
