// The made-up vaults whose logs bench/audit.ts pulls, in a worker of their own. Worker data: {count, events}: vaults, and events of each.
// All tell the same events, which are chained once; heads are each vault's own.
import { parentPort, workerData } from "node:worker_threads";
import { headMessage } from "../lib/protocol/audit.ts";
import type { AuditEvent } from "../lib/protocol/messages.ts";
import { signedMessage } from "../lib/protocol/signed.ts";
import { eventAfter } from "../lib/audit/testing/telling.ts";
import { openSignedVaults, type SignedVaults } from "../lib/vault/testing/signed-vaults.ts";

const PAGE = 1_000;
const { count, events: length } = workerData as { count: number; events: number };
const from = Date.now() - length * 1_000;
const events: AuditEvent[] = [];
for (let i = 0; i < length; i++) events.push(eventAfter(events.at(-1) ?? null, { at: from + i * 1_000, actor: { agent_id: 10 + (i % 12) }, action: i % 9 === 0 ? "totp.read" : "entry.read", outcome: i % 50 === 0 ? "denied" : "success" }));
const pages = Array.from({ length: Math.ceil(length / PAGE) }, (_, i) => JSON.stringify(events.slice(i * PAGE, (i + 1) * PAGE)));
const last = events.at(-1)!;
let vaults: SignedVaults;
// eslint-disable-next-line prefer-const -- each answer needs the keys that are made with it
vaults = await openSignedVaults(count, {
  say: (vault, path) => {
    if (!path.startsWith("/audit")) return undefined;
    const query = new URL(path, "http://x").searchParams;
    if (query.get("stream") === "backup") return { body: '{"events":[],"head":null,"first_seq":1,"more":false}' };
    const after = Number(query.get("after"));
    const page = after % PAGE === 0 ? (pages[after / PAGE] ?? "[]") : JSON.stringify(events.slice(after, after + PAGE));
    const stated = { stream: "primary" as const, epoch: last.epoch, seq: last.seq, hash: last.hash, at: Date.now() };
    const signature = vaults.sign(vault, signedMessage("head", headMessage(stated, `v${vault}`)));
    return { body: `{"events":${page},"head":${JSON.stringify({ ...stated, signature })},"first_seq":1,"more":${after + PAGE < length}}` };
  },
});
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker's port has no origin
parentPort!.postMessage({ port: vaults.port, accounts: vaults.accounts });
