import { z } from "zod";
import { visitorWith, type Visitor } from "#lib/identity/session.ts";
import { visit } from "#lib/visit.ts";

export const dynamic = "force-dynamic";

const told = (visitor: Visitor) => {
  if (visitor.kind === "person") return { state: "live", idleEndsAt: visitor.idleEndsAt.getTime(), now: Date.now() } as const;
  return visitor.kind === "ended" ? ({ state: "ended", why: visitor.why } as const) : ({ state: "none" } as const);
};

/** Whether this browser's session lives, and until when. Asking is no activity. */
export const GET = (request: Request) => visit(new Request(request.url, { method: "POST", body: "{}" }), z.object({}), async () => told(await visitorWith(false)));

/** A person typed or clicked on the page that says so. */
export const POST = (request: Request) => visit(request, z.object({}), async () => told(await visitorWith(true)));
