import { worded } from "#lib/action.ts";
import { splitByClient } from "#lib/billing/invoices.ts";
import { invoiceSheet } from "#lib/billing/sheet.ts";
import { problem } from "#lib/errors.ts";
import { actorWith } from "#lib/identity/session.ts";
import { invoiceAskOf } from "../../asked.ts";

/** Every line of the invoices that match, by client, for a PSA. */
export async function GET(request: Request): Promise<Response> {
  try {
    const actor = await actorWith("billing.read");
    const csv = invoiceSheet(await splitByClient(actor, invoiceAskOf(Object.fromEntries(new URL(request.url).searchParams))));
    return new Response(csv, { headers: { "Content-Type": "text/csv; charset=utf-8", "Content-Disposition": 'attachment; filename="invoice-lines.csv"', "Cache-Control": "no-store" } });
  } catch (error) {
    const failure = await worded(error);
    return Response.json(problem(failure), { status: failure.status, headers: { "Content-Type": "application/problem+json" } });
  }
}
