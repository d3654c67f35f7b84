/** What can be asked of an actor. Closed: a door names one of these, and `authorize` is the only judge. */
export const permissions = ["system.read", "mail.read", "mail.test", "mail.retry", "record.read"] as const;

export type Permission = (typeof permissions)[number];

/** A set of rights per person (SPEC section 1); "operator" runs the installation, "worker" is our own background process. */
export const rights = {
  operator: ["system.read", "mail.read", "mail.test", "mail.retry", "record.read"],
  worker: [],
} as const satisfies Record<string, readonly Permission[]>;

export type Right = keyof typeof rights;
