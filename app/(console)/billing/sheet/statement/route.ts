import { worded } from "#lib/action.ts";
import { statementSheet } from "#lib/billing/sheet.ts";
import { readStatement } from "#lib/billing/statement.ts";
import { problem } from "#lib/errors.ts";
import { actorWith } from "#lib/identity/session.ts";

/** A month's statement, every movement of it. */
export async function GET(request: Request): Promise<Response> {
  try {
    const actor = await actorWith("billing.read");
    const statement = await readStatement(actor, new URL(request.url).searchParams.get("month") ?? undefined, { whole: true });
    return new Response(statementSheet(statement), { headers: { "Content-Type": "text/csv; charset=utf-8", "Content-Disposition": `attachment; filename="statement-${statement.month}.csv"`, "Cache-Control": "no-store" } });
  } catch (error) {
    const failure = await worded(error);
    return Response.json(problem(failure), { status: failure.status, headers: { "Content-Type": "application/problem+json" } });
  }
}
