/** Every call of the API that the sandbox answers, by method and path. Long because it is one list of small answers. */
import { expand } from "./expand.ts";
import type { Param, Params } from "./form.ts";
import { credit, finalize, pay, refund, voidInvoice, attempt } from "./invoices.ts";
import type { Address, Customer, Invoice, Kind, Metadata, Of, PaymentMethod, Price, Product, Subscription } from "./objects.ts";
import { missing, Problem, wanting, wrong } from "./problem.ts";
import { changeItem, create, end, itemOf, preview, trialFrom } from "./subscriptions.ts";
import { drawn, newId } from "./store.ts";
import { run } from "./time.ts";
import { emit, nowFor, type World } from "./world.ts";

type Asked = { world: World; params: Params; ids: readonly string[] };
export type Route = { method: string; pattern: RegExp; answer: (asked: Asked) => object };

const text = (params: Params, name: string): string | undefined => {
  const value = params[name];
  if (value === undefined || typeof value === "string") return value;
  throw wrong(name, `Invalid string: ${name}`);
};
const must = (params: Params, name: string): string => {
  const value = text(params, name);
  if (value === undefined || value === "") throw wanting(name);
  return value;
};
const whole = (params: Params, name: string): number | undefined => {
  const value = text(params, name);
  if (value === undefined) return undefined;
  if (!/^-?\d{1,15}$/.test(value)) throw wrong(name, `Invalid integer: ${value}`);
  return Number(value);
};
const flag = (params: Params, name: string): boolean | undefined => {
  const value = text(params, name);
  if (value === undefined) return undefined;
  if (value !== "true" && value !== "false") throw wrong(name, `Invalid boolean: ${value}`);
  return value === "true";
};
const inner = (params: Params, name: string): Params => {
  const value = params[name];
  if (value === undefined || value === "") return {};
  if (typeof value === "string" || Array.isArray(value)) throw wrong(name, "Invalid object");
  return value;
};
const list = (params: Params, name: string): Param[] => {
  const value = params[name];
  return value === undefined || value === "" ? [] : Array.isArray(value) ? value : [value];
};
const orNull = (value: string | undefined): string | null => (value === undefined || value === "" ? null : value);

/** An empty value takes a key away (Stripe API, Metadata). */
function metadataOf(params: Params, before: Metadata = {}): Metadata {
  const after = { ...before };
  for (const [name, value] of Object.entries(inner(params, "metadata"))) {
    if (typeof value !== "string") throw wrong("metadata", "Invalid metadata");
    if (value === "") delete after[name];
    else after[name] = value;
  }
  return after;
}

const addressOf = (given: Params): Address => ({ city: orNull(text(given, "city")), country: orNull(text(given, "country")), line1: orNull(text(given, "line1")), line2: orNull(text(given, "line2")), postal_code: orNull(text(given, "postal_code")), state: orNull(text(given, "state")) });
const base = (world: World, clock: string | null) => ({ created: nowFor(world, clock), livemode: false as const, test_clock: clock });

/** Newest first, `limit` at a time after or before an id (Stripe API, Pagination). */
function page(params: Params, url: string, oldestFirst: readonly { id: string }[]): object {
  const limit = whole(params, "limit") ?? 10;
  if (limit < 1 || limit > 100) throw wrong("limit", "This value must be between 1 and 100.");
  const all = oldestFirst.toReversed();
  const [after, before] = [text(params, "starting_after"), text(params, "ending_before")];
  const at = (id: string, param: string) => {
    const found = all.findIndex((one) => one.id === id);
    if (found === -1) throw missing("object", id, param);
    return found;
  };
  const from = after === undefined ? 0 : at(after, "starting_after") + 1;
  const shown = before === undefined ? all.slice(from, from + limit) : all.slice(Math.max(0, at(before, "ending_before") - limit), at(before, "ending_before"));
  return { object: "list", url, has_more: before === undefined ? from + limit < all.length : at(before, "ending_before") > limit, data: shown };
}

function created(params: Params, at: number): boolean {
  const given = params.created;
  if (given === undefined) return true;
  if (typeof given === "string") return at === Number(given);
  const range = inner(params, "created");
  const [gt, gte, lt, lte] = ["gt", "gte", "lt", "lte"].map((name) => whole(range, name));
  return (gt === undefined || at > gt) && (gte === undefined || at >= gte) && (lt === undefined || at < lt) && (lte === undefined || at <= lte);
}

