/** A plan as plain text for a ticket: what it was, who signed, under which digest, and what became of each vault. Pure. */
import type { PlanShare, PlanView } from "./show.ts";

type Given = Pick<PlanView, "id" | "title" | "sentence" | "reason" | "ticket" | "groups" | "state" | "madeBy" | "counts" | "approvals" | "shares" | "leftOut">;

const STATE: Readonly<Record<PlanView["state"], string>> = { ready: "waits for a tap", running: "running", done: "done, every vault proven", partly: "partly done", over: "expired", withdrawn: "withdrawn" };
const at = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19).replace("T", " ")} UTC`;
const line = (text: string): string => text.replaceAll(/\s+/gu, " ").trim();
const counted = (count: number, one: string, many: string): string[] => (count === 0 ? [] : [`${count} ${count === 1 ? one : many}`]);
const shareLine = ({ client, words, receiptId }: PlanShare): string => `- ${line(client)}: ${line(words)}${receiptId === null ? "" : `, receipt ${receiptId}`}`;

/** @param origin of the console, without a slash at its end; @param now when it was copied, ms: what is running then goes on */
export function ticketText(plan: Given, origin: string, now: number): string {
  const { counts } = plan;
  const changes = [
    ...counted(counts.grant, "grant", "grants"), ...counted(counts.revoke, "revoke", "revokes"), ...counted(counts.alter + counts.reissue, "change", "changes"), ...counted(counts.leave, "connection ends", "connections end"),
    ...counted(counts.enrol, "signer enrolled", "signers enrolled"), ...counted(counts.strike, "signer struck", "signers struck"), ...counted(counts.renew, "token renewed", "tokens renewed"),
  ];
  const proven = plan.shares.filter(({ state }) => state === "proven").length;
  return [
    line(plan.title), `${origin}/plans/${plan.id}`, "",
    line(plan.sentence),
    `Changes: ${[...changes, ...counted(counts.vaults, "vault", "vaults")].join(", ")}`,
    `State at ${at(now)}: ${STATE[plan.state]}; ${proven} of ${plan.shares.length} proven`,
    ...(plan.reason ? [`Reason: ${line(plan.reason)}`] : []), ...(plan.ticket ? [`Ticket: ${line(plan.ticket)}`] : []),
    `Made by ${line(plan.madeBy)}`, ...plan.approvals.map(({ by, key, at: signed }) => `Signed by ${line(by)} with the key “${line(key)}”, ${at(signed)}`),
    `Digest: ${plan.groups.join(" ")}`, "",
    "Vaults:", ...plan.shares.toSorted((a, b) => a.client.localeCompare(b.client) || a.place - b.place).map(shareLine),
    ...(plan.leftOut.length === 0 ? [] : ["Left out:", ...plan.leftOut.map(({ name, findings }) => `- ${line(name)}: ${findings.filter(({ weight }) => weight === "blocks").map(({ words }) => line(words)).join(" ")}`)]),
  ].join("\n") + "\n";
}
