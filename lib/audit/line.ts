/** One line of the one table over all clients: an event of a vault's log, or a record of ours. Times in epoch milliseconds. Pure. */
import type { ActorKind, Outcome, Stream } from "../protocol/messages.ts";
import { plain, tellEvent, tellRecord, type Part } from "./sentence.ts";

export type Source = "vault" | "console";
export type AuditLine = {
  /** Names the line in addresses: the same for ever. */
  readonly id: string;
  readonly source: Source;
  /** When it happened, by the clock of whoever wrote it. */
  readonly at: number;
  /** When it came here; the order of the table. */
  readonly receivedAt: number;
  readonly client: { readonly id: string; readonly name: string } | null;
  readonly vaultRef: string | null;
  readonly actor: { readonly kind: ActorKind | "person" | "operator" | "worker"; readonly agentId: number | null; readonly name: string | null; /** Of a member here. */ readonly personId: string | null };
  readonly action: string;
  readonly outcome: Outcome;
  readonly target: { readonly kind: string; readonly id: string; readonly name: string | null } | null;
  readonly reason: string | null;
  readonly ip: string | null;
  readonly meta: Readonly<Record<string, unknown>>;
  /** Where it stands on its chain. `stream`: of a vault's event. `seq` of a record: null until it is chained. */
  readonly place: { readonly stream: Stream | "console"; readonly epoch: number; readonly seq: number | null; readonly hash: string | null };
  /** False: the vault showed us that it happened and not what (a manager with `audit: "own"`). */
  readonly told: boolean;
  readonly planId: string | null;
};

export const partsOf = (line: AuditLine): Part[] => (line.source === "console" ? tellRecord(line) : tellEvent(line));
export const sentenceOf = (line: AuditLine): string => plain(partsOf(line));
