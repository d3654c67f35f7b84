/**
 * The closed union of what we record, and the one table that turns an entry into a sentence. An entry names the fields it
 * keeps; it never holds whole rows, texts of mails, tokens or codes (DESIGN section 5.6). Long because it is one list, read as one.
 */
type Fields = Record<string, string | number | boolean | null>;

export type RecordActions = {
  "ticket.made": { kind: string };
  "ticket.opened": { kind: string; agent: string; address: string };
  "ticket.elsewhere": { kind: string; agent: string; address: string };
  "ticket.refused": { kind: string; reason: string };
  "ticket.declined": { kind: string };
  "signing_key.enrolled": { label: string; hardware_bound: boolean };
  "signing_key.removed": { label: string; person: string };
  "signing_policy.changed": { hardware_bound: boolean };
  "signing_policy.two_changed": { full_access: boolean; whole: boolean; vaults: number | null };
  "inbox_key.stated": { fingerprint: string; key: string; under: string };
  "inbox_key.copied": { key: string };
  "inbox_key.differed": { name: string; fingerprint: string };
  "inbox_keys.endorsed": { count: number; names: string; key: string };
  "client.created": { name: string; plan: string };
  "client.given_up": { name: string };
  "connect.asked": { client: string; address: string; signers: number; replaces: boolean };
  "connect.cancelled": { client: string; address: string };
  "connect.refused": { client: string; reason: string };
  "connect.held": { client: string; reason: string };
  "connect.answered": { client: string; vault: string; people: number; roles: number; confirmed: boolean };
  "import.uploaded": { file: string; rows: number };
  "import.asked": { file: string; made: number; failed: number };
  "import.failed": { client: string; reason: string };
  "import.called": { client: string; called: boolean };
  "import.cancelled": { file: string };
  "clients.confirmed": { count: number; names: string; key: string };
  "client.differed": { client: string; vault: string };
  "mail.queued": { template: string; to: string };
  "mail.attempted": { template: string; to: string; attempts: number };
  "mail.sent": { template: string; to: string; transport: string; attempts: number };
  "mail.attempt_failed": { template: string; to: string; attempts: number; error: string };
  "mail.given_up": { template: string; to: string; attempts: number; error: string };
  "mail.retried": { template: string; to: string };
  "organisation.created": { name: string };
  "organisation.renamed": { from: string; to: string };
  "person.joined": { name: string; email: string; rights: string };
  "person.rights_changed": { name: string; from: string; to: string };
  "person.frozen": { name: string; sessions: number };
  "person.thawed": { name: string };
  "invitation.sent": { email: string; rights: string };
  "invitation.revoked": { email: string };
  "passkey.added": { label: string; backed_up: boolean };
  "passkey.renamed": { from: string; to: string };
  "passkey.removed": { label: string };
  "passkey.counter_regressed": { label: string; kept: number; shown: number };
  "session.started": { key: string; agent: string; address: string };
  "session.stepped_up": { key: string; deed: string };
  "session.ended": { agent: string; how: string };
  "recovery.asked": { name: string; email: string; effective: string };
  "recovery.stopped": { name: string };
  "recovery.used": { name: string; label: string };
  "demo.claimed": { demo: string };
  "demo.started": { label: string };
  "demo.person_added": { name: string; rights: string };
  "demo.people_added": { people: number; pods: number; clients: number };
  "demo.connected": { clients: number; seconds: number };
  "demo.read": { vaults: number; seconds: number };
  // Money, as people see it. Of a contract no word and no figure is kept.
  "contract.set": { replaced: boolean };
  "contract.ended": Record<string, never>;
  "alarm.cleared": { kind: string; words: string };
  "clock.told": { name: string; step: string; deleted_on: string; people: number };
  "plan.made": { title: string; kind: string; vaults: number; operations: number; left_out: number; digest: string };
  "plan.withdrawn": { title: string };
  "plan.handed": { title: string; to: string };
  "challenges.asked": { plan: string; asked: number; given: number };
  "plan.released": { title: string; key: string; digest: string; vaults: number; fresh: number; standing: number; left: number; first: string | null };
  "work.frozen": { what: string; reason: string };
  "work.thawed": { what: string };
  "dispatch.stopped": { client: string; words: string };
  "vault.token_renewed": { client: string };
  "vault.token_taken_back": { client: string };
  "plan.cosigned": { title: string; key: string; digest: string; vaults: number };
  "plan.stopped": { title: string; stopped: number };
  "plan.tap_refused": { title: string; reason: string };
  "dispatch.attempted": { client: string; kind: string; attempt: number };
  "dispatch.unknown": { client: string; kind: string; words: string };
  "dispatch.accepted": { client: string; kind: string; revision: number; receipt: string };
  "dispatch.proven": { client: string; kind: string; revision: number };
  "dispatch.refused": { client: string; kind: string; code: string; words: string };
  "dispatch.waits": { client: string; kind: string; words: string };
  "dispatch.late": { client: string; kind: string; words: string };
  "dispatch.lost": { client: string; kind: string };
  "dispatch.dropped": { client: string; kind: string; words: string };
  "dispatch.incident": { client: string; kind: string; reason: string };
  "client.exit_planned": { client: string; vaults: number };
  "client.exited": { client: string; proof: string };
  "client.edited": { client: string; changed: string };
  "glass.link_made": { client: string; label: string; until: string };
  "glass.link_revoked": { client: string; label: string };
  "glass.opened": { client: string };
  "checkpoint_key.made": { key: string };
  "vault.imported": { client: string; rows: number; ours: number; recognised: number };
  "vault.health_changed": { client: string; from: string; to: string; words: string | null };
  "vault.stopped": { client: string; words: string };
  "vault.ended_by_client": { client: string; words: string };
  "vault.grant_changed": { client: string; changed: string };
  "probe.saw": { client: string; words: string };
  "probe.unproven": { client: string; words: string };
  "probe.blind_again": { client: string };
  "drift.seen": { client: string; name: string; kind: string };
  "drift.gone": { client: string; name: string };
  "drift.accepted": { client: string; name: string; kind: string };
  "access.ended": { client: string; name: string; how: string };
  "role.created": { name: string; letter: string };
  "role.changed": { name: string; letter: string; old_name: string; old_letter: string };
  "role.retired": { name: string; letter: string; numbers: number };
  "roles.ordered": { letters: string };
  "role_scope.set": { role: string; client: string; from: string | null; to: string | null; held: number };
  "role_scopes.accepted": { role: string; count: number };
  "role_scope.name_agreed": { role: string; client: string; scope: string; name: string };
  "technician.changed": { name: string; pod: string | null; tags: string; leave: string | null };
  "pod.created": { name: string };
  "pod.renamed": { from: string; to: string };
  "pod.removed": { name: string; people: number };
  "pods.ordered": { names: string };
  "rows.linked": { names: string; count: number; person: string | null; before: string | null };
  "person.renamed": { from: string; to: string; inbox_key: boolean };
  "person.invited_again": { name: string; email: string };
  "person.came_back": { name: string; keys: number; sessions: number; inbox_key: boolean };
  "address.asked": { email: string };
  "address.verified": { email: string };
  "address.changed": { from: string; to: string };
  // the matrix: drafts, views, rules
  "draft.changed": { cells: number; vaults: number; revision: number };
  "view.saved": { name: string; shared: boolean };
  "view.removed": { name: string };
  "rule.saved": { name: string; tag: string; pod: string; roles: string };
  "rule.removed": { name: string };
  // the audit: views, exports
  "audit_view.saved": { name: string; shared: boolean };
  "audit_view.removed": { name: string };
  "export.asked": { format: string; query: string; of: string };
  "export.done": { format: string; lines: number; link: string; key: string };
  "export.failed": { words: string };
  "export.cancelled": { lines: number };
  "export.fetched": { format: string; lines: number };
  // the audit: vaults' logs, and our own records
  "audit.tampering": { client: string; place: string; words: string };
  "audit.noticed": { client: string; place: string; words: string };
  "audit.record_tampering": { place: string; words: string };
  "audit.retention_set": { months: number | null; before: number | null };
  "audit.forgotten": { events: number; before: string };
  // revocation boards
  "revocation.opened": { name: string; cause: string; rows: number; own: number };
  "revocation.absent": { name: string; client: string; epoch: number; revision: number };
  "revocation.present": { name: string; client: string };
  "revocation.withdrawn": { name: string; client: string; words: string };
  "revocation.set_apart": { name: string; client: string; words: string };
  "revocation.closed": { name: string; proven: number; apart: number; certificate: number; digest: string };
  "revocation.reopened": { name: string; words: string };
  "revocation.delivered_again": { name: string; client: string };
  "revocation.seen_read": { name: string; client: string; entries: number; unchanged: number };
  "revocation.asked_again": { name: string; vaults: number };
  "revocation.handed_out": { name: string; certificate: number; client: string | null };
  // tokens in the right hands, access for a time
  "tokens.opened": { count: number; names: string };
  "token.strange": { client: string; why: string };
  "request.made": { kind: string; clients: number; names: string; hours: number; reason: string };
  "request.withdrawn": { names: string };
  "request.refused": { person: string; names: string; words: string };
  "request.approved": { person: string; names: string; hours: number; asked: number; plan: string };
  "policy.changed": { longest_hours: number; longest_full_hours: number; renew_days: number; drill_days: number; /** Of single roles and tags; absent: left as they were. */ lengths?: string };
  "slot.lent": { client: string; lender: string; borrower: string; until: string };
  "slot.given_back": { client: string; lender: string };
  "break_glass.set_up": { fingerprint: string; custodians: number; names: string };
  "break_glass.asked": { client: string; reason: string; drill: boolean };
  "break_glass.released": { client: string; by: string; drill: boolean };
  "break_glass.opened": { client: string; drill: boolean };
  "break_glass.closed": { client: string; drill: boolean; how: string };
  "break_glass.used": { client: string; opened: boolean };
  // Money, as it moves.
  "billing.asked": { subscription: string; words: string };
  "billing.done": { subscription: string; words: string };
  "billing.refused": { subscription: string; words: string; why: string };
  "billing.unanswered": { subscription: string; words: string; attempts: number };
  "billing_account.saved": { name: string; changed: string };
  "subscription.changed": { subscription: string; words: string };
  "invoice.changed": { number: string; words: string };
  "price_lock.made": { subscription: string; plan: string; price: string };
  "price_lock.ended": { subscription: string; plan: string; price: string; because: string };
  "alarm.raised": { words: string };
  "stripe_event.received": { type: string; event: string };
  "stripe_event.handled": { type: string; event: string; outcome: string };
  "stripe_event.replayed": { type: string; event: string };
  "stripe_event.all_replayed": { events: number };
  "billing_account.portal_opened": { name: string };
  "clock.client_told": { name: string; to: string; deleted_on: string };
  "reconciliation.ended": { subscriptions: number; invoices: number; mended: number; alarms: number };
  "hosted_vault.registered": { vault: string; subscription: string };
  "hosted_vault.devices_set": { vault: string; devices: number };
  "hosted_vault.told": { vault: string; words: string };
  "hosted_vault.untold": { vault: string; words: string; attempts: number };
  "hosted_vault.deletion_begun": { vault: string; because: string };
  "hosted_vault.gone": { vault: string };
};

