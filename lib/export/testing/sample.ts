/** Exports for tests: events as vaults tell them, ugly ones among them, with a key of the test's own. */
import { generateKeyPairSync, sign } from "node:crypto";
import type { CheckpointKey } from "../../glass/checkpoint-key.ts";
import { CHAIN_START, detailHash, eventHash } from "../../protocol/audit.ts";
import { b64u } from "../../protocol/bytes.ts";
import { ACTIONS, type AuditBody, type AuditEvent } from "../../protocol/messages.ts";
import { tellEvent } from "../../audit/sentence.ts";
import { Chain, type Format } from "../chain.ts";
import { formatters, type ExportLine, type Manifest } from "../format.ts";
import { sealOf } from "../sign.ts";

export function testKey(): CheckpointKey {
  const { privateKey } = generateKeyPairSync("ed25519");
  const { x } = privateKey.export({ format: "jwk" }) as { x: string };
  return { publicKey: x, sign: (message) => b64u(new Uint8Array(sign(null, message, privateKey))) };
}

/** Names that break things: formulas, right-to-left, markup, line ends, control characters, quotes. */
export const uglyNames = ["Priya Raman", "=HYPERLINK(\"http://evil.example\")", "+1+1", "@SUM(A1)", "-2", "نور الحسيني", "<img src=x onerror=alert(1)>", "a\r\nb", "tab\tand \u0007bell", "\u202eevil", 'say "hi", twice', "'quoted", "\uff1dfull width", "Château Vermeil Hôtels", "", "x".repeat(120)];

export function sampleEvent(index: number, prev: string): AuditEvent {
  const detail = { salt: b64u(new Uint8Array(16).fill(index % 251)), name: uglyNames[index % uglyNames.length]!, target: { kind: "entry" as const, id: `uid-${index}` }, reason: null, ip: "203.0.113.41", meta: { entry: index } };
  const body: AuditBody = { seq: index + 1, at: 1_800_000_000_000 + index * 1_000, stream: "primary", epoch: 1, actor: { kind: "human", agent_id: 7 }, action: ACTIONS[index % ACTIONS.length]!, outcome: "success", detail_hash: b64u(detailHash(detail)), prev };
  return { ...body, hash: b64u(eventHash(body)), detail };
}

export function sampleLines(count: number): ExportLine[] {
  const lines: ExportLine[] = [];
  let prev = CHAIN_START;
  for (let index = 0; index < count; index += 1) {
    const raw = sampleEvent(index, prev);
    prev = raw.hash;
    const line = {
      id: `v-${index}`, source: "vault" as const, skewed: false, fault: null, at: raw.at, receivedAt: raw.at + 5, client: { id: "c-1", name: uglyNames[(index + 3) % uglyNames.length]! }, vaultRef: "0197e0c4-0000-7000-8000-000000000001", actor: { kind: "human" as const, agentId: 7, name: raw.detail!.name, personId: null },
      action: raw.action, outcome: raw.outcome, target: { kind: "entry", id: `uid-${index}`, name: null }, reason: null, ip: raw.detail!.ip, meta: raw.detail!.meta, place: { stream: "primary" as const, epoch: 1, branch: 0, seq: raw.seq, hash: raw.hash }, told: true, planId: null, raw,
    };
    lines.push({ ...line, parts: tellEvent(line) });
  }
  return lines;
}

export const sampleManifest = (format: Format): Manifest => ({ v: 1, export: "0197e0c4-7a11-7000-8000-000000000009", format, at: 1_800_000_000_000, msp: { id: "m", name: "Quillmoor IT", origin: "https://console.example.com" }, by: "Ines Halloran", query: "", since: null, until: 1_800_000_000_000, vaults: [], left_out: [{ client: "Elmstead Housing", plan: "team-25", why: "needs MME" }] });

export function sampleExport(format: Format, count: number, key: CheckpointKey): Buffer {
  const chain = new Chain(sampleManifest(format).export, format);
  const write = formatters[format];
  const parts = [write.head, chain.add(write.manifest(chain.next, sampleManifest(format)))];
  for (const line of sampleLines(count)) parts.push(chain.add(write.event(chain.next, line)));
  const seal = sealOf(chain, format, key, { at: 1_800_000_000_500, origin: "https://console.example.com" });
  parts.push(chain.add(write.seal(chain.next, seal)));
  return Buffer.from(parts.join(""));
}
