/** The four rights in words, the same wherever they are chosen or shown. */
export const RIGHT_WORDS = {
  owner: { name: "Owner", can: "members, keys and everything that changes access" },
  technician: { name: "Technician", can: "the clients they reach, their own tokens" },
  finance: { name: "Finance", can: "invoices, locks and limits" },
  auditor: { name: "Auditor", can: "reads the records, changes nothing" },
} as const;
