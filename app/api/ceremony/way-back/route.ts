import { z } from "zod";
import { linkSecret } from "#lib/identity/ceremony.ts";
import { lookAtRecovery } from "#lib/identity/recovery.ts";
import { visit } from "#lib/visit.ts";

/** Whose way back a link is, and from when it leads there. */
export const POST = (request: Request) => visit(request, z.object({ secret: linkSecret }), ({ secret }) => lookAtRecovery(secret));
