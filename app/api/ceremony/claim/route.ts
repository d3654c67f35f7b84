import { z } from "zod";
import { beginClaim } from "#lib/demo/claim.ts";
import { beginningBrowser } from "#lib/identity/browser.ts";
import { linkSecret, personName } from "#lib/identity/ceremony.ts";
import { visit } from "#lib/visit.ts";

/** The question to the key that claims the demo. The code stays good until it is answered. */
export const POST = (request: Request) => visit(request, z.object({ secret: linkSecret, name: personName }), async ({ secret, name }) => beginClaim({ code: secret, name }, await beginningBrowser()));
