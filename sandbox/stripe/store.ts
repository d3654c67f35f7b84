/**
 * All objects in memory, in the order in which they were made, and beside them in one SQLite file where a folder is given: what a
 * request answered survives a restart.
 */
import { randomBytes } from "node:crypto";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { missing } from "./problem.ts";
import type { Kind, Of, Thing } from "./objects.ts";

const prefixes: Record<Kind, string> = {
  "test_helpers.test_clock": "clock", customer: "cus", tax_id: "txi", product: "prod", price: "price", payment_method: "pm", subscription: "sub", invoice: "in", payment_intent: "pi", invoice_payment: "inpay",
  credit_note: "cn", refund: "re", "checkout.session": "cs_test", "billing_portal.configuration": "bpc", "billing_portal.session": "bps", event: "evt",
};

const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
export const drawn = (length = 24): string => Array.from(randomBytes(length), (byte) => letters[byte % letters.length]).join("");
export const newId = (kind: Kind): string => `${prefixes[kind]}_${drawn()}`;

export class Store {
  readonly #kinds = new Map<Kind, Map<string, Thing>>();
  readonly #byCustomer = new Map<string, Thing[]>();
  readonly #db: DatabaseSync | undefined;
  readonly #write: StatementSync | undefined;
  readonly #dirty = new Set<Thing>();
  readonly #gone = new Set<string>();
  /** Drafts and open invoices: what time still works on. */
  readonly liveInvoices = new Set<Of<"invoice">>();

  constructor(file?: string) {
    for (const kind of Object.keys(prefixes) as Kind[]) this.#kinds.set(kind, new Map());
    if (file === undefined) return;
    this.#db = new DatabaseSync(file);
    this.#db.exec("pragma journal_mode = wal; pragma synchronous = normal; create table if not exists thing (at integer primary key, id text unique not null, kind text not null, body text not null)");
    for (const row of this.#db.prepare("select kind, body from thing order by at").all()) this.#keep(JSON.parse(row.body as string) as Thing);
    this.#write = this.#db.prepare("insert into thing (id, kind, body) values (?, ?, ?) on conflict (id) do update set body = excluded.body");
  }

  #keep(thing: Thing): void {
    const fresh = !this.of(thing.object).has(thing.id);
    this.of(thing.object).set(thing.id, thing);
    if (thing.object === "invoice") {
      if (thing.status === "draft" || thing.status === "open") this.liveInvoices.add(thing);
      else this.liveInvoices.delete(thing);
    }
    if (fresh && "customer" in thing && typeof thing.customer === "string") {
      const list = this.#byCustomer.get(thing.customer);
      if (list) list.push(thing);
      else this.#byCustomer.set(thing.customer, [thing]);
    }
  }

  of<K extends Kind>(kind: K): Map<string, Of<K>> {
    return this.#kinds.get(kind) as Map<string, Of<K>>;
  }

  /** Everything of a kind that names this customer, oldest first. */
  ofCustomer<K extends Kind>(kind: K, customer: string): Of<K>[] {
    return (this.#byCustomer.get(customer) ?? []).filter((thing): thing is Of<K> => thing.object === kind);
  }

  get<K extends Kind>(kind: K, id: string, param?: string): Of<K> {
    const found = this.of(kind).get(id);
    if (!found) throw missing(kind, id, param);
    return found;
  }

  /** Also after a change in place. It is written with {@link flush}. */
  put<T extends Thing>(thing: T): T {
    this.#keep(thing);
    this.#dirty.add(thing);
    return thing;
  }

  /** It is there no more; gone for good with {@link flush}. */
  remove(thing: Thing): void {
    this.of(thing.object).delete(thing.id);
    if ("customer" in thing && typeof thing.customer === "string") this.#byCustomer.set(thing.customer, (this.#byCustomer.get(thing.customer) ?? []).filter((one) => one !== thing));
    this.#dirty.delete(thing);
    this.#gone.add(thing.id);
  }

  flush(): void {
    if (this.#db && this.#dirty.size + this.#gone.size > 0) {
      this.#db.exec("begin");
      for (const id of this.#gone) this.#db.prepare("delete from thing where id = ?").run(id);
      for (const thing of this.#dirty) this.#write!.run(thing.id, thing.object, JSON.stringify(thing));
      this.#db.exec("commit");
    }
    this.#dirty.clear();
    this.#gone.clear();
  }

  close(): void {
    this.flush();
    this.#db?.close();
  }
}
