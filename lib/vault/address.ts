/**
 * Which addresses a vault may have (DESIGN 4, PROTOCOL 1). They come from people, and this machine calls them: an address that
 * leads into our own network, or reads as another one than it is, is refused before anything is sent. Pure.
 */
import { BlockList, isIP } from "node:net";
import { isBaseUrl, isLoopbackHost } from "../protocol/address.ts";

export type AddressRules = {
  /** A console on loopback: vaults on this machine are allowed, by the hosts that PROTOCOL 1 names. */
  readonly local: boolean;
  /** Networks that an operator allowed beside the public ones (VAULT_RANGES). */
  readonly allowed: BlockList;
};

const cidr = /^([0-9a-fA-F:.]+)\/(\d{1,3})$/;

/** Whether the text is one network, `10.0.0.0/8` or `fd00::/8`. */
export function isRange(text: string): boolean {
  const [, address = "", bits = ""] = cidr.exec(text) ?? [];
  const family = isIP(address);
  return family !== 0 && Number(bits) <= (family === 4 ? 32 : 128);
}

const family = (address: string) => (isIP(address) === 4 ? "ipv4" : "ipv6");

function listOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [, address, bits] = cidr.exec(range)!;
    list.addSubnet(address!, Number(bits), family(address!));
  }
  return list;
}

/** @param ranges networks as {@link isRange} takes them */
export const makeRules = ({ local, ranges }: { local: boolean; ranges: readonly string[] }): AddressRules => ({ local, allowed: listOf(ranges) });

/** IANA's special-purpose registry (RFC 6890 and later), what is not reachable from everywhere, multicast, the reserved rest. */
const special4 = listOf([
  "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
  "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
]);
/**
 * Of IPv6 only global unicast counts, so that unspecified, loopback, mapped and compatible IPv4, NAT64 (64:ff9b::/96), unique
 * local, link local and multicast need no list of their own. Out of it: Teredo and its neighbours, documentation, 6to4.
 */
const global6 = listOf(["2000::/3"]);
const special6 = listOf(["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"]);

/** Whether an IP address is reachable from everywhere, and so no way into a network of ours. A zone id is never public. */
export function isPublicAddress(address: string): boolean {
  if (address.includes("%")) return false;
  switch (isIP(address)) {
    case 4:
      return !special4.check(address, "ipv4");
    case 6:
      return global6.check(address, "ipv6") && !special6.check(address, "ipv6");
    default:
      return false;
  }
}

/** Whether this machine may connect to the IP address for a vault. */
export function mayConnect(address: string, { allowed }: AddressRules): boolean {
  return isPublicAddress(address) || (isIP(address) !== 0 && !address.includes("%") && allowed.check(address, family(address)));
}

export type JudgedAddress = { ok: true; url: string } | { ok: false; words: string };

const refuse = (words: string): JudgedAddress => ({ ok: false, words });

/**
 * The canonical base URL in what a person typed, or why it is none, as a sentence. Space around it and a slash at its end are
 * dropped; nothing else is put right, since an address that must be read in two ways is how people are fooled.
 */
export function judgeAddress(text: string, rules: AddressRules): JudgedAddress {
  const typed = text.trim();
  const [, scheme, authority, rest] = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?#\\]*)(.*)$/s.exec(typed) ?? [];
  if (scheme === undefined || authority === undefined || rest === undefined) return refuse("This is no address. It begins with https:// and is found in the vault's own page.");
  if (typed.length > 2_000) return refuse("This address is longer than any vault's.");
  if (!/^https?$/i.test(scheme)) return refuse("A vault's address begins with https://.");
  if (authority.includes("@")) return refuse("The address holds a user name or a password. Leave out everything up to the @.");
  if (rest.includes("?") || rest.includes("#")) return refuse("Leave out everything from the ? or # on: an address ends with the vault's name.");
  let url: URL;
  try {
    url = new URL(typed);
  } catch {
    return refuse("The host in this address is not one that exists.");
  }
  const literal = url.hostname.startsWith("[") ? url.hostname.slice(1, -1) : url.hostname;
  // 2130706433, 0177.0.0.1, 0x7f.1, full-width digits and the like are all read as an IP address that nobody saw.
  const written = authority.toLowerCase().replace(url.protocol === "https:" ? /:443$/ : /:80$/, "");
  if (written !== url.host) return refuse(isIP(literal) ? "Write the IP address in its plain form." : "Write the host in plain letters, as it stands in the vault's own page.");
  if (url.hostname.endsWith(".")) return refuse("Leave out the dot at the end of the host.");
  if (isIP(literal) && !isLoopbackHost(url.hostname)) {
    if (!mayConnect(literal, rules)) return refuse("This IP address lies in a private or reserved network, which this console does not call.");
  } else if (isLoopbackHost(url.hostname) && !rules.local) {
    return refuse("This address means the machine on which the console runs.");
  }
  if (url.protocol !== "https:" && !isLoopbackHost(url.hostname)) return refuse("A vault's address begins with https://.");
  const base = `${url.origin}${rest.replace(/\/+$/, "")}`;
  return isBaseUrl(base) ? { ok: true, url: base } : refuse("After the host an address has the vault's name and nothing more: letters, digits, - and _.");
}
