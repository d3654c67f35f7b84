import { isIP } from "node:net";

/**
 * Whose address counts for rate limits and logs. Each trusted proxy appends the address that it saw, so with n of them the
 * n-th from the right was written by ours; anything further left is the caller's own claim. Pure.
 */
export function clientAddress(socket: string | undefined, forwarded: string | undefined, trustedProxies: number): string {
  const own = (socket ?? "unknown").replace(/^::ffff:/, "");
  if (trustedProxies === 0) return own;
  const chain = (forwarded ?? "").split(",").map((part) => part.trim()).filter(Boolean);
  const seen = chain.at(-trustedProxies);
  return seen && isIP(seen) ? seen : own;
}

/** An IPv6 holder has 2^64 addresses: the /64 counts as one. Pure. */
export function limitKey(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = "", tail = ""] = address.toLowerCase().split("::");
  const left = head ? head.split(":") : [];
  const right = tail ? tail.split(":") : [];
  const groups = address.includes("::") ? [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill("0"), ...right] : left;
  return `${groups.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, "")).join(":")}::/64`;
}
