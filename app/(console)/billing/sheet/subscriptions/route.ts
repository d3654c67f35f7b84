import { worded } from "#lib/action.ts";
import { allLines } from "#lib/billing/ledger.ts";
import { ledgerSheet } from "#lib/billing/sheet.ts";
import { problem } from "#lib/errors.ts";
import { actorWith } from "#lib/identity/session.ts";
import { ledgerAskOf } from "../../asked.ts";

/** The lock ledger as a sheet. */
export async function GET(request: Request): Promise<Response> {
  try {
    const actor = await actorWith("billing.read");
    const csv = ledgerSheet(await allLines(actor, ledgerAskOf(Object.fromEntries(new URL(request.url).searchParams))));
    return new Response(csv, { headers: { "Content-Type": "text/csv; charset=utf-8", "Content-Disposition": 'attachment; filename="subscriptions.csv"', "Cache-Control": "no-store" } });
  } catch (error) {
    const failure = await worded(error);
    return Response.json(problem(failure), { status: failure.status, headers: { "Content-Type": "application/problem+json" } });
  }
}
