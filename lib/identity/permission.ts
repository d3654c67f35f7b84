/** What can be asked of an actor. Closed: a door names one of these, and `authorize` is the only judge. */
export const permissions = [
  "system.read", "mail.read", "mail.test", "mail.retry", "record.read",
  "organisation.read", "organisation.rename",
  "member.read", "member.invite", "member.rights", "member.freeze",
  "recovery.stop",
  "signing_key.read", "signing_key.enrol", "signing_key.remove", "signing_policy.change",
  "inbox_key.own", "inbox_key.read", "inbox_key.endorse",
  "client.read", "client.connect", "client.exit", "drift.settle",
  "role.read", "role.write", "technician.read", "technician.write", "price.read",
  "matrix.read", "matrix.stage", "plan.read", "plan.make", "plan.release",
  // Money: what is the MSP's own to pay (SPEC section 7).
  "billing.read", "billing.write",
  // Confidential terms: finance alone, not even an owner (SPEC section 7).
  "contract.read",
  "audit.read", "audit.view", "audit.export", "audit.retain",
  "revocation.read", "revocation.open",
  // Tokens in the right hands, access for a time.
  "token.own", "token.renew", "request.make", "request.read", "request.answer", "lease.read", "lease.extend", "policy.change",
  "break_glass.read", "break_glass.set", "break_glass.open",
  // Kill switches.
  "halt.read", "work.halt",
  // One's own keys and sessions: everybody's, the auditor's too, whose keys are no part of what is audited.
  "self",
] as const;

export type Permission = (typeof permissions)[number];

/** A set of rights per person (SPEC section 1); "operator" runs the installation, "worker" is our own background process. */
export const rights = {
  owner: [
    "system.read", "mail.read", "mail.test", "mail.retry", "record.read", "organisation.read", "organisation.rename",
    "member.read", "member.invite", "member.rights", "member.freeze", "recovery.stop", "self",
    "signing_key.read", "signing_key.enrol", "signing_key.remove", "signing_policy.change", "inbox_key.own", "inbox_key.read", "inbox_key.endorse",
    "client.read", "client.connect", "client.exit", "drift.settle", "role.read", "role.write", "technician.read", "technician.write", "price.read",
    "matrix.read", "matrix.stage", "plan.read", "plan.make", "plan.release",
    "billing.read", "billing.write",
    "audit.read", "audit.view", "audit.export", "audit.retain",
    "revocation.read", "revocation.open",
    "token.renew", "request.read", "request.answer", "lease.read", "lease.extend", "policy.change",
    "break_glass.read", "break_glass.set", "break_glass.open",
    "halt.read", "work.halt",
  ],
  technician: ["organisation.read", "self", "inbox_key.own", "role.read", "token.own", "request.make", "request.read", "break_glass.read", "break_glass.open"],
  finance: ["organisation.read", "self", "price.read", "billing.read", "billing.write", "contract.read"],
  auditor: ["record.read", "organisation.read", "member.read", "self", "signing_key.read", "inbox_key.read", "client.read", "role.read", "technician.read", "price.read", "matrix.read", "plan.read", "audit.read", "audit.export", "revocation.read", "request.read", "lease.read", "halt.read", "break_glass.read"],
  operator: ["system.read", "mail.read", "mail.test", "mail.retry", "record.read"],
  worker: [],
} as const satisfies Record<string, readonly Permission[]>;

export type Right = keyof typeof rights;

/** What a person can hold; the order in which they are shown and kept. */
export const personRights = ["owner", "technician", "finance", "auditor"] as const;
export type PersonRight = (typeof personRights)[number];

export const isPersonRight = (text: string): text is PersonRight => (personRights as readonly string[]).includes(text);

/** The same set always as the same list, so that it can be compared, bound and recorded. Unknown words are dropped. */
export const inOrder = (given: readonly string[]): PersonRight[] => personRights.filter((right) => given.includes(right));

/** A set of rights in words: "owner, finance". */
export const rightsInWords = (given: readonly string[]): string => inOrder(given).join(", ");
