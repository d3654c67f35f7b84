import { Refusal } from "#lib/errors.ts";
import { findByName, typedName } from "#lib/find/by-name.ts";
import { actorWith } from "#lib/identity/session.ts";
import { answer } from "#lib/visit.ts";

export const dynamic = "force-dynamic";

/** Clients and technicians for the palette, `?q=` as typed. Everybody may ask; of what kind they hear anything, the verb decides. */
export const GET = (request: Request) =>
  answer(async () => {
    const actor = await actorWith("self");
    const asked = typedName.safeParse(new URL(request.url).searchParams.get("q") ?? "");
    if (!asked.success) throw new Refusal("invalid");
    return Response.json(await findByName(actor, asked.data), { headers: { "Cache-Control": "no-store" } });
  });
