import { Refusal } from "#lib/errors.ts";
import { tallyAudit } from "#lib/audit/tally.ts";
import { actorWith } from "#lib/identity/session.ts";
import { answer } from "#lib/visit.ts";

export const dynamic = "force-dynamic";

/** Counts all that a query selects, one by one; for whom an estimate is not enough. */
export const GET = (request: Request) =>
  answer(async () => {
    const actor = await actorWith("audit.read");
    const query = new URL(request.url).searchParams.get("q") ?? "";
    if (query.length > 2_000) throw new Refusal("invalid");
    return Response.json(await tallyAudit(actor, { query, exact: true }), { headers: { "Cache-Control": "no-store" } });
  });
