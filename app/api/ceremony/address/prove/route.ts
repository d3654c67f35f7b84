import { z } from "zod";
import { proveAddress } from "#lib/identity/address.ts";
import { linkSecret } from "#lib/identity/ceremony.ts";
import { visit } from "#lib/visit.ts";

/** Uses the link up: the address is proven. It signs nobody in. */
export const POST = (request: Request) => visit(request, z.object({ secret: linkSecret }), ({ secret }) => proveAddress(secret, request.headers.get("x-request-id") ?? undefined));
