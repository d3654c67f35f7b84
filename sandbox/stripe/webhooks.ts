/**
 * Webhooks as Stripe sends them: signed, tried again with longer and longer pauses for three days, in no promised order and
 * sometimes twice. On demand they are held, shuffled and doubled.
 */
import { createHmac } from "node:crypto";
import type { StripeEvent } from "./objects.ts";
import { shown } from "./world.ts";

export const pausesMs = [200, 1_000, 5_000, 30_000, 300_000, 3_600_000, 3 * 3_600_000];
const keptMs = 3 * 86_400_000;

/** `t=..,v1=..`: HMAC-SHA256 of "time.body" under the endpoint's secret (Stripe, Verify webhook signatures manually). */
export const signatureOf = (body: string, secret: string, at: number): string => `t=${at},v1=${createHmac("sha256", secret).update(`${at}.${body}`).digest("hex")}`;

type Endpoint = { url: string; secret: string };
export type Delivered = { event: string; type: string; status: number | null };

export class Webhooks {
  readonly #endpoint: Endpoint | undefined;
  readonly #onDone: (event: StripeEvent) => void;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #underway = new Set<Promise<void>>();
  #held: StripeEvent[] | undefined;
  /** Everything that was sent, for whoever tests. */
  readonly delivered: Delivered[] = [];
  /** Sends every event so many times. */
  copies = 1;

  constructor(endpoint: Endpoint | undefined, onDone: (event: StripeEvent) => void) {
    this.#endpoint = endpoint;
    this.#onDone = onDone;
  }

  send(event: StripeEvent): void {
    if (!this.#endpoint) return;
    if (this.#held) {
      this.#held.push(event);
      return;
    }
    for (let copy = 0; copy < this.copies; copy += 1) this.#start(event, 0, Date.now());
  }

  /** Nothing leaves until release. */
  hold(): void {
    this.#held ??= [];
  }

  release(order: "as it happened" | "reversed" | "shuffled" = "as it happened"): number {
    const held = this.#held ?? [];
    this.#held = undefined;
    const ordered = order === "reversed" ? held.toReversed() : order === "shuffled" ? held.map((event) => [Math.random(), event] as const).toSorted(([a], [b]) => a - b).map(([, event]) => event) : held;
    for (const event of ordered) this.send(event);
    return held.length;
  }

  #start(event: StripeEvent, attempt: number, since: number): void {
    const going = this.#try(event, attempt, since).finally(() => this.#underway.delete(going));
    this.#underway.add(going);
  }

  async #try(event: StripeEvent, attempt: number, since: number): Promise<void> {
    const { url, secret } = this.#endpoint!;
    const body = JSON.stringify(shown(event));
    let status: number | null = null;
    try {
      const response = await fetch(url, { method: "POST", headers: { "content-type": "application/json; charset=utf-8", "stripe-signature": signatureOf(body, secret, Math.floor(Date.now() / 1_000)), "user-agent": "Stripe/1.0 (sandbox)" }, body, signal: AbortSignal.timeout(20_000), redirect: "manual" });
      status = response.status;
      await response.arrayBuffer();
    } catch {
      // nobody answered: tried again below
    }
    this.delivered.push({ event: event.id, type: event.type, status });
    if (this.delivered.length > 10_000) this.delivered.splice(0, 5_000);
    if (status !== null && status >= 200 && status < 300) {
      this.#onDone(event);
      return;
    }
    if (Date.now() - since > keptMs) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#start(event, attempt + 1, since);
    }, pausesMs[Math.min(attempt, pausesMs.length - 1)]);
    this.#timers.add(timer);
  }

  /** When everything that was sent has been answered once, or is waiting to be tried again. */
  async settled(): Promise<void> {
    while (this.#underway.size > 0) await Promise.all(this.#underway);
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}
