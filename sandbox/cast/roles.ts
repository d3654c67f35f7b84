/** The MSP-wide roles, and the number that each carries in a client's vault. */

export const ROLES = ["Networking", "Monitoring", "Backup", "Servers", "Web", "Identity", "Cloud"] as const;
export type Role = (typeof ROLES)[number];

/** The matrix's letters. `F` is full access and no role. */
export const LETTERS: Readonly<Record<string, Role>> = { N: "Networking", M: "Monitoring", B: "Backup", S: "Servers", W: "Web", I: "Identity", C: "Cloud" };

/**
 * Role numbers are the client's choice and differ (SPEC 5): `usual` at most, `late` where the low numbers were taken before
 * the MSP came, `mixed` where somebody numbered by hand.
 */
export const NUMBERINGS = {
  usual: { Networking: "0010", Monitoring: "0011", Backup: "0012", Servers: "0013", Web: "0014", Identity: "0015", Cloud: "0016" },
  late: { Networking: "0123", Monitoring: "0124", Backup: "0125", Servers: "0126", Web: "0127", Identity: "0128", Cloud: "0129" },
  mixed: { Networking: "0210", Monitoring: "0217", Backup: "00c0", Servers: "0204", Web: "00ff", Identity: "0a11", Cloud: "0214" },
} as const satisfies Record<string, Record<Role, string>>;
export type Numbering = keyof typeof NUMBERINGS;

/** The scope of what belongs to the client's own programs, never to a role. */
export const OWN_SCOPE = "0005";
