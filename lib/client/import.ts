/** Many clients from a sheet: brought, looked at, asked in portions, called one by one. Nothing is made before somebody says so. */
import type { ClientImport, ClientImportRow, Prisma } from "#prisma/generated/client.ts";
import { systemClock, type Clock } from "../clock.ts";
import { database, type Database } from "../db/client.ts";
import { read, write, type Read } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { uuid7 } from "../id.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import type { Grant } from "../protocol/messages.ts";
import { checkGrant } from "../protocol/schema.ts";
import { generateSealKey } from "../protocol/seal.ts";
import { record } from "../record/record.ts";
import { judgeAddress } from "../vault/address.ts";
import { addressRules } from "../vault/net.ts";
import { askConnectIn } from "./ask.ts";
import { createClientIn, lockClients } from "./create.ts";
import { judgeSheet, readSheet, type Cells, type Known, type SheetRow, type Verdict } from "./sheet.ts";

/** Keeps a sheet as it was brought; its verdicts are made when it is looked at. Throws Refusal `invalid` with what is wrong, `too_large`. */
export async function bringSheet(actor: Actor, { fileName, text }: { fileName: string; text: string }, clock: Clock = systemClock, db: Database = database()): Promise<{ importId: string; rows: number }> {
  authorize(actor, "client.connect");
  if (text.length > limits.importCharacters) throw new Refusal("too_large");
  const sheet = readSheet(text, limits.importRows);
  if (!sheet.ok) throw new Refusal("invalid", { fields: { text: sheet.words } });
  const { mspId, id: madeBy } = actor;
  const now = clock.now();
  const importId = uuid7(now.getTime());
  return write(actor, async (tx) => {
    await tx.db.clientImport.create({ data: { mspId, importId, fileName, madeBy, createdAt: now, roles: [] } });
    await tx.db.clientImportRow.createMany({ data: sheet.rows.map(({ position, cells }) => ({ mspId, importId, position, cells })) });
    await record(tx, { action: "import.uploaded", target: { kind: "client_import", id: importId }, fields: { file: fileName, rows: sheet.rows.length } });
    return { importId, rows: sheet.rows.length };
  }, db);
}

async function knownOf({ db, actor: { mspId } }: Read): Promise<Known> {
  const clients = await db.client.findMany({ where: { mspId, endedAt: null }, select: { name: true, aliases: true } });
  const vaults = await db.vault.findMany({ where: { mspId, state: { not: "ended" } }, select: { address: true, client: { select: { name: true } } } });
  return { clients, addresses: new Map(vaults.map(({ address, client }) => [address, client.name])) };
}

export type Judged = { row: ClientImportRow; cells: Cells; verdict: Verdict | null };

/** Every row; those whose request was made have no verdict any more. */
export async function judgedRows(tx: Read, importId: string): Promise<{ sheet: ClientImport; rows: Judged[] }> {
  const { mspId } = tx.actor;
  const sheet = await tx.db.clientImport.findUnique({ where: { mspId_importId: { mspId, importId } } });
  if (!sheet) throw new Refusal("not_found");
  const rows = await tx.db.clientImportRow.findMany({ where: { mspId, importId }, orderBy: { position: "asc" } });
  const open = rows.filter(({ vaultRef }) => vaultRef === null);
  const rules = addressRules();
  const asSheet = open.map(({ position, cells }): SheetRow => ({ position, cells: cells as Cells }));
  const verdicts = judgeSheet(asSheet, await knownOf(tx), (text) => judgeAddress(text, rules));
  const at = new Map(open.map((row, index) => [row.position, verdicts[index]!]));
  return { sheet, rows: rows.map((row) => ({ row, cells: row.cells as Cells, verdict: at.get(row.position) ?? null })) };
}

export type MakeInput = { importId: string; want: Grant; roles: readonly string[]; oneSigner: boolean };
export type Made = { made: number; failed: number; left: number };

/**
 * Makes the next portion of requests (limits.importChunk), each in a transaction of its own: what one row cannot have does not stop
 * another. What is asked for is settled by the first portion. Called again until `left` is 0, by this page or after a restart.
 * Throws Refusal `not_found`, `moved_on` when the sheet was put away, `signing_key_needed`, `second_signer_needed`.
 */
