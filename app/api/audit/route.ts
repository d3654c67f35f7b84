import { Refusal } from "#lib/errors.ts";
import { parseCursor } from "#lib/audit/line.ts";
import { listAudit } from "#lib/audit/list.ts";
import { actorWith } from "#lib/identity/session.ts";
import { answer } from "#lib/visit.ts";

export const dynamic = "force-dynamic";

/** What came after a line of the table, for whoever follows it; the newest page without one. */
export const GET = (request: Request) =>
  answer(async () => {
    const actor = await actorWith("audit.read");
    const { searchParams } = new URL(request.url);
    const query = searchParams.get("q") ?? "";
    if (query.length > 2_000) throw new Refusal("invalid");
    return Response.json(await listAudit(actor, { query, after: parseCursor(searchParams.get("after")) }), { headers: { "Cache-Control": "no-store" } });
  });
