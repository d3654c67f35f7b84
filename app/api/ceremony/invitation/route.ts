import { z } from "zod";
import { linkSecret } from "#lib/identity/ceremony.ts";
import { lookAtInvitation } from "#lib/identity/invitations.ts";
import { visit } from "#lib/visit.ts";

/** What the holder of an invitation's link may see: whose it is, for which address, with which rights. */
export const POST = (request: Request) => visit(request, z.object({ secret: linkSecret }), ({ secret }) => lookAtInvitation(secret));
