import { z } from "zod";
import { Refusal } from "#lib/errors.ts";
import { actorWith } from "#lib/identity/session.ts";
import { inspectCell } from "#lib/matrix/inspect.ts";
import { answer } from "#lib/visit.ts";

export const dynamic = "force-dynamic";

const input = z.object({ key: z.string().regex(/^[\w-]{11,22}$/), personId: z.uuid(), adding: z.coerce.number().int().min(0).max(10_000).optional() });

/** What stands behind one cell: `?key=` of the vault in the matrix, `?personId=`; `?adding=` tokens staged there. */
export const GET = (request: Request) =>
  answer(async () => {
    const actor = await actorWith("matrix.read");
    const asked = input.safeParse(Object.fromEntries(new URL(request.url).searchParams));
    if (!asked.success) throw new Refusal("invalid");
    return Response.json(await inspectCell(actor, { key: asked.data.key, personId: asked.data.personId, ...(asked.data.adding && { adding: asked.data.adding }) }), { headers: { "Cache-Control": "no-store" } });
  });
