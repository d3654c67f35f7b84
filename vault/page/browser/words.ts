// Grants, times and refusals in plain words. Pure.
import type { AuditEvent, Grant } from "#lib/protocol/messages.ts";

const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;

function plural(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? "" : "s"}`;
}

/** Seconds as a person says them, in the largest unit that fits exactly. */
export function duration(seconds: number): string {
  if (seconds === 0) return "no time";
  for (const [unit, one] of [[DAY, "day"], [HOUR, "hour"], [MINUTE, "minute"]] as const) if (seconds % unit === 0) return plural(seconds / unit, one);
  return plural(seconds, "second");
}

/** What a grant allows, one sentence each, the most far-reaching first. */
export function grantSentences(grant: Grant): string[] {
  const access = {
    never: "They can never give anyone access to everything.",
    leased: `They can give people access to everything, but only for a limited time${grant.max_lease === null ? "" : ` of at most ${duration(grant.max_lease)}`}.`,
    yes: "They can give people access to everything, without a time limit.",
  }[grant.all_access];
  const scopes =
    grant.scopes === "any"
      ? "They can give people any role number, except the numbers of your own people and programs."
      : grant.scopes.length === 0
        ? "They can give people no role number."
        : `They can give people the role ${grant.scopes.length === 1 ? "number" : "numbers"} ${grant.scopes.join(", ")} and no other.`;
  return [
    access,
    scopes,
    grant.max_agents === 1 ? "They can look after one person or program." : `They can look after at most ${grant.max_agents} people and programs.`,
    grant.entries ? "They can create, change and delete entries." : "They cannot change any entry.",
    grant.cosign === 2 ? "Two different people of theirs must sign every change." : "One person of theirs signs each change.",
    grant.signer_delay === 0 ? "A new security key of theirs counts at once." : `A new security key of theirs counts only after ${duration(grant.signer_delay)}.`,
    grant.audit === "all" ? "They can read your whole log." : "They can read only the parts of your log that concern them.",
    "They themselves can read no entry.",
  ];
}

const REFUSALS: Readonly<Record<string, string>> = {
  unknown_token: "You were signed out. Sign in again.",
  challenge_expired: "That took longer than a minute. Try again and tap right away.",
  challenge_unknown: "That tap cannot be used any more. Try again.",
  credential_unknown: "This security key does not belong to an owner of this vault.",
  credential_revoked: "This security key was removed from the vault.",
  credential_exists: "One of their security keys was used in this vault before. They must send a new request with other keys.",
  request_expired: "This request has expired. Ask for a new one.",
  nonce_used: "This request was used before. Ask for a new one.",
  wrong_origin: "An address in this request does not fit. Do not go on; ask your provider.",
  proof_invalid: "A security key in this request was not proven. Do not go on; ask your provider.",
  assertion_invalid: "A signature was not right. Try again; if it stays, ask your provider.",
  not_granted: "Something here lies outside what was asked for.",
  stale: "Something changed meanwhile. Load the page again.",
  scope_collision: "A role number is the number of someone in this vault. Choose another.",
  limit_reached: "Your plan has no room for this. Free a place or move to a larger plan.",
  last_owner: "The vault must keep an owner with a working security key.",
  slow_down: "Too many tries. Wait a minute.",
};

/** A refusal of the vault in a sentence for its owner. */
export function refusal(code: string): string {
  return REFUSALS[code] ?? `The vault refused this (${code}).`;
}

const ACTIONS: Partial<Record<AuditEvent["action"], string>> = {
  "agent.create": "gave someone access",
  "agent.update": "changed someone's access",
  "agent.delete": "ended someone's access",
  "agent.token": "renewed a token",
  "agent.expire": "an access ended by itself",
  "agent.lock": "was locked after reading too much",
  "agent.unlock": "was unlocked",
  "entry.read": "read an entry",
  "totp.read": "read a one-time code",
  "entries.list": "listed entries",
  "entries.search": "searched entries",
  "entry.create": "created an entry",
  "entry.update": "changed an entry",
  "entry.delete": "deleted an entry",
  "credential.create": "added a security key",
  "credential.delete": "removed a security key",
  connect: "connected a provider",
  "change.refused": "tried a change that was refused",
  "calls.marked": "looked at names and numbers",
  counter_regressed: "used a security key whose counter went back",
};

/** One event of the log as a sentence; `name` is the actor as the log names it. */
export function eventSentence(event: AuditEvent): string {
  const who = event.detail?.name ?? (event.actor.agent_id === null ? event.actor.kind : `number ${event.actor.agent_id}`);
  const did = ACTIONS[event.action] ?? event.action;
  const how = event.outcome === "denied" ? " (denied)" : event.outcome === "failure" ? " (failed)" : "";
  return `${who}: ${did}${how}`;
}

export function moment(seconds: number): string {
  return new Date(seconds * 1000).toLocaleString();
}
