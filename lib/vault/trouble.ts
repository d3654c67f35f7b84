/** Why nothing is known about a call to a vault (PROTOCOL 14: unknown, never done), and the one sentence for each. */
import { AddressRefused } from "./resolve.ts";

const words = {
  address: "Its address may not be called: it leads into a private or reserved network, or means this machine.",
  unresolved: "The name in its address is not known to the name servers.",
  unreachable: "Nothing answers at its address.",
  tls: "Its certificate does not hold, so nothing was sent.",
  timeout: "It did not answer in time.",
  broken: "The connection broke off before the answer was whole.",
  too_large: "Its answer is larger than any that a vault gives.",
  redirected: "It answered with a way to another address, which is never followed.",
  unsigned: "Something answered, but not with the vault's signature. It may be a server in front of the vault.",
  forged: "The signature on its answer does not hold: the answer was changed on the way, or is not this vault's.",
  wrong_key: "It signs with another key than the one that was pinned when it was connected.",
  garbage: "It answered, signed, but not in the form of the protocol.",
  unsettled: "Its list kept changing while it was read.",
  sealed: "Our own token for it could not be opened; the key it was sealed with is not among SEAL_KEYS.",
} as const;

export type Trouble = keyof typeof words;
export const troubles = Object.keys(words) as Trouble[];

/** `where`: a place in the answer, our own words only. */
export const troubleWords = (trouble: Trouble, where?: string): string => (where === undefined ? words[trouble] : `${words[trouble]} (${where})`);

const byCode: Readonly<Record<string, Trouble>> = {
  ENOTFOUND: "unresolved", ENODATA: "unresolved", EAI_AGAIN: "unresolved", ESERVFAIL: "unresolved", EREFUSED: "unresolved", EBADNAME: "unresolved", EBADRESP: "unresolved", ETIMEOUT: "unresolved",
  ECONNREFUSED: "unreachable", EHOSTUNREACH: "unreachable", ENETUNREACH: "unreachable", EADDRNOTAVAIL: "unreachable", EACCES: "unreachable", EPERM: "unreachable",
  ETIMEDOUT: "timeout", UND_ERR_CONNECT_TIMEOUT: "timeout", UND_ERR_HEADERS_TIMEOUT: "timeout", UND_ERR_BODY_TIMEOUT: "timeout", UND_ERR_ABORTED: "timeout",
  UND_ERR_RES_EXCEEDED_MAX_SIZE: "too_large", UND_ERR_HEADERS_OVERFLOW: "too_large",
  EPROTO: "tls", DEPTH_ZERO_SELF_SIGNED_CERT: "tls", SELF_SIGNED_CERT_IN_CHAIN: "tls", UNABLE_TO_VERIFY_LEAF_SIGNATURE: "tls", UNABLE_TO_GET_ISSUER_CERT: "tls", UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "tls",
};

/** What a failed call comes down to. Errors of a vault's server are never shown: only which of our own words they earn. */
export function troubleOf(error: unknown): Trouble {
  for (let one: unknown = error; one instanceof Error; one = one instanceof AggregateError ? one.errors[0] : one.cause) {
    if (one instanceof AddressRefused) return "address";
    if (one.name === "TimeoutError") return "timeout";
    if (one.name === "HTTPParserError") return (one as { code?: string }).code === "HPE_HEADER_OVERFLOW" ? "too_large" : "garbage";
    const { code } = one as { code?: unknown };
    if (typeof code !== "string") continue;
    const known = byCode[code];
    if (known !== undefined) return known;
    if (/^(CERT_|ERR_TLS_|ERR_SSL_)/.test(code)) return "tls";
  }
  return "broken";
}
