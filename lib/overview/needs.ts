/**
 * What needs a person now, out of facts that were read: sorted by harm, then by age (UX, Overview). Pure: load.ts reads the facts,
 * the page draws the list. Nothing is listed for what is in order: a calm day is an empty list.
 */
import { endingLead, fullLead, type Holds } from "./leads.ts";
import { named } from "../role/named.ts";

export { named };
export type Estate = {
  vaultRef: string; clientId: string; client: string; plan: string;
  state: "asking" | "unconfirmed" | "connected" | "stopped" | "ended"; endedBy: string | null; since: Date;
  health: string | null; healthSince: Date | null; words: string | null;
  tokensUsed: number | null; tokensLimit: number | null;
  probe: string | null; unprovenSince: Date | null; drifts: number; driftSince: Date | null; /** Whether a subscription of ours pays for it. */ billed: boolean;
};
export type Rest = { inboxKeysWaiting: number; signingKeys: number; endingSoon: number; now: Date; /** What this person may do: a need leads to where they can answer it. */ may: Holds };

export type Need = {
  kind: string; count: number; /** After the number: "clients were changed by their own admins". */ what: string;
  sentence: string; since: Date | null; href: string; deed: string; state: "refused" | "attention" | "moving" | "staged" | "none";
  /** The day that `since` is, where the day says more than a distance. */ on?: string;
};

/** Until silence about our blindness is an alarm (PROTOCOL 11). */
const UNPROVEN_ALARM_MS = 3 * 3_600_000;
/** How long the end of a connection by its client is news. */
const ENDED_NEWS_MS = 7 * 86_400_000;

const plural = (count: number, one: string, many: string) => (count === 1 ? one : many);

const oldest = (dates: readonly (Date | null)[]): Date | null => dates.reduce<Date | null>((first, date) => (date !== null && (first === null || date < first) ? date : first), null);
const onlyOne = (rows: readonly Estate[], otherwise: string) => (rows.length === 1 ? `/clients/${rows[0]!.clientId}` : otherwise);

type Draft = Omit<Need, "count" | "since" | "href" | "what"> & { what: readonly [one: string, many: string]; since: (row: Estate) => Date | null; href: string };

function need(rows: readonly Estate[], { what, since, href, ...rest }: Draft): Need[] {
  if (rows.length === 0) return [];
  return [{ ...rest, count: rows.length, what: plural(rows.length, ...what), since: oldest(rows.map(since)), href: onlyOne(rows, href) }];
}

