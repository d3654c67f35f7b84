import { z } from "zod";
import { lookAtAddress } from "#lib/identity/address.ts";
import { linkSecret } from "#lib/identity/ceremony.ts";
import { visit } from "#lib/visit.ts";

/** What the holder of an address's link may see: who named it, and where. */
export const POST = (request: Request) => visit(request, z.object({ secret: linkSecret }), ({ secret }) => lookAtAddress(secret));