/** A list's filter: members that must be equal, where they are given. */
function listing<K extends Kind>(kind: K, url: string, members: readonly (keyof Of<K> & string)[], more: (thing: Of<K>, params: Params) => boolean = () => true): Route {
  return {
    method: "GET", pattern: new RegExp(`^${url}$`),
    answer: ({ world, params }) => {
      const customer = text(params, "customer");
      const ofOne = customer !== undefined && members.includes("customer" as never);
      if (ofOne) world.store.get("customer", customer, "customer");
      const all = ofOne ? world.store.ofCustomer(kind, customer) : [...world.store.of(kind).values()];
      return page(params, url, all.filter((thing) => members.every((name) => text(params, name) === undefined || String(thing[name]) === text(params, name)) && created(params, (thing as { created: number }).created) && more(thing, params)));
    },
  };
}
const reading = (kind: Kind, url: string): Route => ({ method: "GET", pattern: new RegExp(`^${url}/([^/]+)$`), answer: ({ world, ids }) => world.store.get(kind, ids[0]!) });
const route = (method: string, path: string, answer: Route["answer"]): Route => ({ method, pattern: new RegExp(`^${path.replaceAll(":id", "([^/]+)")}$`), answer });

/** Stripe's test cards by token; a real number is never taken. */
const cards: Readonly<Record<string, { brand: string; last4: string; declines: boolean }>> = {
  pm_card_visa: { brand: "visa", last4: "4242", declines: false }, pm_card_mastercard: { brand: "mastercard", last4: "4444", declines: false }, pm_card_amex: { brand: "amex", last4: "8431", declines: false },
  pm_card_chargeCustomerFail: { brand: "visa", last4: "0341", declines: true },
};
export const cardNumbers: Readonly<Record<string, string>> = { "4242424242424242": "pm_card_visa", "5555555555554444": "pm_card_mastercard", "4000000000000341": "pm_card_chargeCustomerFail" };

export function attach(world: World, token: string, customer: Customer): PaymentMethod {
  const known = world.store.of("payment_method").get(token);
  const card = cards[token];
  if (!known && !card) throw missing("payment_method", token, "payment_method");
  const method: PaymentMethod = known ?? {
    ...base(world, customer.test_clock), id: newId("payment_method"), object: "payment_method", metadata: {}, billing_details: { address: customer.address, email: customer.email, name: customer.name, phone: null },
    card: { brand: card!.brand, country: "US", exp_month: 12, exp_year: 2031, fingerprint: drawn(16), funding: "credit", last4: card!.last4 }, customer: null, type: "card", inner_declines: card!.declines,
  };
  method.customer = customer.id;
  emit(world, "payment_method.attached", method);
  return method;
}

function changeCustomer(world: World, customer: Customer, params: Params): void {
  for (const name of ["name", "email", "phone", "description"] as const) if (params[name] !== undefined) customer[name] = orNull(text(params, name));
  if (params.address !== undefined) customer.address = addressOf(inner(params, "address"));
  if (params.tax_exempt !== undefined) customer.tax_exempt = must(params, "tax_exempt") as Customer["tax_exempt"];
  if (params.balance !== undefined) customer.balance = whole(params, "balance")!;
  const settings = inner(params, "invoice_settings");
  if (settings.default_payment_method !== undefined) {
    const id = must(settings, "default_payment_method");
    if (world.store.get("payment_method", id, "invoice_settings[default_payment_method]").customer !== customer.id) throw wrong("invoice_settings[default_payment_method]", "The customer does not have a payment method with the ID.");
    customer.invoice_settings.default_payment_method = id;
  }
  if (settings.custom_fields !== undefined) customer.invoice_settings.custom_fields = list(settings, "custom_fields").map((one) => ({ name: must(one as Params, "name"), value: must(one as Params, "value") }));
  customer.metadata = metadataOf(params, customer.metadata);
}

function makeCustomer({ world, params }: Asked): Customer {
  const clock = orNull(text(params, "test_clock"));
  if (clock !== null) world.store.get("test_helpers.test_clock", clock, "test_clock");
  const customer: Customer = {
    ...base(world, clock), id: newId("customer"), object: "customer", metadata: {}, address: null, balance: 0, currency: null, default_source: null, delinquent: false, description: null, email: null, invoice_prefix: drawn(8).toUpperCase(),
    invoice_settings: { custom_fields: null, default_payment_method: null, footer: null, rendering_options: null }, name: null, next_invoice_sequence: 1, phone: null, preferred_locales: [], shipping: null, tax_exempt: "none",
  };
  world.store.put(customer);
  const token = text(params, "payment_method");
  if (token !== undefined) attach(world, token, customer);
  changeCustomer(world, customer, params);
  for (const one of list(params, "tax_id_data")) makeTaxId(world, customer, one as Params);
  emit(world, "customer.created", customer);
  return customer;
}

