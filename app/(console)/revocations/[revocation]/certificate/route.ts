import { z } from "zod";
import { worded } from "#lib/action.ts";
import { problem, Refusal } from "#lib/errors.ts";
import { actorWith } from "#lib/identity/session.ts";
import { certificateOf } from "#lib/revocation/hand-out.ts";

const asked = z.object({ client: z.uuid().optional() });

/** The certificate as a file; with `?client=` the part of that client alone. */
export async function GET(request: Request, at: { params: Promise<{ revocation: string }> }): Promise<Response> {
  try {
    const actor = await actorWith("revocation.read");
    const id = z.uuid().safeParse((await at.params).revocation);
    const given = asked.safeParse(Object.fromEntries(new URL(request.url).searchParams));
    if (!id.success || !given.success) throw new Refusal("not_found");
    const { name, file } = await certificateOf(actor, { revocationId: id.data, clientId: given.data.client ?? null });
    return new Response(file, { headers: { "Content-Type": "application/json", "Content-Disposition": `attachment; filename="${name}.json"`, "Cache-Control": "no-store" } });
  } catch (error) {
    const failure = await worded(error);
    return Response.json(problem(failure), { status: failure.status, headers: { "Content-Type": "application/problem+json" } });
  }
}
