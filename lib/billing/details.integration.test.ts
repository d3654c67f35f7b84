/** Who pays: kept for every currency, at the provider and here, or nowhere; and what then stands on the next invoice. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { personActor, type Actor } from "../identity/actor.ts";
import { detailsShape, readDetails, saveDetails, type Details } from "./details.ts";
import { priceLists, type PriceList } from "./price-list.ts";
import { readStatement } from "./statement.ts";
import { subscribe } from "./subscribe.ts";
import { billingWorld, type BillingWorld } from "./testing/world.ts";

let w: BillingWorld;
let mspId: string;
let ruth: Actor;

const [base] = priceLists as [PriceList];
const list: PriceList = { ...base, prices: { ...base.prices, mme: { annual: { USD: 3_600, EUR: 3_600 }, monthly: null } } };

beforeAll(async () => void (w = await billingWorld({ lists: [list] })));
afterAll(() => w?.close());
beforeEach(async () => void ({ mspId, ruth } = await w.anew()));

const details: Details = { name: "Quillmoor IT B.V.", email: "finance@quillmoor.example", country: "NL", line1: "Kade 4", postalCode: "1011 AB", city: "Amsterdam", taxIdType: "eu_vat", taxId: "NL123456789B01", purchaseOrder: "PO-2026-7" };
const deps = (payments = () => w.deps.payments) => ({ payments, db: w.t.db });
const save = (more: Partial<Details> = {}, by = ruth) => saveDetails(by, detailsShape.parse({ ...details, ...more }), deps());
const read = () => readDetails(ruth, w.t.db);
const refusal = (asked: Promise<unknown>) => asked.then(() => "done", (error: unknown) => (error as { failure?: { code: string } }).failure?.code ?? String(error));
const wrong = (more: Partial<Record<keyof Details, string>>) => detailsShape.safeParse({ ...details, ...more }).error?.issues.map(({ path, message }) => `${path.join()}: ${message}`);
let clients = 0;
const bought = async (currency: "USD" | "EUR" = "USD") => subscribe(ruth, { client: await w.client(mspId, `Alder ${++clients}`), label: "", plan: "mme", currency, interval: "year", users: 500, trial: false }, w.deps);
type Customer = { id: string; name: string; address: { country: string } | null; metadata: { clavitor_msp?: string }; invoice_settings: { custom_fields: { value: string }[] | null } };
const customers = () => [...w.sandbox.store.of("customer").values()].map((one) => one as unknown as Customer).filter(({ metadata }) => metadata.clavitor_msp === mspId);
const taxIds = (customer: string) => w.sandbox.store.ofCustomer("tax_id", customer).map(({ type, value }) => `${type} ${value}`);

test("kept before anything was bought, they stand on the first invoice; with no provider set up as well", async () => {
  expect(await read()).toMatchObject({ name: "Quillmoor IT", email: "", taxIdType: "" });
  await saveDetails(ruth, details, deps(() => { throw new Error("none is set up"); }));
  expect(await read()).toEqual(details);
  await bought();
  const [customer] = customers();
  expect(customer).toMatchObject({ name: details.name, address: { country: "NL" }, invoice_settings: { custom_fields: [{ value: "PO-2026-7" }] } });
  expect(taxIds(customer!.id)).toEqual(["eu_vat NL123456789B01"]);
  expect((await readStatement(ruth, "2026-07", { clock: w.deps.clock, db: w.t.db })).sections[0]?.payer).toMatchObject({ name: details.name, taxId: details.taxId, purchaseOrder: "PO-2026-7" });
});

test("changed, they are changed for every currency at the provider too, and a tax id that is taken away goes there as well", async () => {
  await save();
  await bought("USD");
  await bought("EUR");
  expect(customers()).toHaveLength(2);
  await save({ name: "Quillmoor Holding", taxIdType: "", taxId: "", purchaseOrder: "" });
  for (const { id, name, invoice_settings: settings } of customers()) expect([name, taxIds(id), settings.custom_fields ?? []]).toEqual(["Quillmoor Holding", [], []]);
  expect(await read()).toMatchObject({ name: "Quillmoor Holding", taxId: "", purchaseOrder: "" });
  expect(await w.sql("select name from billing_account where msp_id = $1", [mspId])).toEqual([{ name: "Quillmoor Holding" }, { name: "Quillmoor Holding" }]);
});

test("what the provider refuses, or does not answer to, changes nothing here, and the tax id before stays there", async () => {
  await save();
  await bought();
  const [{ id }] = customers() as [Customer];
  expect(await refusal(save({ taxId: "NL1" }))).toBe("details_refused");
  expect(await read()).toEqual(details);
  expect(taxIds(id)).toEqual(["eu_vat NL123456789B01"]);
  await w.sandbox.close();
  expect(await refusal(save({ city: "Utrecht" }))).toBe("details_not_taken");
  expect(await read()).toEqual(details);
});

test("what cannot stand on an invoice is refused beside its field; who only looks may not save; another organisation sees nothing", async () => {
  expect([wrong({ name: " " }), wrong({ country: "Holland" }), wrong({ taxIdType: "" }), wrong({ country: "" }), wrong({ email: "x" })?.length]).toEqual([["name: A name stands on every invoice."], ["country: Two letters, such as CH."], ["taxId: A number and its kind go together."], ["country: An address needs its country."], 1]);
  expect(detailsShape.parse({ ...details, country: "nl" }).country).toBe("NL");
  const as = (right: string) => personActor({ mspId, personId: ruth.id, name: "Somebody", rights: [right] });
  for (const right of ["auditor", "technician"]) expect(await refusal(saveDetails(as(right), details, deps()))).toBe("forbidden");
  expect(await refusal(readDetails(as("technician"), w.t.db))).toBe("forbidden");
  expect(await readDetails(w.finance(await w.t.msp("Another")), w.t.db)).toMatchObject({ name: "Another", taxId: "" });
});
