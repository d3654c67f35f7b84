import { database } from "#lib/db/client.ts";
import { readiness } from "#lib/system/readiness.ts";

export const dynamic = "force-dynamic";

/** 200 when database, migrations and worker are in order, else 503; the body says which and why, in words without secrets. */
export async function GET() {
  const { ready, parts } = await readiness(database());
  return Response.json({ status: ready ? "ready" : "not ready", parts }, { status: ready ? 200 : 503, headers: { "Cache-Control": "no-store" } });
}
