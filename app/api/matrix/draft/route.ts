import { actorWith } from "#lib/identity/session.ts";
import { loadDraft } from "#lib/matrix/draft.ts";
import { listRules } from "#lib/matrix/rules.ts";
import { listViews } from "#lib/matrix/view.ts";
import { answer } from "#lib/visit.ts";

export const dynamic = "force-dynamic";

/** What lies on top of the facts: one's own draft, colleagues' stages, rules, views. */
export const GET = (_request: Request) =>
  answer(async () => {
    const actor = await actorWith("matrix.read");
    const [draft, rules, views] = await Promise.all([loadDraft(actor), listRules(actor), listViews(actor)]);
    return Response.json({ draft, rules, views }, { headers: { "Cache-Control": "no-store" } });
  });
