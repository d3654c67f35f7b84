/** Actions by what they are about: what `kind:` takes and what the facet counts. A vault's actions one by one, our records by their noun. Pure. */
import { ACTIONS } from "../protocol/messages.ts";

export type Kind = { readonly id: string; readonly label: string; readonly source: "vault" | "console"; /** Of a record. */ readonly noun: string | null; /** Of a vault. */ readonly actions: readonly string[] };

const vault: Readonly<Record<string, { label: string; actions: readonly (typeof ACTIONS)[number][] }>> = {
  read: { label: "Entry opened", actions: ["entry.read"] },
  code: { label: "One-time code", actions: ["totp.read"] },
  search: { label: "List or search", actions: ["entries.list", "entries.search"] },
  granted: { label: "Token given", actions: ["agent.create"] },
  changed: { label: "Token changed", actions: ["agent.update", "agent.token"] },
  removed: { label: "Token removed", actions: ["agent.delete", "agent.expire"] },
  locked: { label: "Token locked or unlocked", actions: ["agent.lock", "agent.unlock"] },
  entry: { label: "Entry changed", actions: ["entry.create", "entry.update", "entry.delete"] },
  key: { label: "Key enrolled or removed", actions: ["credential.create", "credential.delete", "counter_regressed"] },
  refused: { label: "Change refused", actions: ["change.refused"] },
  calls: { label: "Calls in an hour", actions: ["calls.marked"] },
  vault: { label: "Vault made, restored, connected", actions: ["vault.created", "vault.restored", "connect"] },
};

/** Words for the nouns of our own records; a noun without a line here is shown as it is written. */
const nouns: Readonly<Record<string, string>> = {
  ticket: "Signing window", signing_key: "Signing key", signing_policy: "Signing rule", inbox_key: "Inbox key", inbox_keys: "Endorsement", client: "Client", clients: "Confirmation", connect: "Connecting", import: "Sheet of clients", mail: "Mail",
  organisation: "Organisation", person: "Member", invitation: "Invitation", passkey: "Sign-in key", session: "Session", recovery: "Way back", demo: "Demo", plan: "Plan", challenges: "Challenges", dispatch: "Delivery", glass: "Client’s own page", checkpoint_key: "Checkpoint key",
  vault: "Vault, as read", probe: "Blind probe", drift: "Drift", access: "Access ended", role: "Role", roles: "Order of roles", role_scope: "Role number", role_scopes: "Role numbers", technician: "Technician", pod: "Pod", pods: "Order of pods", rows: "Whose row", address: "Address", draft: "Staged", view: "View", rule: "Rule",
  audit: "Audit", audit_view: "View of the audit", export: "Export", revocation: "Revocation", token: "Token", lease: "Lease",
};
/** The noun of a record's action: "role_scope" of "role_scope.set". */
export const nounOf = (action: string): string => action.slice(0, Math.max(0, action.indexOf(".")));
const ourId = (noun: string): string => `our-${noun.replaceAll("_", "-")}`;
const ours = (noun: string): Kind => ({ id: ourId(noun), label: nouns[noun] ?? noun.replaceAll("_", " "), source: "console", noun, actions: [] });

/** All kinds that have a name; ids are unique, and those of records begin with "our-". */
export const kinds: readonly Kind[] = [...Object.entries(vault).map(([id, { label, actions }]): Kind => ({ id, label, source: "vault", noun: null, actions })), ...Object.keys(nouns).map(ours)];
const byId = new Map(kinds.map((kind) => [kind.id, kind]));
const byAction = new Map(kinds.flatMap((kind) => kind.actions.map((action) => [action, kind] as const)));

/** A kind by its id; one of a noun that has no words yet is a kind as well. */
export const kindOf = (id: string): Kind | undefined => byId.get(id) ?? (/^our-[a-z]+(-[a-z]+)*$/.test(id) ? ours(id.slice(4).replaceAll("-", "_")) : undefined);
/** The kind of an action as it stands in a row; undefined for one of a newer vault. */
export const kindOfAction = (source: "vault" | "console", action: string): Kind | undefined => (source === "vault" ? byAction.get(action) : kindOf(ourId(nounOf(action))));
