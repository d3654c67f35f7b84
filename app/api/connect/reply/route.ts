import { takeReply } from "#lib/client/reply.ts";
import { worded } from "#lib/action.ts";
import { problem, Refusal } from "#lib/errors.ts";
import { limits } from "#lib/limits.ts";

export const dynamic = "force-dynamic";

/**
 * Any origin may knock: vaults live anywhere. No cookie is read, none may be sent along (no Allow-Credentials), so an answer here
 * says nothing that its sender does not hold already.
 */
const open = { "Access-Control-Allow-Origin": "*", "Cache-Control": "no-store", Vary: "Origin" };

/** A browser's question before it sends JSON from another origin. */
export function OPTIONS(): Response {
  return new Response(null, { status: 204, headers: { ...open, "Access-Control-Allow-Methods": "POST", "Access-Control-Allow-Headers": "Content-Type", "Access-Control-Max-Age": "600" } });
}

async function bodyOf(request: Request): Promise<unknown> {
  if (request.headers.get("content-type")?.split(";")[0]?.trim() !== "application/json") throw new Refusal("invalid", { detail: "The answer of a vault comes as JSON." });
  if (Number(request.headers.get("content-length") ?? Number.NaN) > limits.connectReplyBytes) throw new Refusal("too_large");
  const text = await request.text();
  if (text.length > limits.connectReplyBytes) throw new Refusal("too_large");
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Refusal("invalid", { detail: "The answer of a vault comes as JSON.", cause: error });
  }
}

/** The reply to a connect request, from the page of the client's own vault. */
export async function POST(request: Request): Promise<Response> {
  try {
    const { state } = await takeReply(await bodyOf(request));
    return Response.json({ state }, { headers: open });
  } catch (error) {
    const given = problem(await worded(error));
    return Response.json(given, { status: given.status, headers: { ...open, "Content-Type": "application/problem+json" } });
  }
}
