import "server-only";
import { headers } from "next/headers";

/** The User-Agent of the browser at the console's door: the window's ticket is good in that browser only (lib/signing/trade.ts). */
export const userAgentNow = async (): Promise<string> => (await headers()).get("user-agent") ?? "";