export async function makeRequests(actor: Actor, { importId, want, roles, oneSigner }: MakeInput, clock: Clock = systemClock, db: Database = database()): Promise<Made> {
  authorize(actor, "client.connect");
  const { mspId } = actor;
  const { sheet, rows } = await read(actor, (tx) => judgedRows(tx, importId), db);
  if (sheet.cancelledAt !== null) throw new Refusal("moved_on");
  const ready = rows.filter(({ row, verdict }) => verdict?.kind === "new" && row.failedWords === null);
  const settled = sheet.startedAt === null ? { want, roles: [...roles], oneSigner } : { want: grantOf(sheet.want), roles: sheet.roles, oneSigner: sheet.oneSigner };
  if (ready.length === 0) return { made: 0, failed: 0, left: 0 };
  let made = 0;
  let failed = 0;
  const portion = ready.slice(0, limits.importChunk);
  for (const { row, verdict } of portion) {
    if (verdict?.kind !== "new") continue;
    const outcome = await makeOne(actor, { importId, position: row.position, verdict, settled }, clock, db);
    if (outcome === "made") made += 1;
    else failed += 1;
  }
  await write(actor, async (tx) => {
    await tx.db.clientImport.updateMany({ where: { mspId, importId, startedAt: null }, data: { startedAt: clock.now(), want: settled.want as unknown as Prisma.InputJsonObject, roles: settled.roles, oneSigner: settled.oneSigner } });
    await record(tx, { action: "import.asked", target: { kind: "client_import", id: importId }, fields: { file: sheet.fileName, made, failed } });
  }, db);
  return { made, failed, left: ready.length - portion.length };
}

function grantOf(value: unknown): Grant {
  checkGrant(value, "");
  return value;
}

/** Refusals that hold for every row: the portion stops, and the person is told once. */
const forAll = new Set(["signing_key_needed", "second_signer_needed", "forbidden", "database_unavailable", "record_unwritable", "too_many"]);

type One = { importId: string; position: number; verdict: Extract<Verdict, { kind: "new" }>; settled: { want: Grant; roles: readonly string[]; oneSigner: boolean } };

async function makeOne(actor: Actor, { importId, position, verdict, settled }: One, clock: Clock, db: Database): Promise<"made" | "failed"> {
  const { mspId } = actor;
  const pair = await generateSealKey("x-wing");
  const now = clock.now();
  const where = { mspId_importId_position: { mspId, importId, position } };
  try {
    await write(actor, async (tx) => {
      await lockClients(tx);
      // Another tab, or another portion, was faster.
      const row = await tx.db.clientImportRow.findUniqueOrThrow({ where });
      if (row.vaultRef !== null) return void (tx.replayed = true);
      const { clientId } = await createClientIn(tx, verdict.input, now);
      const { vaultRef } = await askConnectIn(tx, { clientId, address: verdict.address, ...settled }, pair, now);
      await tx.db.clientImportRow.update({ where, data: { clientId, vaultRef, madeAt: now } });
    }, db);
    return "made";
  } catch (error) {
    if (!(error instanceof Refusal) || forAll.has(error.failure.code)) throw error;
    const { title, fields } = error.failure;
    await write(actor, async (tx) => {
      const words = Object.values(fields ?? {})[0] ?? title;
      await tx.db.clientImportRow.update({ where, data: { failedWords: words } });
      await record(tx, { action: "import.failed", target: { kind: "client_import", id: importId }, fields: { client: verdict.input.name, reason: words } });
    }, db);
    return "failed";
  }
}

/** Ticks a client off the call list, or takes the tick back. Throws Refusal `not_found`. */
export async function noteCalled(actor: Actor, { importId, position, called }: { importId: string; position: number; called: boolean }, clock: Clock = systemClock, db: Database = database()): Promise<{ called: boolean }> {
  authorize(actor, "client.connect");
  const { mspId } = actor;
  return write(actor, async (tx) => {
    const { count } = await tx.db.clientImportRow.updateMany({ where: { mspId, importId, position }, data: called ? { calledAt: clock.now(), calledBy: actor.id } : { calledAt: null, calledBy: null } });
    if (count === 0) throw new Refusal("not_found");
    const row = await tx.db.clientImportRow.findUniqueOrThrow({ where: { mspId_importId_position: { mspId, importId, position } } });
    await record(tx, { action: "import.called", target: { kind: "client_import", id: importId }, fields: { client: (row.cells as Cells).name, called } });
    return { called };
  }, db);
}

/** Puts a sheet away: no more requests are made from it. Those that were made stay. Throws Refusal `not_found`, `moved_on`. */
export async function putAway(actor: Actor, { importId }: { importId: string }, clock: Clock = systemClock, db: Database = database()): Promise<{ importId: string }> {
  authorize(actor, "client.connect");
  const { mspId } = actor;
  return write(actor, async (tx) => {
    const sheet = await tx.db.clientImport.findUnique({ where: { mspId_importId: { mspId, importId } } });
    if (!sheet) throw new Refusal("not_found");
    const { count } = await tx.db.clientImport.updateMany({ where: { mspId, importId, cancelledAt: null }, data: { cancelledAt: clock.now() } });
    if (count === 0) throw new Refusal("moved_on");
    await record(tx, { action: "import.cancelled", target: { kind: "client_import", id: importId }, fields: { file: sheet.fileName } });
    return { importId };
  }, db);
}