/** Sorted by harm as written here, each kind once. */
export function needsOf(estate: readonly Estate[], { inboxKeysWaiting, signingKeys, endingSoon, now, may }: Rest): Need[] {
  const live = estate.filter(({ state }) => state === "connected" || state === "unconfirmed");
  const names = (rows: readonly Estate[]) => named([...new Set(rows.map(({ client }) => client))]);
  const of = (rows: readonly Estate[], words: string) => `${names(rows)}: ${words}`;
  const sees = live.filter(({ probe }) => probe === "not_blind");
  const lies = estate.filter(({ state, health }) => state === "stopped" || (health === "lying" && state !== "ended"));
  const lapsed = live.filter(({ health }) => health === "lapsed");
  const unproven = live.filter(({ unprovenSince }) => unprovenSince !== null && now.getTime() - unprovenSince.getTime() >= UNPROVEN_ALARM_MS);
  const ended = estate.filter(({ state, endedBy, since }) => state === "ended" && endedBy === "client" && now.getTime() - since.getTime() < ENDED_NEWS_MS);
  const unconfirmed = estate.filter(({ state }) => state === "unconfirmed");
  const drifted = live.filter(({ drifts }) => drifts > 0);
  const stuck = live.filter(({ health }) => health === "failover" || health === "silent");
  const full = live.filter(({ tokensUsed, tokensLimit }) => tokensUsed !== null && tokensLimit !== null && tokensUsed >= tokensLimit);
  const asked = estate.filter(({ state }) => state === "asking");
  const health = (row: Estate) => row.healthSince;
  const list: Need[] = [
    ...need(sees, { kind: "not_blind", state: "refused", what: ["vault lets our own token read", "vaults let our own tokens read"], sentence: of(sees, "what should be blind is not. Renew the token and call the client."), since: health, href: "/clients?state=not-blind", deed: "Look" }),
    ...need(lies, { kind: "lying", state: "refused", what: ["vault says what cannot be so", "vaults say what cannot be so"], sentence: of(lies, "all work there has stopped."), since: health, href: "/clients?health=lying", deed: "Look" }),
    ...need(lapsed, { kind: "lapsed", state: "refused", what: ["subscription has lapsed", "subscriptions have lapsed"], sentence: of(lapsed, "the vault answers 402. Its data is intact until the deletion date."), since: health, href: "/clients?health=lapsed", deed: "Look" }),
    ...need(unproven, { kind: "unproven", state: "attention", what: ["vault did not prove that we are blind", "vaults did not prove that we are blind"], sentence: of(unproven, "no proof for three hours or more."), since: (row) => row.unprovenSince, href: "/clients?probe=unproven", deed: "Look" }),
    ...need(ended, { kind: "ended", state: "attention", what: ["client ended the connection", "clients ended the connection"], sentence: of(ended, "our row there is gone, and with it every token of ours."), since: (row) => row.since, href: "/clients?state=ended", deed: "Look" }),
    ...need(unconfirmed, { kind: "unconfirmed", state: "staged", what: ["client waits for the second code", "clients wait for the second code"], sentence: of(unconfirmed, "compare it by voice, then one tap for all."), since: (row) => row.since, href: "/clients/confirm", deed: "Compare" }).map((one) => ({ ...one, href: "/clients/confirm" })),
    ...need(drifted, { kind: "drift", state: "attention", what: ["client was changed by its own admin", "clients were changed by their own admins"], sentence: of(drifted, "known differs from what we want."), since: (row) => row.driftSince, href: "/clients?drift=open", deed: "Look" }),
    ...need(stuck, { kind: "stuck", state: "moving", what: ["vault cannot take changes now", "vaults cannot take changes now"], sentence: stuckWords(stuck), since: health, href: "/clients?health=stuck", deed: "See them" }),
    ...need(full, { kind: "full", state: "attention", what: ["client has no free token", "clients have no free token"], sentence: named(full.map((row) => `${row.client} ${row.tokensUsed} of ${row.tokensLimit}`)), since: () => null, ...fullLead(full, may) }).map((one) => ({ ...one, ...fullLead(full, may) })),
    ...need(asked, { kind: "asked", state: "moving", what: ["client was asked to connect", "clients were asked to connect"], sentence: of(asked, "one tap of their admin is missing."), since: (row) => row.since, href: "/clients?state=asking", deed: "Look" }),
  ];
  if (signingKeys < 2) {
    list.push({ kind: "signers", count: signingKeys, what: plural(signingKeys, "signing key is enrolled", "signing keys are enrolled"), sentence: "Lose the only one, and nobody can approve until every client connects anew. Two on different devices are asked for.", since: null, href: "/settings/signing-keys", deed: "Enrol another", state: "attention" });
  }
  if (inboxKeysWaiting > 0) {
    list.push({ kind: "inbox", count: inboxKeysWaiting, what: plural(inboxKeysWaiting, "inbox key waits for an endorsement", "inbox keys wait for an endorsement"), sentence: "Until then nobody can be given a new token.", since: null, href: "/settings/endorse", deed: "Endorse", state: "staged" });
  }
  if (endingSoon > 0) {
    list.push({ kind: "ending", count: endingSoon, what: plural(endingSoon, "grant ends within a week", "grants end within a week"), sentence: "The vaults remove these rows by themselves.", since: null, ...endingLead(may), state: "none" });
  }
  return list;
}

function stuckWords(rows: readonly Estate[]): string {
  const failover = rows.filter(({ health }) => health === "failover").map(({ client }) => client);
  const silent = rows.filter(({ health }) => health === "silent").map(({ client }) => client);
  return [
    failover.length > 0 && `${named(failover)} ${plural(failover.length, "is", "are")} in failover: reads on, writes paused.`,
    silent.length > 0 && `${named(silent)} ${plural(silent.length, "does", "do")} not answer.`,
  ].filter(Boolean).join(" ");
}

/** From the most harmful on; a deletion clock stands with the other things that are lost for good. */
const HARM = ["not_blind", "lying", "glass_alarm", "strange_seal", "tampering", "revokes", "clock", "clocks", "lapsed", "alarms", "glass_open", "unfinished", "plans", "requests", "unproven", "own_tokens", "own_key", "ended", "unconfirmed", "drift", "stuck", "full", "refused", "glass_rotate", "slots_over", "asked", "signers", "inbox", "own_endorsement", "own_ending", "renewals", "token_renewals", "ending"];
const harm = ({ kind, state }: Need) => {
  const at = HARM.indexOf(kind.split(" ")[0]!);
  // A clock that somebody wished for is announced, not sounded.
  return kind.startsWith("clock ") && state === "none" ? HARM.indexOf("renewals") : at === -1 ? HARM.length : at;
};

/** Of equal harm, what runs out or began first. */
export const byHarm = (needs: readonly Need[]): Need[] => needs.toSorted((a, b) => harm(a) - harm(b) || (a.since?.getTime() ?? Infinity) - (b.since?.getTime() ?? Infinity));

/** The page's one big sentence. */
export function headline(count: number): string {
  const words = ["Nothing needs you", "One thing needs you", "Two things need you", "Three things need you", "Four things need you", "Five things need you", "Six things need you", "Seven things need you", "Eight things need you", "Nine things need you"];
  return words[count] ?? `${count} things need you`;
}
