import "server-only";
import { randomBytes } from "node:crypto";
import { cookies, headers } from "next/headers";
import type { Bytes } from "../protocol/bytes.ts";
import { agentInWords } from "./agent.ts";
import { bindingOf } from "./challenge.ts";

/** Ties the ceremonies of a visitor to one browser. `__Host-`: no other host can set it, no script can read it. */
export const ceremonyCookie = "__Host-ceremony";

/** The browser at the door: what a new session remembers of it, and what its challenges are bound to. */
export type Browser = { agent: string; address: string; requestId?: string; bind(...parts: string[]): Bytes };

async function browserWith(secret: string): Promise<Browser> {
  const head = await headers();
  const requestId = head.get("x-request-id");
  return {
    agent: agentInWords(head.get("user-agent")),
    // Written by server.ts, which drops what a caller put there.
    address: (head.get("x-forwarded-for") ?? "unknown").slice(0, 64),
    ...(requestId && { requestId }),
    bind: (...parts) => bindingOf("visitor", secret, ...parts),
  };
}

const drawn = /^[A-Za-z0-9_-]{43}$/;

/** For beginning a ceremony: draws the cookie where there is none. One serves all tabs, so that two of them do not disturb each other. */
export async function beginningBrowser(): Promise<Browser> {
  const jar = await cookies();
  const kept = jar.get(ceremonyCookie)?.value;
  if (kept && drawn.test(kept)) return browserWith(kept);
  const secret = randomBytes(32).toString("base64url");
  jar.set(ceremonyCookie, secret, { httpOnly: true, secure: true, sameSite: "strict", path: "/" });
  return browserWith(secret);
}

/** For ending one. Without the cookie its challenges are bound to nothing that was ever drawn. */
export async function endingBrowser(): Promise<Browser> {
  const kept = (await cookies()).get(ceremonyCookie)?.value;
  return browserWith(kept && drawn.test(kept) ? kept : randomBytes(32).toString("base64url"));
}
