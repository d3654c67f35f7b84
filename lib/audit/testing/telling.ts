/** A vault's log that can tell anything: honest by itself, then told to lie, and always properly signed. */
import { CHAIN_START, detailHash, eventHash, headMessage } from "../../protocol/audit.ts";
import { b64u, randomBytes } from "../../protocol/bytes.ts";
import type { AuditBody, AuditDetail, AuditEvent, Head, Stream } from "../../protocol/messages.ts";
import { signedMessage } from "../../protocol/signed.ts";
import type { Say, SignedVaults } from "../../vault/testing/signed-vaults.ts";

type Made = Partial<Pick<AuditBody, "at" | "action" | "outcome">> & { actor?: Partial<AuditBody["actor"]>; detail?: Partial<AuditDetail> };

/** The next event of a chain. */
export function eventAfter(before: Pick<AuditEvent, "epoch" | "seq" | "hash"> | null, { at = Date.now(), action = "entry.read", outcome = "success", actor, detail }: Made = {}, epoch = before?.epoch ?? 1, stream: Stream = "primary"): AuditEvent {
  const whole: AuditDetail = { salt: b64u(randomBytes(16)), name: "Tess Okafor", target: { kind: "entry", id: b64u(randomBytes(16)) }, reason: null, ip: "192.0.2.7", meta: {}, ...detail };
  const body: AuditBody = {
    seq: (before?.seq ?? 0) + 1, at, stream, epoch, actor: { kind: "human", agent_id: 10, ...actor }, action, outcome, detail_hash: b64u(detailHash(whole)), prev: before !== null && before.epoch === epoch ? before.hash : CHAIN_START,
  };
  return { ...body, hash: b64u(eventHash(body)), detail: whole };
}

export class Telling {
  events: AuditEvent[] = [];
  firstSeq = 1;
  /** Instead of the last event: what the head says. */
  head: Partial<Head> | null | undefined;
  at: (() => number) | undefined;
  /** Instead of an answer. */
  instead: ((path: string) => ReturnType<Say>) | undefined;
  asked = 0;

  add(count: number, made: Made | ((i: number) => Made) = {}, epoch?: number): this {
    for (let i = 0; i < count; i++) this.events.push(eventAfter(this.events.at(-1) ?? null, typeof made === "function" ? made(i) : made, epoch));
    return this;
  }

  /** Everything from a number on anew: another history, chained anew. */
  retell(from: number, count: number, made: Made = {}): this {
    this.events = this.events.filter(({ seq }) => seq < from);
    return this.add(count, made);
  }

  say(vaults: () => SignedVaults, index: number): Say {
    return (vault, path) => {
      if (vault !== index || !path.startsWith("/audit")) return undefined;
      this.asked += 1;
      const other = this.instead?.(path);
      if (other !== undefined) return other;
      const query = new URL(path, "http://x").searchParams;
      const [after, limit] = [Number(query.get("after")), Number(query.get("limit"))];
      const at = this.at?.() ?? Date.now();
      if (query.get("stream") === "backup") return { body: { events: [], head: null, first_seq: 1, more: false }, at };
      const rest = this.events.filter(({ seq }) => seq > after);
      const last = this.events.at(-1);
      const stated = this.head === null || last === undefined ? null : { stream: "primary" as const, epoch: last.epoch, seq: last.seq, hash: last.hash, at, ...this.head };
      const head = stated === null ? null : { signature: vaults().sign(index, signedMessage("head", headMessage(stated, `v${index}`))), ...stated };
      return { body: { events: rest.slice(0, limit), head, first_seq: this.firstSeq, more: rest.length > limit }, at };
    };
  }
}
