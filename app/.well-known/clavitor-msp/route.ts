import { worded } from "#lib/action.ts";
import { publishedKey } from "#lib/audit/published-key.ts";
import { problem } from "#lib/errors.ts";

export const dynamic = "force-dynamic";

/** Under which key this installation signs: for whoever checks an export, a client's page or a checkpoint, from anywhere. */
export async function GET(): Promise<Response> {
  try {
    return Response.json(await publishedKey(), { headers: { "Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=300" } });
  } catch (error) {
    const given = problem(await worded(error));
    return Response.json(given, { status: given.status, headers: { "Content-Type": "application/problem+json" } });
  }
}
