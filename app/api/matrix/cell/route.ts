import { z } from "zod";
import { Refusal } from "#lib/errors.ts";
import { actorWith } from "#lib/identity/session.ts";
import { inspectCell } from "#lib/matrix/inspect.ts";
import { answer } from "#lib/visit.ts";

export const dynamic = "force-dynamic";

const input = z.object({ key: z.string().regex(/^[\w-]{11,22}$/), personId: z.uuid() });

/** What stands behind one cell: `?key=` of the vault in the matrix, `?personId=`. */
export const GET = (request: Request) =>
  answer(async () => {
    const actor = await actorWith("matrix.read");
    const asked = input.safeParse(Object.fromEntries(new URL(request.url).searchParams));
    if (!asked.success) throw new Refusal("invalid");
    return Response.json(await inspectCell(actor, asked.data), { headers: { "Cache-Control": "no-store" } });
  });
