/** Who pays, as it stands on invoices and statements: name, address, tax id, purchase order. One for all currencies of an MSP. */
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { capital } from "../capital.ts";
import { database, type Database } from "../db/client.ts";
import { read, write } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { uuid7 } from "../id.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { emailAddress } from "../identity/ceremony.ts";
import { record } from "../record/record.ts";
import { customerInput } from "./account-row.ts";
import type { Deps } from "./mirror.ts";
import { PaymentRefused, PaymentsAway } from "./payments.ts";

const line = z.string().trim().max(120, "120 characters at most.");
export const detailsShape = z.object({
  name: z.string().trim().min(1, "A name stands on every invoice.").max(120, "120 characters at most."), email: emailAddress, country: z.string().trim().toUpperCase().regex(/^([A-Z]{2})?$/, "Two letters, such as CH."), line1: line, postalCode: line, city: line,
  taxIdType: z.enum(["", "eu_vat", "ch_vat", "gb_vat", "us_ein"], "Choose a kind."), taxId: z.string().trim().max(40, "40 characters at most."),
  // Longer is cut from an invoice by the provider (Stripe, invoice_settings.custom_fields).
  purchaseOrder: z.string().trim().max(60, "60 characters at most."),
}).refine(({ taxIdType, taxId }) => (taxIdType === "") === (taxId === ""), { path: ["taxId"], message: "A number and its kind go together." })
  .refine(({ country, line1, postalCode, city }) => country !== "" || (line1 === "" && postalCode === "" && city === ""), { path: ["country"], message: "An address needs its country." });
export type Details = z.output<typeof detailsShape>;

const oldestFirst = { createdAt: "asc" } as const;

/** As it is kept; where nothing is, the organisation's own name. Throws Refusal `forbidden`. */
export async function readDetails(actor: Actor, db: Database = database()): Promise<Details> {
  authorize(actor, "billing.read");
  const { mspId } = actor;
  return read(actor, async (tx) => {
    const row = await tx.db.billingAccount.findFirst({ where: { mspId, payer: "msp" }, orderBy: oldestFirst });
    if (row === null) return { name: (await tx.db.msp.findUniqueOrThrow({ where: { mspId }, select: { name: true } })).name, email: "", country: "", line1: "", postalCode: "", city: "", taxIdType: "", taxId: "", purchaseOrder: "" };
    const { line1 = "", postal_code: postalCode = "", city = "" } = (row.address ?? {}) as Record<string, string | undefined>;
    const { data } = detailsShape.shape.taxIdType.safeParse(row.taxIdType ?? "");
    return { name: row.name, email: row.email, country: row.country, line1, postalCode, city, taxIdType: data ?? "", taxId: row.taxId ?? "", purchaseOrder: row.purchaseOrder ?? "" };
  }, db);
}

/**
 * Kept for every currency, once the payment provider took it for each customer that it knows: they stand on the next invoice. Asked
 * again, it comes to the same. `payments` is a function, since none may be set up. Throws Refusal `details_refused` (in the provider's
 * words), `details_not_taken` where it does not answer, `payments_not_set_up`.
 */
export async function saveDetails(actor: Actor, { line1, postalCode, city, taxId, taxIdType, ...plain }: Details, { payments, db = database() }: Pick<Deps, "db"> & { payments: () => Deps["payments"] }): Promise<void> {
  authorize(actor, "billing.write");
  const { mspId } = actor;
  const data = { ...plain, address: { line1, postal_code: postalCode, city }, taxId: taxId || null, taxIdType: taxIdType || null, purchaseOrder: plain.purchaseOrder || null };
  const known = await read(actor, (tx) => tx.db.billingAccount.findMany({ where: { mspId, payer: "msp", stripeCustomer: { not: null } }, orderBy: oldestFirst }), db);
  const provider = known.length === 0 ? null : payments();
  for (const row of known) {
    await provider!.saveCustomer(row.stripeCustomer, customerInput({ ...row, ...data }), { intent: row.accountId, key: randomUUID() }).catch((error: unknown) => {
      if (error instanceof PaymentRefused) throw new Refusal("details_refused", { detail: `${capital(error.words)}. Nothing was changed here.`, cause: error });
      if (error instanceof PaymentsAway) throw new Refusal("details_not_taken", { cause: error });
      throw error;
    });
  }
  await write(actor, async (tx) => {
    // As in lib/billing/account-row.ts: of two who save at once, or save while the first account is made, each sees the other's.
    await tx.db.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`billing_account:${mspId}`}, 0))`;
    const own = await tx.db.billingAccount.findMany({ where: { mspId, payer: "msp" }, orderBy: oldestFirst });
    const id = own[0]?.accountId ?? uuid7();
    if (own.length === 0) await tx.db.billingAccount.create({ data: { mspId, accountId: id, payer: "msp", ...data } });
    else await tx.db.billingAccount.updateMany({ where: { mspId, payer: "msp" }, data });
    await record(tx, { action: "billing_account.saved", target: { kind: "billing_account", id }, fields: { name: plain.name, changed: "name, address, tax id and purchase order" } });
  }, db);
}
