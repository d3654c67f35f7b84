import { z } from "zod";
import { beginningBrowser } from "#lib/identity/browser.ts";
import { linkSecret, personName } from "#lib/identity/ceremony.ts";
import { beginJoin } from "#lib/identity/invitations.ts";
import { visit } from "#lib/visit.ts";

/** The question to a new member's key. The invitation stays open until it is answered. */
export const POST = (request: Request) => visit(request, z.object({ secret: linkSecret, name: personName }), async (given) => beginJoin(given, await beginningBrowser()));
