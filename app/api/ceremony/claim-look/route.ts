import { z } from "zod";
import { lookAtClaim } from "#lib/demo/claim.ts";
import { linkSecret } from "#lib/identity/ceremony.ts";
import { visit } from "#lib/visit.ts";

/** What a claim link leads to, and whether it is still good. */
export const POST = (request: Request) => visit(request, z.object({ secret: linkSecret }), ({ secret }) => lookAtClaim(secret));
