import { auditNames } from "#lib/audit/list.ts";
import { actorWith } from "#lib/identity/session.ts";
import { answer } from "#lib/visit.ts";

export const dynamic = "force-dynamic";

/** Names for the bar's suggestions, asked for when somebody begins to type. */
export const GET = () => answer(async () => Response.json(await auditNames(await actorWith("audit.read")), { headers: { "Cache-Control": "no-store" } }));
