/**
 * Two houses stand behind one port: the console and the signing origin (DESIGN, The signing house). Only the Host header
 * tells them apart. A Host that is neither is refused, which also ends DNS rebinding.
 */
export type House = "console" | "signing";

type Origins = { APP_ORIGIN: string; SIGN_ORIGIN: string };

/** Pure. `host` as sent; a default port may be left out, and case does not count. */
export function houseOf(host: string | undefined, { APP_ORIGIN, SIGN_ORIGIN }: Origins): House | undefined {
  const same = (origin: string) => {
    const { host: wanted, protocol } = new URL(origin);
    const given = host?.toLowerCase();
    return given === wanted || given === `${wanted}:${protocol === "https:" ? 443 : 80}`;
  };
  if (same(APP_ORIGIN)) return "console";
  return same(SIGN_ORIGIN) ? "signing" : undefined;
}
