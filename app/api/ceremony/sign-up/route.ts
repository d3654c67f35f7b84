import { z } from "zod";
import { beginningBrowser } from "#lib/identity/browser.ts";
import { emailAddress, organisationName, personName } from "#lib/identity/ceremony.ts";
import { beginSignUp } from "#lib/identity/sign-up.ts";
import { visit } from "#lib/visit.ts";

/** The question to the first owner's key, where sign-up is open. Nothing is founded yet. */
export const POST = (request: Request) => visit(request, z.object({ organisation: organisationName, name: personName, email: emailAddress }), async (founding) => beginSignUp(founding, await beginningBrowser()));