function makeTaxId(world: World, customer: Customer, params: Params) {
  const value = must(params, "value");
  const type = must(params, "type");
  if (value.length < 5) throw new Problem(400, `Invalid value for ${type}.`, { code: "tax_id_invalid", param: "value" });
  const made = { ...base(world, customer.test_clock), id: newId("tax_id"), object: "tax_id" as const, metadata: {}, country: type === "eu_vat" ? value.slice(0, 2) : customer.address?.country ?? null, customer: customer.id, type, value, verification: { status: "verified" as const, verified_address: null, verified_name: null } };
  world.store.put(made);
  return made;
}

function makePrice({ world, params }: Asked): Price {
  const recurring = inner(params, "recurring");
  const interval = must(recurring, "interval");
  if (interval !== "month" && interval !== "year") throw wrong("recurring[interval]", "Invalid interval");
  const key = orNull(text(params, "lookup_key"));
  if (key !== null && world.store.of("price").values().some((price) => price.lookup_key === key)) throw new Problem(400, `A price (active or not) already uses that lookup key.`, { param: "lookup_key" });
  const amount = whole(params, "unit_amount");
  if (amount === undefined || amount < 0) throw wanting("unit_amount");
  const price: Price = {
    ...base(world, null), id: newId("price"), object: "price", metadata: metadataOf(params), active: true, billing_scheme: "per_unit", currency: must(params, "currency").toLowerCase(), custom_unit_amount: null, lookup_key: key, nickname: orNull(text(params, "nickname")),
    product: world.store.get("product", must(params, "product"), "product").id, recurring: { interval, interval_count: 1, meter: null, trial_period_days: null, usage_type: "licensed" }, tax_behavior: "exclusive", tiers_mode: null, transform_quantity: null, type: "recurring", unit_amount: amount, unit_amount_decimal: String(amount),
  };
  emit(world, "price.created", price);
  return price;
}

function makeSubscription({ world, params }: Asked): Subscription {
  const [item, ...others] = list(params, "items") as Params[];
  if (!item) throw wanting("items");
  if (others.length > 0) throw wrong("items", "The sandbox keeps one item per subscription; see docs/stripe.md.");
  const customer = world.store.get("customer", must(params, "customer"), "customer");
  const trial = text(params, "trial_end");
  return create(world, {
    customer: customer.id, price: must(item, "price"), quantity: whole(item, "quantity") ?? 1, metadata: metadataOf(params), collection: (text(params, "collection_method") ?? "charge_automatically") as Subscription["collection_method"], daysUntilDue: whole(params, "days_until_due") ?? null,
    trialEnd: trial === undefined ? trialFrom(nowFor(world, customer.test_clock), whole(params, "trial_period_days") ?? null) : Number(trial), automaticTax: flag(inner(params, "automatic_tax"), "enabled") ?? false, description: orNull(text(params, "description")),
    paymentMethod: orNull(text(params, "default_payment_method")), behavior: text(params, "payment_behavior") ?? "allow_incomplete",
  });
}

function changeOf(params: Params, subscription: Subscription) {
  const [item] = list(params, "items") as Params[];
  if (item && text(item, "id") !== undefined && text(item, "id") !== itemOf(subscription).id) throw missing("subscription_item", text(item, "id")!, "items[0][id]");
  return { price: item && text(item, "price"), quantity: item && whole(item, "quantity"), proration: text(params, "proration_behavior") ?? "create_prorations", behavior: text(params, "payment_behavior") ?? "allow_incomplete" };
}

