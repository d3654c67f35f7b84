/**
 * What happened, as a sentence: one typed table over the actions of a vault's log (PROTOCOL 9), beside the table of our own records
 * (lib/record/action.ts). All strings come from vaults and are data: they are parts of a sentence, never markup. Pure, for the
 * browser and exports too.
 */
import type { Action, ActorKind, Outcome } from "../protocol/messages.ts";
import { sentence as recordSentence } from "../record/action.ts";

/** `name`: somebody or something by name; `quote`: an id or a code, as it is; `text`: our own words. */
export type Part = { readonly as: "name" | "quote" | "text"; readonly of: string };

export type Told = {
  readonly action: string;
  readonly outcome: Outcome;
  readonly actor: { readonly kind: ActorKind | "person" | "operator" | "worker"; readonly agentId: number | null; /** null: not told. */ readonly name: string | null };
  /** `name`: of a row that we know by its uid. */
  readonly target: { readonly kind: string; readonly id: string; readonly name: string | null } | null;
  readonly reason: string | null;
  /** Of an event: `meta`; of a record: its fields. */
  readonly meta: Readonly<Record<string, unknown>>;
};

const text = (of: string): Part => ({ as: "text", of });
const name = (of: string): Part => ({ as: "name", of });
const quote = (of: string): Part => ({ as: "quote", of });

/** The beginning of a uid: enough to tell two apart on a page. */
export const shortId = (id: string): string => (id.length > 10 ? `${id.slice(0, 8)}…` : id);

const nobody: Readonly<Record<Told["actor"]["kind"], string>> = { human: "A person", extension: "A browser extension", agent: "A program", system: "The vault", anonymous: "Somebody without a known token", person: "A person", operator: "The operator", worker: "The plane" };

/** Who did it. A masked event names the row by its number only. */
export function actorPart({ kind, agentId, name: given }: Told["actor"]): Part {
  if (kind === "system" || kind === "anonymous" || kind === "worker") return name(nobody[kind]);
  return name(given ?? (agentId === null ? nobody[kind] : `${nobody[kind]}, row ${agentId}`));
}

const rowPart = ({ target, meta }: Told): Part => (target?.name ? name(target.name) : typeof meta.agent === "number" ? quote(`row ${meta.agent}`) : target ? quote(shortId(target.id)) : text("a row"));
const entryPart = ({ target, meta }: Told): Part => (typeof meta.entry === "number" ? quote(`entry ${meta.entry}`) : target?.kind === "entry" ? quote(`entry ${shortId(target.id)}`) : text("an entry"));
const deviceOf = ({ target }: Told): Part => (target ? quote(shortId(target.id)) : text("a device"));

/** Why a vault refused, as codes of PROTOCOL 9 and 12 in words. A code that is not here is shown as it is. */
const why: Readonly<Record<string, string>> = {
  scope: "the entry is outside what its token may open", limit: "it read more entries than its limit allows", locked: "the token is locked", expired: "the subscription lapsed", denied: "not allowed",
  unknown_token: "no such token", not_admin: "the row may change nothing", assertion_required: "there was no signature", challenge_unknown: "the challenge was not known or was used", challenge_expired: "the challenge was too old",
  proof_invalid: "the signature was not for this", credential_unknown: "the key is not known", credential_revoked: "the key was removed", wrong_origin: "the key was touched on another page", assertion_invalid: "the signature does not hold",
  user_not_verified: "the key did not check who touched it", cosign_required: "a second person has to sign", not_granted: "the client does not allow it", request_expired: "the request was too old", stale: "the row had changed meanwhile",
  limit_reached: "the plan's limit is reached", operation_replayed: "it had been sent before", last_owner: "an owner has to remain", last_signer: "a signer has to remain", scope_collision: "the number belongs to another row", token_reused: "the token had been used before",
  credential_exists: "the key was enrolled before", nonce_used: "the request was used before", no_such_agent: "there is no such row", ids_exhausted: "there are no numbers left", slow_down: "too many attempts", read_only: "the vault takes no changes now",
};
export const whyWords = (reason: string): string => why[reason] ?? reason;

/** Of agent.expire and agent.lock, which tell no refusal. */
const ended: Readonly<Record<string, string>> = { lease: "its end had come", unclaimed: "nobody used the new token in time", limit: "too many entries in a short time", backup: "as the backup had done" };
const because = (reason: string | null): Part[] => (reason === null ? [] : [text(`: ${ended[reason] ?? whyWords(reason)}`)]);
const count = (meta: Told["meta"], one: string, many: string): string => (typeof meta.count === "number" ? (meta.count === 1 ? `, 1 ${one}` : `, ${meta.count.toLocaleString("en")} ${many}`) : "");

