import { Refusal } from "#lib/errors.ts";
import { actorWith } from "#lib/identity/session.ts";
import { exportPlan } from "#lib/plan/file.ts";
import { answer } from "#lib/visit.ts";

/** The plan as a file. */
export const GET = (_request: Request, context: { params: Promise<{ plan: string }> }) =>
  answer(async () => {
    const actor = await actorWith("plan.read");
    const { plan } = await context.params;
    if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(plan)) throw new Refusal("not_found");
    const { name, text } = await exportPlan(actor, plan);
    return new Response(text, { headers: { "Content-Type": "application/json", "Content-Disposition": `attachment; filename="${name}"`, "Cache-Control": "no-store" } });
  });
