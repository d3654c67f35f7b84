import { answered } from "#lib/billing/pop-answer.ts";
import { popCreate } from "#lib/billing/pop-door.ts";

export const dynamic = "force-dynamic";

/** A point of presence registers a new vault under a subscription; no place left: 409, and no vault is made. */
export const POST = (request: Request): Promise<Response> => answered(() => popCreate(request));
