import { Refusal } from "#lib/errors.ts";
import { lookAtExport } from "#lib/export/ask.ts";
import { actorWith } from "#lib/identity/session.ts";
import { answer } from "#lib/visit.ts";

export const dynamic = "force-dynamic";

/** What an export of a query would hold and leave out, before it is asked for. */
export const GET = (request: Request) =>
  answer(async () => {
    const actor = await actorWith("audit.export");
    const query = new URL(request.url).searchParams.get("q") ?? "";
    if (query.length > 2_000) throw new Refusal("invalid");
    return Response.json(await lookAtExport(actor, { query }), { headers: { "Cache-Control": "no-store" } });
  });
