/** The confidential terms of one MSP's contract: set by an operator at the server, read by that MSP's finance people only. */
import { z } from "zod";
import { database, type Database } from "../db/client.ts";
import { read, write, type Read } from "../db/tenant.ts";
import { env } from "../env.ts";
import { Refusal } from "../errors.ts";
import { uuid7 } from "../id.ts";
import { authorize, serverOperator, type Actor } from "../identity/actor.ts";
import { record } from "../record/record.ts";
import { seal, sealKeys, unseal } from "../seal.ts";
import type { Terms } from "./share.ts";

const stored = z.strictObject({ basisPoints: z.int().min(1).max(10_000), from: z.iso.date() });

/** Sets or replaces them. What they say is in no record. Throws Refusal `not_found` for an organisation that is none. */
export async function setTerms(mspId: string, terms: Terms, db: Database = database()): Promise<{ organisation: string; replaced: boolean }> {
  return write(serverOperator(mspId), async (tx) => {
    const msp = await tx.db.msp.findUnique({ where: { mspId } });
    if (!msp) throw new Refusal("not_found");
    const { count } = await tx.db.contract.deleteMany({ where: { mspId } });
    const contractId = uuid7();
    const sealedTerms = seal(sealKeys(env().SEAL_KEYS), { mspId, object: contractId, purpose: "contract" }, JSON.stringify(stored.parse(terms)));
    await tx.db.contract.create({ data: { mspId, contractId, sealedTerms } });
    await record(tx, { action: "contract.set", target: { kind: "contract", id: contractId }, fields: { replaced: count > 0 } });
    return { organisation: msp.name, replaced: count > 0 };
  }, db);
}

/** Throws Refusal `not_found` when there are none. */
export async function endTerms(mspId: string, db: Database = database()): Promise<{ organisation: string }> {
  return write(serverOperator(mspId), async (tx) => {
    const msp = await tx.db.msp.findUnique({ where: { mspId } });
    const held = await tx.db.contract.findFirst({ where: { mspId } });
    if (!msp || !held) throw new Refusal("not_found");
    await tx.db.contract.deleteMany({ where: { mspId } });
    await record(tx, { action: "contract.ended", target: { kind: "contract", id: held.contractId }, fields: {} });
    return { organisation: msp.name };
  }, db);
}

/** Inside a transaction that is open. null: there are none, and nothing about them is to be shown. Throws Refusal `forbidden`. */
export async function termsIn(tx: Read): Promise<Terms | null> {
  authorize(tx.actor, "contract.read");
  const { mspId } = tx.actor;
  const held = await tx.db.contract.findFirst({ where: { mspId } });
  if (!held) return null;
  return stored.parse(JSON.parse(unseal(sealKeys(env().SEAL_KEYS), { mspId, object: held.contractId, purpose: "contract" }, held.sealedTerms)));
}

/** For that MSP's finance people. Throws Refusal `forbidden`. */
export async function readTerms(actor: Actor, db: Database = database()): Promise<Terms | null> {
  authorize(actor, "contract.read");
  return read(actor, termsIn, db);
}

/** Whether there are any: without them nothing says that there could be. Throws Refusal `forbidden`. */
export async function hasTerms(actor: Actor, db: Database = database()): Promise<boolean> {
  authorize(actor, "contract.read");
  return (await read(actor, (tx) => tx.db.contract.count({ where: { mspId: actor.mspId } }), db)) > 0;
}
