import { z } from "zod";
import { worded } from "#lib/action.ts";
import { problem, Refusal } from "#lib/errors.ts";
import { actorWith } from "#lib/identity/session.ts";
import { certificateOf } from "#lib/receipt/certificate.ts";

const asked = z.object({ vault: z.uuid(), plan: z.uuid() });

/** The certificate as a file. */
export async function GET(request: Request): Promise<Response> {
  try {
    const actor = await actorWith("client.exit");
    const given = asked.safeParse(Object.fromEntries(new URL(request.url).searchParams));
    if (!given.success) throw new Refusal("not_found");
    const certificate = await certificateOf(actor, { vaultRef: given.data.vault, planId: given.data.plan });
    return new Response(`${JSON.stringify(certificate, null, 2)}\n`, { headers: { "Content-Type": "application/json", "Content-Disposition": `attachment; filename="exit-${certificate.vault.id}.json"`, "Cache-Control": "no-store" } });
  } catch (error) {
    const failure = await worded(error);
    return Response.json(problem(failure), { status: failure.status, headers: { "Content-Type": "application/problem+json" } });
  }
}
