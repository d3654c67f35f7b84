import { z } from "zod";
import { beginningBrowser } from "#lib/identity/browser.ts";
import { linkSecret } from "#lib/identity/ceremony.ts";
import { beginRecovery } from "#lib/identity/recovery.ts";
import { visit } from "#lib/visit.ts";

/** The question to the new key of an owner who lost all others, once the day is over. */
export const POST = (request: Request) => visit(request, z.object({ secret: linkSecret }), async ({ secret }) => beginRecovery(secret, await beginningBrowser()));
