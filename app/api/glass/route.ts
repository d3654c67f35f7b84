import { headers } from "next/headers";
import { z } from "zod";
import { askVault } from "#lib/glass/ask.ts";
import { showGlass } from "#lib/glass/show.ts";
import { linkSecret } from "#lib/identity/ceremony.ts";
import { visit } from "#lib/visit.ts";

/** What the holder of a client's link sees. By POST, so that the secret stands in no address and no log. */
export const POST = (request: Request) =>
  visit(request, z.object({ secret: linkSecret }), async ({ secret }) => {
    const requestId = (await headers()).get("x-request-id");
    return showGlass(secret, askVault, requestId ? { requestId } : {});
  });