function changeSubscription({ world, params, ids }: Asked): Subscription {
  const subscription = world.store.get("subscription", ids[0]!);
  if (subscription.status === "canceled" && Object.keys(params).some((name) => name !== "metadata" && name !== "cancellation_details")) throw wrong("id", "A canceled subscription can only update its cancellation_details and metadata.");
  if (params.items !== undefined) changeItem(world, subscription, changeOf(params, subscription));
  const stops = flag(params, "cancel_at_period_end");
  if (stops !== undefined) {
    subscription.cancel_at_period_end = stops;
    subscription.cancel_at = stops ? itemOf(subscription).current_period_end : null;
    subscription.canceled_at = stops ? nowFor(world, subscription.test_clock) : null;
  }
  const method = text(params, "collection_method");
  if (method !== undefined) {
    if (method === "send_invoice" && params.days_until_due === undefined) throw wrong("days_until_due", "You must pass days_until_due when collection_method is send_invoice.");
    Object.assign(subscription, { collection_method: method, days_until_due: method === "send_invoice" ? whole(params, "days_until_due") : null });
  }
  if (params.default_payment_method !== undefined) subscription.default_payment_method = orNull(text(params, "default_payment_method"));
  if (params.description !== undefined) subscription.description = orNull(text(params, "description"));
  if (params.automatic_tax !== undefined) subscription.automatic_tax.enabled = flag(inner(params, "automatic_tax"), "enabled") ?? false;
  subscription.metadata = metadataOf(params, subscription.metadata);
  emit(world, "customer.subscription.updated", subscription);
  return subscription;
}

function payNow({ world, params, ids }: Asked): Invoice {
  const invoice = world.store.get("invoice", ids[0]!);
  if (invoice.status === "paid") throw new Problem(400, "Invoice is already paid", { code: "invoice_already_paid" });
  if (invoice.status === "draft") finalize(world, invoice);
  if (invoice.status !== "open") return invoice;
  if (flag(params, "paid_out_of_band")) pay(world, invoice);
  else if (!attempt(world, invoice)) throw new Problem(402, "Your card was declined.", { type: "card_error", code: "card_declined" });
  return invoice;
}

function checkout({ world, params }: Asked) {
  if (must(params, "mode") !== "subscription") throw wrong("mode", "The sandbox opens subscriptions only.");
  const customer = world.store.get("customer", must(params, "customer"), "customer");
  const items = (list(params, "line_items") as Params[]).map((item) => ({ price: world.store.get("price", must(item, "price"), "line_items[0][price]").id, quantity: whole(item, "quantity") ?? 1 }));
  if (items.length !== 1) throw wrong("line_items", "The sandbox takes one line item.");
  const data = inner(params, "subscription_data");
  const id = newId("checkout.session");
  return world.store.put({
    ...base(world, customer.test_clock), id, object: "checkout.session" as const, metadata: metadataOf(params), cancel_url: orNull(text(params, "cancel_url")), client_reference_id: orNull(text(params, "client_reference_id")), currency: world.store.get("price", items[0]!.price).currency, customer: customer.id,
    expires_at: nowFor(world, customer.test_clock) + 86_400, line_items: { object: "list" as const, data: items, has_more: false, url: `/v1/checkout/sessions/${id}/line_items` }, mode: "subscription" as const, payment_status: "unpaid" as const, status: "open" as const, subscription: null, success_url: must(params, "success_url"), url: `${world.origin}/c/${id}`,
    inner_data: { metadata: metadataOf(data), trial_period_days: whole(data, "trial_period_days") ?? null, automatic_tax: flag(inner(params, "automatic_tax"), "enabled") ?? false },
  });
}

const feature = (params: Params, name: string) => ({ enabled: flag(inner(inner(params, "features"), name), "enabled") ?? false });

