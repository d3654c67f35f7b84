import NextAuth, { type NextAuthOptions } from "next-auth";
import type { NextRequest } from "next/server";
import { claimWay } from "#lib/demo/claim.ts";
import { authOptions } from "#lib/identity/next-auth.ts";

export const dynamic = "force-dynamic";

/** Of next-auth's many doors the two that are used; signing out is an action of ours, its own pages do not exist. */
const open: ReadonlySet<string> = new Set(["GET csrf", "POST callback/passkey"]);

type Context = { params: Promise<{ nextauth: string[] }> };

/** next-auth 4 does not say in its types that it serves route handlers as well. */
const routed = NextAuth as unknown as (request: NextRequest, context: Context, options: NextAuthOptions) => Promise<Response>;

async function handle(request: NextRequest, context: Context): Promise<Response> {
  const { nextauth } = await context.params;
  if (!open.has(`${request.method} ${nextauth.join("/")}`)) return new Response(null, { status: 404 });
  const answer = await routed(request, context, authOptions({ active: true, otherWay: claimWay }));
  answer.headers.set("Cache-Control", "no-store");
  return answer;
}

export { handle as GET, handle as POST };