/** What was done, after who did it. Read and change events that were refused are worded apart, in `refused`. */
const done: { readonly [A in Action]: (told: Told) => Part[] } = {
  "entry.read": (told) => [text(" opened "), entryPart(told)],
  "totp.read": (told) => [text(" took a one-time code of "), entryPart(told)],
  "entries.list": ({ meta }) => [text(` listed entries${count(meta, "shown", "shown")}`)],
  "entries.search": ({ meta }) => [text(` searched${count(meta, "found", "found")}`)],
  "agent.create": (told) => [text(" gave a token to "), rowPart(told)],
  "agent.update": (told) => [text(" changed what "), rowPart(told), text(" may open")],
  "agent.delete": (told) => (told.meta.already_gone === true ? [text(" asked to remove "), rowPart(told), text(", which was gone already")] : [text(" removed "), rowPart(told)]),
  "agent.token": (told) => [text(" renewed the token of "), rowPart(told)],
  "agent.expire": (told) => [text(" ended the token of "), rowPart(told), ...because(told.reason)],
  "agent.lock": (told) => [text(" locked the token of "), rowPart(told), ...because(told.reason)],
  "agent.unlock": (told) => [text(" unlocked the token of "), rowPart(told)],
  "entry.create": (told) => [text(" made "), entryPart(told)],
  "entry.update": (told) => [text(" changed "), entryPart(told)],
  "entry.delete": (told) => [text(" deleted "), entryPart(told)],
  "credential.create": (told) => [text(" enrolled the key "), deviceOf(told)],
  "credential.delete": (told) => [text(" removed the key "), deviceOf(told)],
  connect: ({ meta }) => [text(meta.replaces === true ? " renewed the connection to an MSP" : " connected an MSP"), text(Array.isArray(meta.adopted) && meta.adopted.length > 0 ? `, ${meta.adopted.length === 1 ? "1 row" : `${meta.adopted.length} rows`} handed over` : "")],
  "change.refused": ({ reason }) => [text(` was refused a change${reason === null ? "" : `: ${whyWords(reason)}`}`)],
  counter_regressed: () => [text(" signed with a key that counts backwards: there may be a copy of it")],
  "calls.marked": ({ outcome, reason }) => [text(outcome === "denied" ? " called the vault and was turned away" : reason === "session" ? " signed in at the vault" : " called the vault in this hour")],
  "vault.created": () => [text(" was made")],
  "vault.restored": ({ meta }) => [text(` was restored${typeof meta.epoch === "number" ? `: epoch ${meta.epoch} begins` : ""}`)],
};

/** What a refusal names, where an event that usually succeeds was refused. */
const refused: { readonly [A in Action]?: (told: Told) => Part[] } = {
  "entry.read": (told) => [text(" was refused "), entryPart(told)],
  "totp.read": (told) => [text(" was refused a one-time code of "), entryPart(told)],
  "entries.list": () => [text(" was refused the list of entries")],
  "entries.search": () => [text(" was refused a search")],
};

const isVaultAction = (action: string): action is Action => Object.hasOwn(done, action);

/** An event of a vault's log as parts, who did it first. An action of a newer vault is named as it is. */
export function tellEvent(told: Told): Part[] {
  const who = actorPart(told.actor);
  if (!isVaultAction(told.action)) return [who, text(" did "), quote(told.action)];
  if (told.outcome === "success") return [who, ...done[told.action](told)];
  const say = refused[told.action];
  if (!say) return [who, ...done[told.action](told), ...(told.action === "change.refused" || told.action === "calls.marked" ? [] : [text(told.outcome === "denied" ? ", which was refused" : ", which failed"), ...because(told.reason)])];
  return [who, ...say(told), ...(told.outcome === "failure" ? [text(", which failed")] : []), ...(told.reason === null ? [] : [text(`: ${whyWords(told.reason)}`)])];
}

/** A record of ours as parts, who did it first. */
export const tellRecord = ({ actor, action, meta }: Pick<Told, "actor" | "action" | "meta">): Part[] => [actorPart(actor), text(` ${recordSentence(action, meta)}`)];

export const plain = (parts: readonly Part[]): string => parts.map(({ of }) => of).join("");
