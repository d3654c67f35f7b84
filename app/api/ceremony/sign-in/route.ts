import { z } from "zod";
import { beginningBrowser } from "#lib/identity/browser.ts";
import { beginSignIn } from "#lib/identity/sign-in.ts";
import { visit } from "#lib/visit.ts";

/** A question to whatever key this browser offers. Says nothing of who exists. */
export const POST = (request: Request) => visit(request, z.object({}), async () => beginSignIn(await beginningBrowser()));
