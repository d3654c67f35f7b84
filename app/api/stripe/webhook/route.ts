import { worded } from "#lib/action.ts";
import { receiveEvent } from "#lib/billing/webhook.ts";
import { payments } from "#lib/billing/stripe.ts";
import { problem, Refusal } from "#lib/errors.ts";
import { limits } from "#lib/limits.ts";

export const dynamic = "force-dynamic";

/** Stripe's events. The signature is over the raw body, so it is read as it came; nothing else lets anybody in here. */
export async function POST(request: Request): Promise<Response> {
  try {
    if (Number(request.headers.get("content-length") ?? Number.NaN) > limits.webhookBytes) throw new Refusal("too_large");
    const { fresh } = await receiveEvent(await request.text(), request.headers.get("stripe-signature") ?? "", { payments: payments() });
    return Response.json({ received: true, fresh });
  } catch (error) {
    const given = problem(await worded(error));
    return Response.json(given, { status: given.status, headers: { "Content-Type": "application/problem+json" } });
  }
}