export type RecordAction = keyof RecordActions;

const healthWords: Readonly<Record<string, string>> = { unread: "not read yet", ok: "in order", failover: "in failover", lapsed: "lapsed", ended: "ended", silent: "silent", lying: "in contradiction with itself" };

const sentences: { [A in RecordAction]: (fields: RecordActions[A]) => string } = {
  "ticket.made": ({ kind }) => `asked for a signing window to ${kind}`,
  "ticket.opened": ({ kind, agent, address }) => `opened the signing window to ${kind} with ${agent} from ${address}`,
  "ticket.elsewhere": ({ kind, agent, address }) => `was refused the signing window to ${kind}: another browser, ${agent} from ${address}, came with its link`,
  "ticket.refused": ({ kind, reason }) => `was refused at the signing window to ${kind}: ${reason}`,
  "ticket.declined": ({ kind }) => `left the signing window to ${kind} without signing`,
  "signing_key.enrolled": ({ label, hardware_bound }) => `enrolled the signing key “${label}”${hardware_bound ? ", which stays on its device" : ", which can be copied to other devices"}`,
  "signing_key.removed": ({ label, person }) => `removed the signing key “${label}” of ${person}`,
  "signing_policy.two_changed": ({ full_access, whole, vaults }) => {
    const over = [...(full_access ? ["full access"] : []), ...(whole ? ["a whole person or client"] : []), ...(typeof vaults === "number" ? [`more than ${vaults} vaults`] : [])];
    return over.length === 0 ? "let one person sign any plan" : `asked that two people sign for ${over.join(", ")}`;
  },
  "signing_policy.changed": ({ hardware_bound }) => (hardware_bound ? "asked that signing keys stay on their device" : "allowed signing keys that can be copied to other devices"),
  "inbox_key.stated": ({ fingerprint, key, under }) => `made the inbox key ${fingerprint} with the passkey “${key}”${under === "phrase" ? ", kept under a phrase" : ""}`,
  "inbox_key.copied": ({ key }) => `put the inbox key under the passkey “${key}” too`,
  "inbox_key.differed": ({ name, fingerprint }) => `reported that ${name} read another fingerprint than ${fingerprint}`,
  "inbox_keys.endorsed": ({ count, names, key }) => `endorsed ${count === 1 ? "the inbox key" : `${count} inbox keys`} of ${names} with the signing key “${key}”`,
  "client.created": ({ name, plan }) => `took up the client ${name}, plan ${plan}`,
  "client.given_up": ({ name }) => `gave up the client ${name} before it was connected`,
  "connect.asked": ({ client, address, signers, replaces }) => `asked ${client} at ${address} ${replaces ? "to renew the connection" : "to connect"}, with ${signers === 1 ? "1 signer" : `${signers} signers`}`,
  "connect.cancelled": ({ client, address }) => `took back the request to ${client} at ${address}`,
  "connect.refused": ({ client, reason }) => `refused an answer for ${client}: ${reason}`,
  "connect.held": ({ client, reason }) => `keeps the answer of ${client} until the vault can be checked: ${reason}`,
  "connect.answered": ({ client, vault, people, roles, confirmed }) => `took the answer of ${client}, vault ${vault}: ${people === 1 ? "1 person" : `${people} people`} handed over, ${roles === 1 ? "1 role" : `${roles} roles`} named${confirmed ? "" : ", not confirmed yet"}`,
  "import.uploaded": ({ file, rows }) => `brought the sheet “${file}” with ${rows === 1 ? "1 row" : `${rows} rows`}`,
  "import.asked": ({ file, made, failed }) => `made ${made === 1 ? "1 request" : `${made} requests`} from the sheet “${file}”${failed > 0 ? `, ${failed} could not be made` : ""}`,
  "import.failed": ({ client, reason }) => `could not ask ${client} from a sheet: ${reason}`,
  "import.called": ({ client, called }) => (called ? `noted that ${client} was called` : `took back that ${client} was called`),
  "import.cancelled": ({ file }) => `put the sheet “${file}” away`,
  "clients.confirmed": ({ count, names, key }) => `confirmed ${count === 1 ? "the vault" : `${count} vaults`} of ${names} with the signing key “${key}”`,
  "client.differed": ({ client, vault }) => `stopped the vault ${vault}: ${client} read another second code than ours`,
  "mail.queued": ({ template, to }) => `queued the mail “${template}” to ${to}`,
  "mail.attempted": ({ template, to, attempts }) => `hands the mail “${template}” to ${to} to a mail server, try ${attempts}`,
  "mail.sent": ({ template, to, transport, attempts }) => `sent the mail “${template}” to ${to} through ${transport}${attempts > 1 ? `, at try ${attempts}` : ""}`,
  "mail.attempt_failed": ({ template, to, attempts, error }) => `could not send the mail “${template}” to ${to} at try ${attempts}: ${error}`,
  "mail.given_up": ({ template, to, attempts, error }) => `gave up the mail “${template}” to ${to} after ${attempts} tries: ${error}`,
  "mail.retried": ({ template, to }) => `asked for another try of the mail “${template}” to ${to}`,
  "organisation.created": ({ name }) => `started the organisation “${name}”`,
  "organisation.renamed": ({ from, to }) => `renamed the organisation from “${from}” to “${to}”`,
  "person.joined": ({ name, email, rights }) => `joined as ${name}, ${email}: ${rights}`,
  "person.rights_changed": ({ name, from, to }) => `changed what ${name} may do from ${from} to ${to}`,
  "person.frozen": ({ name, sessions }) => `froze ${name}, which ended ${sessions === 1 ? "1 session" : `${sessions} sessions`}`,
  "person.thawed": ({ name }) => `let ${name} sign in again`,
  "invitation.sent": ({ email, rights }) => `invited ${email}: ${rights}`,
  "invitation.revoked": ({ email }) => `took back the invitation of ${email}`,
  "passkey.added": ({ label, backed_up }) => `added the key “${label}”${backed_up ? ", which is kept in a cloud as well" : ""}`,
  "passkey.renamed": ({ from, to }) => `renamed the key “${from}” to “${to}”`,
  "passkey.removed": ({ label }) => `removed the key “${label}”`,
  "passkey.counter_regressed": ({ label, kept, shown }) => `was refused with the key “${label}”: it counts ${shown} where ${kept} was seen before, so there may be a copy of it`,
  "session.started": ({ key, agent, address }) => `signed in with the key “${key}” from ${agent}, ${address}`,
  "session.stepped_up": ({ key, deed }) => `confirmed with the key “${key}”: ${deed}`,
  "session.ended": ({ agent, how }) => `ended a session on ${agent}, ${how}`,
  "recovery.asked": ({ name, email, effective }) => `opened a way back for ${name}, ${email}, effective ${effective}`,
  "recovery.stopped": ({ name }) => `stopped the way back for ${name}`,
  "vault.imported": ({ client, rows, ours, recognised }) => `read the vault of ${client} for the first time: ${rows === 1 ? "1 row" : `${rows} rows`}, ${ours} of them ours, ${recognised} of people here`,
  "vault.health_changed": ({ client, from, to, words }) => `found the vault of ${client} ${healthWords[to] ?? to} (before: ${healthWords[from] ?? from})${words ? `: ${words}` : ""}`,
  "vault.stopped": ({ client, words }) => `stopped all work with the vault of ${client}: ${words}`,
  "vault.ended_by_client": ({ client, words }) => `found that ${client} ended the connection: ${words}`,
  "vault.grant_changed": ({ client, changed }) => `found that ${client} changed what they allow: ${changed}`,
  "probe.saw": ({ client, words }) => `raised an alarm: our own token is not blind in the vault of ${client}. ${words}`,
  "probe.unproven": ({ client, words }) => `raised an alarm: for three hours nothing proved that our own token is blind in the vault of ${client}. ${words}`,
  "probe.blind_again": ({ client }) => `found our own token blind again in the vault of ${client}`,
  "drift.seen": ({ client, name, kind }) => `found ${name} ${kind} in the vault of ${client}, which nobody here did`,
  "drift.gone": ({ client, name }) => `found ${name} as agreed again in the vault of ${client}`,
  "drift.accepted": ({ client, name, kind }) => `accepted that ${name} was ${kind} in the vault of ${client}`,
  "access.ended": ({ client, name, how }) => `found that the access of ${name} to the vault of ${client} ended as agreed: ${how === "lease" ? "its time was over" : "nobody claimed it in time"}`,
  "recovery.used": ({ name, label }) => `let ${name} back in with the new key “${label}”`,
  "demo.claimed": ({ demo }) => `claimed the demo “${demo}” with its one-time link`,
  "demo.started": ({ label }) => `began to connect the demo's clients with the signing key “${label}”`,
  "demo.person_added": ({ name, rights }) => `let ${name} of the demo join: ${rights}`,
  "demo.people_added": ({ people, pods, clients }) => `brought ${people} people, ${pods} pods and the list of ${clients} clients of the demo`,
  "demo.connected": ({ clients, seconds }) => `connected all ${clients} clients of the demo in ${seconds} s`,
  "demo.read": ({ vaults, seconds }) => `had read all ${vaults} vaults of the demo after ${seconds} s`,
  "client.edited": ({ client, changed }) => `changed ${changed} of the client “${client}”`,
  "glass.link_made": ({ client, label, until }) => `made a link to the own page of “${client}” for ${label}, open until ${until}`,
  "glass.link_revoked": ({ client, label }) => `took back the link to the own page of “${client}” for ${label}`,
  "glass.opened": ({ client }) => `opened the own page of “${client}”`,
  "checkpoint_key.made": ({ key }) => `made the key ${key}, under which this installation signs statements of its own`,
  "contract.set": ({ replaced }) => `${replaced ? "replaced" : "set"} the confidential terms of the contract`,
  "contract.ended": () => "ended the confidential terms of the contract",
  "clock.told": ({ name, step, deleted_on, people }) => `told ${people === 1 ? "1 person" : `${people} people`} of the deletion clock of ${name}: “${step}”, deleted on ${deleted_on}`,
  "alarm.cleared": ({ words }) => `looked at an alarm about money: ${words}`,
  "plan.made": ({ title, kind, vaults, operations, left_out, digest }) => `froze the ${kind === "exit" ? "exit" : kind === "signers" ? "roll-out" : kind === "renewal" ? "renewal" : "plan"} “${title}”, digest ${digest}: ${operations === 1 ? "1 operation" : `${operations} operations`} in ${vaults === 1 ? "1 vault" : `${vaults} vaults`}${left_out > 0 ? `, ${left_out} left out` : ""}`,
  "plan.withdrawn": ({ title }) => `withdrew the plan “${title}”`,
  "plan.handed": ({ title, to }) => `handed the plan “${title}” to ${to}`,
  "challenges.asked": ({ plan, asked, given }) => `asked ${asked === 1 ? "1 vault" : `${asked} vaults`} for a challenge for “${plan}”; ${given} gave one`,
  "work.frozen": ({ what, reason }) => `froze ${what}: ${reason}`,
  "work.thawed": ({ what }) => `lifted the freeze of ${what}`,
  "dispatch.stopped": ({ client, words }) => `stopped the share for ${client}: ${words}`,
  "vault.token_renewed": ({ client }) => `took the new token for ${client} into use`,
  "vault.token_taken_back": ({ client }) => `took the old token for ${client} back into use: the vault was restored from before the new one`,
  "plan.cosigned": ({ title, key, digest, vaults }) => `signed “${title}” first, of two, digest ${digest}, with “${key}”: ${vaults === 1 ? "1 vault" : `${vaults} vaults`}, for an hour`,
  "plan.released": ({ title, key, digest, vaults, fresh, standing, left, first }) => `released “${title}”, digest ${digest}, with one tap of “${key}”${typeof first === "string" ? `, signed first by ${first}` : ""}: ${fresh} ${fresh === 1 ? "share" : "shares"} and ${standing} standing ${standing === 1 ? "removal" : "removals"} for ${vaults === 1 ? "1 vault" : `${vaults} vaults`}${left > 0 ? `; ${left} wait for another tap` : ""}`,
  "plan.stopped": ({ title, stopped }) => `stopped what was not sent of “${title}”: ${stopped === 1 ? "1 share" : `${stopped} shares`}`,
  "plan.tap_refused": ({ title, reason }) => `was refused the tap for “${title}”: ${reason}`,
  "dispatch.attempted": ({ client, kind, attempt }) => `sends the ${kind} share for ${client}, try ${attempt}`,
  "dispatch.unknown": ({ client, kind, words }) => `knows nothing of the ${kind} share for ${client}: ${words}`,
  "dispatch.accepted": ({ client, kind, revision, receipt }) => `took the receipt ${receipt} of ${client} for the ${kind} share, revision ${revision}`,
  "dispatch.proven": ({ client, kind, revision }) => `read ${client} again, revision ${revision}: the ${kind} share is as signed`,
  "dispatch.refused": ({ client, kind, code, words }) => `was refused the ${kind} share by ${client} (${code}): ${words}`,
  "dispatch.waits": ({ client, kind, words }) => `waits with the ${kind} share for ${client}: ${words}`,
  "dispatch.late": ({ client, kind, words }) => `did not send the ${kind} share for ${client} in time: ${words}`,
  "dispatch.lost": ({ client, kind }) => `cannot learn any more what became of the ${kind} share for ${client}`,
  "dispatch.dropped": ({ client, kind, words }) => `dropped the ${kind} share for ${client}: ${words}`,
  "dispatch.incident": ({ client, kind, reason }) => `got an answer of ${client} that does not fit the ${kind} share: ${reason}`,
  "client.exit_planned": ({ client, vaults }) => `began the exit of ${client}: ${vaults === 1 ? "1 vault" : `${vaults} vaults`}`,
  "client.exited": ({ client, proof }) => `ended the connection to ${client}: ${proof}`,
  "role.created": ({ name, letter }) => `made the role ${letter}, ${name}`,
  "role.changed": ({ name, letter, old_name, old_letter }) => `changed the role ${old_letter}, ${old_name}, to ${letter}, ${name}`,
  "role.retired": ({ name, letter, numbers }) => `retired the role ${letter}, ${name}, which had a number in ${numbers === 1 ? "1 vault" : `${numbers} vaults`}`,
  "roles.ordered": ({ letters }) => `put the roles in the order ${letters}`,
  "role_scope.set": ({ role, client, from, to, held }) => `${to === null ? `took the number ${from} from ${role}` : from === null ? `noted ${to} as the number of ${role}` : `noted ${to} instead of ${from} as the number of ${role}`} at ${client}${held > 0 ? `, where ${held === 1 ? "1 row" : `${held} rows`} of ours ${held === 1 ? "carries" : "carry"} ${from}` : ""}`,
  "role_scopes.accepted": ({ role, count }) => `accepted ${count === 1 ? "the suggested number" : `${count} suggested numbers`} of ${role}`,
  "role_scope.name_agreed": ({ role, client, scope, name }) => `agreed that ${client} calls ${scope}, the number of ${role}, “${name}”`,
  "technician.changed": ({ name, pod, tags, leave }) => `noted of ${name}: ${pod === null ? "in no pod" : `pod ${pod}`}, ${tags === "" ? "no tags" : `tags ${tags}`}, ${leave === null ? "not on leave" : `on leave ${leave}`}`,
  "pod.created": ({ name }) => `made the pod ${name}`,
  "pod.renamed": ({ from, to }) => `renamed the pod ${from} to ${to}`,
  "pod.removed": ({ name, people }) => `removed the pod ${name}, ${people === 0 ? "which nobody was in" : `in which ${people === 1 ? "1 person was" : `${people} people were`}`}`,
  "pods.ordered": ({ names }) => `put the pods in the order ${names}`,
  "rows.linked": ({ names, count, person, before }) => `noted that ${count === 1 ? "the row" : `${count} rows`} ${names} ${count === 1 ? "is" : "are"} ${person === null ? `not ${before}’s` : `${person}’s`}`,
  "person.renamed": ({ from, to, inbox_key }) => `took the name ${to} in place of ${from}${inbox_key ? "; the inbox key still says the former" : ""}`,
  "person.invited_again": ({ name, email }) => `invited ${name} again, at ${email}, because every key is lost`,
  "person.came_back": ({ name, keys, sessions, inbox_key }) => `let ${name} back in with a new key, which removed ${keys === 1 ? "1 key" : `${keys} keys`} and ended ${sessions === 1 ? "1 session" : `${sessions} sessions`}${inbox_key ? " and the inbox key" : ""}`,
  "address.asked": ({ email }) => `asked for a link that proves the address ${email}`,
  "address.verified": ({ email }) => `proved the address ${email}`,
  "address.changed": ({ from, to }) => `changed the address from ${from} to ${to}`,
  "draft.changed": ({ cells, vaults }) => (cells === 0 ? "took back everything staged in the matrix" : `changed what is staged in the matrix: ${cells === 1 ? "1 cell" : `${cells} cells`} in ${vaults === 1 ? "1 vault" : `${vaults} vaults`}`),
  "view.saved": ({ name, shared }) => `saved the view “${name}” of the matrix${shared ? " for everybody" : ""}`,
  "view.removed": ({ name }) => `removed the view “${name}” of the matrix`,
  "rule.saved": ({ name, tag, pod, roles }) => `set the rule “${name}”: ${roles} for ${pod || "everybody"} at ${tag ? `clients tagged ${tag}` : "every client"}`,
  "rule.removed": ({ name }) => `removed the rule “${name}”`,
  "audit_view.saved": ({ name, shared }) => `saved the view “${name}” of the audit${shared ? " for everybody" : ""}`,
  "audit_view.removed": ({ name }) => `removed the view “${name}” of the audit`,
  "export.asked": ({ format, query, of }) => `asked for an export of ${of} as ${format}${query ? `: ${query}` : ", all of it"}`,
  "export.done": ({ format, lines, link, key }) => `sealed an export as ${format} with ${lines === 1 ? "1 line" : `${lines} lines`}: link ${link}, key ${key}`,
  "export.failed": ({ words }) => `could not finish an export: ${words}`,
  "export.cancelled": ({ lines }) => `stopped an export at ${lines === 1 ? "1 line" : `${lines} lines`}`,
  "export.fetched": ({ format, lines }) => `downloaded an export as ${format} with ${lines === 1 ? "1 line" : `${lines} lines`}`,
  "audit.tampering": ({ client, place, words }) => `found the log of ${client} tampered with at ${place}: ${words}`,
  "audit.noticed": ({ client, place, words }) => `noticed in the log of ${client} at ${place}: ${words}`,
  "audit.record_tampering": ({ place, words }) => `found our own records tampered with at ${place}: ${words}`,
  "audit.retention_set": ({ months, before }) => `had events of vaults kept ${months === null ? "without end" : `for ${months} months`}, before ${before === null ? "without end" : `for ${before} months`}`,
  "audit.forgotten": ({ events, before }) => `deleted ${events === 1 ? "1 event" : `${events} events`} of vaults from before ${before}, whose time was over`,
  "revocation.opened": ({ name, cause, rows, own }) => `opened a revocation board for ${name}, ${cause === "leaver" ? "who leaves" : "whose token may be in wrong hands"}: ${rows === 1 ? "1 token" : `${rows} tokens`}${own > 0 ? `, and ${own} of clients’ own that only they can end` : ""}`,
  "revocation.absent": ({ name, client, epoch, revision }) => `read ${client} again, epoch ${epoch}, revision ${revision}: its primary signed a list without the token of ${name}`,
  "revocation.present": ({ name, client }) => `found the token of ${name} in a signed list of ${client} although it had been removed`,
  "revocation.withdrawn": ({ name, client, words }) => `took back the proof that the token of ${name} is gone at ${client}: ${words}`,
  "revocation.set_apart": ({ name, client, words }) => `set ${client} apart on the board of ${name}, unproven: ${words}`,
  "revocation.closed": ({ name, proven, apart, certificate, digest }) => `closed the board of ${name}: ${proven === 1 ? "1 token" : `${proven} tokens`} proven gone${apart > 0 ? `, ${apart} set apart` : ""}; certificate ${certificate}, digest ${digest}`,
  "revocation.reopened": ({ name, words }) => `reopened the board of ${name}: ${words}`,
  "revocation.delivered_again": ({ name, client }) => `put the standing removal of ${name} at ${client} back in line: the vault shows the token again`,
  "revocation.seen_read": ({ name, client, entries, unchanged }) => `read in the log of ${client} what ${name} had opened: ${entries === 1 ? "1 entry" : `${entries} entries`}, ${unchanged} not changed since`,
  "revocation.asked_again": ({ name, vaults }) => `had ${vaults === 1 ? "1 vault" : `${vaults} vaults`} of the board of ${name} asked again at once`,
  "revocation.handed_out": ({ name, certificate, client }) => `took certificate ${certificate} of ${name} out as a file${client === null ? "" : `, the part of ${client} alone`}`,
  "tokens.opened": ({ count, names }) => `opened ${count === 1 ? "the token" : `${count} tokens`} for ${names}, in their own browser`,
  "token.strange": ({ client, why }) => `raised an alarm: a token at ${client} is not sealed to their key. ${why}`,
  "request.made": ({ kind, names, hours, reason }) => (kind === "renewal" ? `asked for a new token at ${names}: ${reason}` : `asked for access to ${names} for ${hours === 1 ? "1 hour" : `${hours} hours`}: ${reason}`),
  "request.withdrawn": ({ names }) => `took back the request for ${names}`,
  "request.refused": ({ person, names, words }) => `refused the request of ${person} for ${names}: ${words}`,
  "request.approved": ({ person, names, hours, asked, plan }) => `approved the request of ${person} for ${names}${hours === 0 ? "" : ` for ${hours === 1 ? "1 hour" : `${hours} hours`}${asked === hours ? "" : `, asked were ${asked}`}`}, in the plan “${plan}”`,
  "policy.changed": ({ longest_hours, longest_full_hours, renew_days, drill_days, lengths }) => `set the longest access to ${longest_hours} hours, with full access to ${longest_full_hours}${lengths ? `, to ${lengths}` : ""}; tokens are renewed after ${renew_days} days, the break-glass is tried every ${drill_days} days`,
  "slot.lent": ({ client, lender, borrower, until }) => `planned to lend the slot of ${lender} at ${client} to ${borrower} until ${until}`,
  "slot.given_back": ({ client, lender }) => `planned to give ${lender} their slot at ${client} back`,
  "break_glass.set_up": ({ fingerprint, custodians, names }) => `made the break-glass key ${fingerprint}, in shares for ${custodians} custodians: ${names}`,
  "break_glass.asked": ({ client, reason, drill }) => `asked to ${drill ? "try" : "open"} the break-glass of ${client}: ${reason}`,
  "break_glass.released": ({ client, by, drill }) => `released their share for ${by} to ${drill ? "try" : "open"} the break-glass of ${client}`,
  "break_glass.opened": ({ client, drill }) => (drill ? `opened the sealed break-glass token of ${client} as a drill: it works` : `opened the break-glass of ${client}`),
  "break_glass.closed": ({ client, drill, how }) => `closed the ${drill ? "drill of the " : ""}break-glass of ${client}: ${how}`,
  "break_glass.used": ({ client, opened }) => (opened ? `found that the opened break-glass token of ${client} was used` : `raised an alarm: the break-glass token of ${client} was used, and nobody had opened it here`),
  "billing.asked": ({ subscription, words }) => `asked for ${words}: ${subscription}`,
  "billing.done": ({ subscription, words }) => `had done what was asked, ${words}: ${subscription}`,
  "billing.refused": ({ subscription, words, why }) => `was refused ${words} for ${subscription}: ${why}`,
  "billing.unanswered": ({ subscription, words, attempts }) => `got no answer of the payment provider for ${words} of ${subscription}, try ${attempts}`,
  "billing_account.saved": ({ name, changed }) => `set ${changed} of the paying account ${name}`,
  "subscription.changed": ({ subscription, words }) => `found the subscription of ${subscription} ${words}`,
  "invoice.changed": ({ number, words }) => `found the invoice ${number} ${words}`,
  "price_lock.made": ({ subscription, plan, price }) => `locked the price of ${subscription} for life: ${plan}, ${price}`,
  "price_lock.ended": ({ subscription, plan, price, because }) => `ended the locked price of ${subscription}, ${plan}, ${price}: ${because}`,
  "alarm.raised": ({ words }) => `raised an alarm about money: ${words}`,
  "stripe_event.received": ({ type, event }) => `took the event ${event} of the payment provider, ${type}`,
  "stripe_event.handled": ({ type, event, outcome }) => `handled the event ${event}, ${type}: ${outcome}`,
  "stripe_event.all_replayed": ({ events }) => `had ${events === 1 ? "the one event that failed" : `all ${events} events that failed`} handled again`,
  "billing_account.portal_opened": ({ name }) => `opened the payment details of the paying account ${name}`,
  "clock.client_told": ({ name, to, deleted_on }) => `told the client ${name}, ${to}, that its vault is deleted on ${deleted_on}`,
  "stripe_event.replayed": ({ type, event }) => `had the event ${event}, ${type}, handled again`,
  "reconciliation.ended": ({ subscriptions, invoices, mended, alarms }) => `compared ${subscriptions} subscriptions and ${invoices} invoices with the payment provider: ${mended} brought up to date, ${alarms} alarms`,
  "hosted_vault.registered": ({ vault, subscription }) => `took the vault ${vault} under the subscription of ${subscription}`,
  "hosted_vault.devices_set": ({ vault, devices }) => `gave the vault ${vault} room for ${devices} hardware keys`,
  "hosted_vault.told": ({ vault, words }) => `told the vault ${vault}: ${words}`,
  "hosted_vault.untold": ({ vault, words, attempts }) => `could not reach the vault ${vault}, try ${attempts}: ${words}`,
  "hosted_vault.deletion_begun": ({ vault, because }) => `began to delete the vault ${vault}: ${because}`,
  "hosted_vault.gone": ({ vault }) => `was told that the file of the vault ${vault} is gone`,
};

export const recordActions = Object.keys(sentences) as RecordAction[];

const isAction = (action: string): action is RecordAction => Object.hasOwn(sentences, action);

/** What was done, without who did it: "sent the mail ...". An action of a newer release is named as it is. */
export function sentence(action: string, fields: unknown): string {
  if (!isAction(action)) return action;
  const say = sentences[action] as (fields: Fields) => string;
  return say((fields ?? {}) as Fields);
}
