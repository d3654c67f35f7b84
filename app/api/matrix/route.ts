import { gzip } from "node:zlib";
import { promisify } from "node:util";
import { z } from "zod";
import { Refusal } from "#lib/errors.ts";
import { cellProgress } from "#lib/dispatch/progress.ts";
import { actorWith } from "#lib/identity/session.ts";
import { loadFacts } from "#lib/matrix/load.ts";
import { encodeFacts } from "#lib/matrix/wire.ts";
import { answer } from "#lib/visit.ts";

export const dynamic = "force-dynamic";

const vaults = z.array(z.uuid()).max(500);

/**
 * The facts of the matrix, packed (lib/matrix/wire.ts) and then gzip, which the page opens itself: the framework drops a handler's
 * Content-Encoding. All of them, or with `?vault=...` only the rows of these vaults.
 */
export const GET = (request: Request) =>
  answer(async () => {
    const actor = await actorWith("matrix.read");
    const asked = vaults.safeParse(new URL(request.url).searchParams.getAll("vault"));
    if (!asked.success) throw new Refusal("invalid");
    const vaultRefs = asked.data.length > 0 ? { vaultRefs: asked.data } : {};
    const bytes = encodeFacts(await loadFacts(actor, { ...vaultRefs, progress: await cellProgress(actor, vaultRefs.vaultRefs) }));
    return new Response(new Uint8Array(await promisify(gzip)(bytes)), { headers: { "Content-Type": "application/gzip", "Cache-Control": "no-store, no-transform" } });
  });