export const routes: readonly Route[] = [
  route("POST", "/v1/test_helpers/test_clocks", ({ world, params }) => {
    const name = orNull(text(params, "name"));
    const now = world.real();
    return world.store.put({ id: newId("test_helpers.test_clock"), object: "test_helpers.test_clock", created: now, deletes_after: now + 30 * 86_400, frozen_time: whole(params, "frozen_time") ?? now, livemode: false, name, status: "ready", inner_follows: name === "follows real time" });
  }),
  reading("test_helpers.test_clock", "/v1/test_helpers/test_clocks"),
  route("POST", "/v1/test_helpers/test_clocks/:id/advance", ({ world, params, ids }) => {
    const clock = world.store.get("test_helpers.test_clock", ids[0]!);
    const to = whole(params, "frozen_time");
    if (to === undefined) throw wanting("frozen_time");
    if (to <= clock.frozen_time) throw wrong("frozen_time", "You can only advance a test clock to the future.");
    run(world, clock.id, to, (at) => void (clock.frozen_time = Math.max(clock.frozen_time, at)));
    clock.frozen_time = to;
    return world.store.put(clock);
  }),

  route("POST", "/v1/customers", makeCustomer),
  listing("customer", "/v1/customers", ["email", "test_clock"]),
  reading("customer", "/v1/customers"),
  route("POST", "/v1/customers/:id", ({ world, params, ids }) => {
    const customer = world.store.get("customer", ids[0]!);
    changeCustomer(world, customer, params);
    emit(world, "customer.updated", customer);
    return customer;
  }),
  route("POST", "/v1/customers/:id/tax_ids", ({ world, params, ids }) => makeTaxId(world, world.store.get("customer", ids[0]!), params)),
  route("GET", "/v1/customers/:id/tax_ids", ({ world, params, ids }) => page(params, `/v1/customers/${ids[0]!}/tax_ids`, world.store.ofCustomer("tax_id", ids[0]!))),
  route("DELETE", "/v1/customers/:id/tax_ids/:id", ({ world, ids }) => {
    const tax = world.store.get("tax_id", ids[1]!);
    world.store.remove(tax);
    return { id: tax.id, object: "tax_id", deleted: true };
  }),
  route("GET", "/v1/customers/:id/payment_methods", ({ world, params, ids }) => page(params, `/v1/customers/${ids[0]!}/payment_methods`, world.store.ofCustomer("payment_method", ids[0]!))),
  route("POST", "/v1/payment_methods/:id/attach", ({ world, params, ids }) => attach(world, ids[0]!, world.store.get("customer", must(params, "customer"), "customer"))),
  reading("payment_method", "/v1/payment_methods"),

  route("POST", "/v1/products", ({ world, params }) => {
    const id = text(params, "id") ?? newId("product");
    if (world.store.of("product").has(id)) throw new Problem(400, "Product already exists.", { code: "resource_already_exists", param: "id" });
    const product: Product = { ...base(world, null), id, object: "product", metadata: metadataOf(params), active: true, description: orNull(text(params, "description")), images: [], name: must(params, "name"), tax_code: null, type: "service", updated: world.real(), url: null };
    emit(world, "product.created", product);
    return product;
  }),
  listing("product", "/v1/products", ["active"]),
  reading("product", "/v1/products"),
  route("POST", "/v1/prices", makePrice),
  listing("price", "/v1/prices", ["product", "currency", "active"], (price, params) => params.lookup_keys === undefined || list(params, "lookup_keys").includes(price.lookup_key ?? "")),
  reading("price", "/v1/prices"),

  route("POST", "/v1/subscriptions", makeSubscription),
  listing("subscription", "/v1/subscriptions", ["customer", "collection_method", "test_clock"], ({ status }, params) => {
    const asked = text(params, "status");
    return asked === "all" || (asked === undefined ? status !== "canceled" : asked === "ended" ? status === "canceled" || status === "incomplete_expired" : status === asked);
  }),
  reading("subscription", "/v1/subscriptions"),
  route("POST", "/v1/subscriptions/:id", changeSubscription),
  route("DELETE", "/v1/subscriptions/:id", ({ world, params, ids }) => {
    const subscription = world.store.get("subscription", ids[0]!);
    if (subscription.status === "canceled") throw missing("subscription", ids[0]!);
    subscription.cancellation_details.comment = orNull(text(inner(params, "cancellation_details"), "comment"));
    end(world, subscription, "cancellation_requested");
    return subscription;
  }),

  listing("invoice", "/v1/invoices", ["customer", "status", "collection_method"], (invoice, params) => params.subscription === undefined || invoice.parent.subscription_details.subscription === text(params, "subscription")),
  route("POST", "/v1/invoices/create_preview", ({ world, params }) => {
    const subscription = world.store.get("subscription", must(params, "subscription"), "subscription");
    const details = inner(params, "subscription_details");
    return preview(world, subscription, changeOf(details, subscription), whole(details, "proration_date") ?? nowFor(world, subscription.test_clock));
  }),
  reading("invoice", "/v1/invoices"),
  route("GET", "/v1/invoices/:id/lines", ({ world, params, ids }) => page(params, `/v1/invoices/${ids[0]!}/lines`, world.store.get("invoice", ids[0]!).lines.data.toReversed())),
  route("POST", "/v1/invoices/:id/pay", payNow),
  route("POST", "/v1/invoices/:id/finalize", ({ world, ids }) => {
    const invoice = world.store.get("invoice", ids[0]!);
    finalize(world, invoice);
    return invoice;
  }),
  route("POST", "/v1/invoices/:id/void", ({ world, ids }) => {
    const invoice = world.store.get("invoice", ids[0]!);
    voidInvoice(world, invoice);
    return invoice;
  }),
  route("POST", "/v1/invoices/:id", ({ world, params, ids }) => {
    const invoice = world.store.get("invoice", ids[0]!);
    if (params.auto_advance !== undefined) invoice.auto_advance = flag(params, "auto_advance")!;
    invoice.metadata = metadataOf(params, invoice.metadata);
    emit(world, "invoice.updated", invoice);
    return invoice;
  }),
  listing("invoice_payment", "/v1/invoice_payments", ["invoice", "status"]),

  route("POST", "/v1/credit_notes", ({ world, params }) => {
    const invoice = world.store.get("invoice", must(params, "invoice"), "invoice");
    return credit(world, invoice, { amount: whole(params, "amount") ?? 0, refund: whole(params, "refund_amount") ?? 0, outOfBand: whole(params, "out_of_band_amount") ?? 0, memo: orNull(text(params, "memo")), reason: orNull(text(params, "reason")), metadata: metadataOf(params) });
  }),
  listing("credit_note", "/v1/credit_notes", ["invoice", "customer"]),
  reading("credit_note", "/v1/credit_notes"),
  route("POST", "/v1/refunds", ({ world, params }) => {
    const intent = world.store.get("payment_intent", must(params, "payment_intent"), "payment_intent");
    return refund(world, intent, whole(params, "amount") ?? intent.amount_received - intent.inner_refunded, metadataOf(params), orNull(text(params, "reason")));
  }),
  listing("refund", "/v1/refunds", ["payment_intent", "charge"]),
  reading("refund", "/v1/refunds"),
  reading("payment_intent", "/v1/payment_intents"),

  route("POST", "/v1/checkout/sessions", checkout),
  listing("checkout.session", "/v1/checkout/sessions", ["customer", "subscription", "status"]),
  reading("checkout.session", "/v1/checkout/sessions"),
  route("POST", "/v1/checkout/sessions/:id/expire", ({ world, ids }) => {
    const session = world.store.get("checkout.session", ids[0]!);
    if (session.status !== "open") throw wrong("session", `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of ${session.status}.`);
    Object.assign(session, { status: "expired", url: null });
    emit(world, "checkout.session.expired", session);
    return session;
  }),

  route("POST", "/v1/billing_portal/configurations", ({ world, params }) =>
    world.store.put({
      ...base(world, null), id: newId("billing_portal.configuration"), object: "billing_portal.configuration", metadata: metadataOf(params), active: true, is_default: false, updated: world.real(),
      features: { customer_update: feature(params, "customer_update"), invoice_history: feature(params, "invoice_history"), payment_method_update: feature(params, "payment_method_update"), subscription_cancel: feature(params, "subscription_cancel"), subscription_update: feature(params, "subscription_update") },
    })),
  listing("billing_portal.configuration", "/v1/billing_portal/configurations", ["active", "is_default"]),
  route("POST", "/v1/billing_portal/sessions", ({ world, params }) => {
    const customer = world.store.get("customer", must(params, "customer"), "customer");
    const configuration = text(params, "configuration") ?? [...world.store.of("billing_portal.configuration").values()].find(({ is_default }) => is_default)?.id;
    if (configuration === undefined) throw wrong("configuration", "No configuration provided and your test mode default configuration has not been created.");
    const id = newId("billing_portal.session");
    return world.store.put({ ...base(world, customer.test_clock), id, object: "billing_portal.session", metadata: {}, configuration: world.store.get("billing_portal.configuration", configuration, "configuration").id, customer: customer.id, return_url: orNull(text(params, "return_url")), url: `${world.origin}/p/${id}${drawn(16)}` });
  }),

  listing("event", "/v1/events", ["type"], ({ type }, params) => params.types === undefined || list(params, "types").includes(type)),
  reading("event", "/v1/events"),
];

/** Answers one call. Throws Problem. The answer is a copy: nobody outside holds what is stored. */
export function answer(world: World, method: string, path: string, params: Params): object {
  for (const { method: takes, pattern, answer: work } of routes) {
    const found = takes === method ? pattern.exec(path) : null;
    if (!found) continue;
    const { expand: paths, ...rest } = params;
    const thing = structuredClone(work({ world, params: rest, ids: found.slice(1).map(decodeURIComponent) }));
    expand(world.store, thing as { [name: string]: unknown }, list({ expand: paths ?? [] }, "expand").map(String));
    return thing;
  }
  throw new Problem(404, `Unrecognized request URL (${method}: ${path}).`);
}

