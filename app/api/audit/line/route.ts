import { z } from "zod";
import { Refusal } from "#lib/errors.ts";
import { showAudit } from "#lib/audit/show.ts";
import { actorWith } from "#lib/identity/session.ts";
import { answer } from "#lib/visit.ts";

export const dynamic = "force-dynamic";

const asked = z.object({ source: z.enum(["vault", "console"]), id: z.uuid() });

/** One line with what proves it. */
export const GET = (request: Request) =>
  answer(async () => {
    const actor = await actorWith("audit.read");
    const given = asked.safeParse(Object.fromEntries(new URL(request.url).searchParams));
    if (!given.success) throw new Refusal("invalid");
    return Response.json(await showAudit(actor, given.data), { headers: { "Cache-Control": "no-store" } });
  });
