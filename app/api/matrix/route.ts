import { brotliCompress, constants, gzip } from "node:zlib";
import { promisify } from "node:util";
import { z } from "zod";
import { Refusal } from "#lib/errors.ts";
import { actorWith } from "#lib/identity/session.ts";
import { loadFacts } from "#lib/matrix/load.ts";
import { encodeFacts } from "#lib/matrix/wire.ts";
import { answer } from "#lib/visit.ts";

export const dynamic = "force-dynamic";

const vaults = z.array(z.uuid()).max(500);
// Fast rather than small: a step more saves 3 % and costs the first matrix 100 ms.
const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } };

/** The facts of the matrix, packed (lib/matrix/wire.ts): all, or with `?vault=...` only the rows of these vaults. */
export const GET = (request: Request) =>
  answer(async () => {
    const actor = await actorWith("matrix.read");
    const asked = vaults.safeParse(new URL(request.url).searchParams.getAll("vault"));
    if (!asked.success) throw new Refusal("invalid");
    const bytes = encodeFacts(await loadFacts(actor, asked.data.length > 0 ? { vaultRefs: asked.data } : {}));
    const takes = request.headers.get("accept-encoding") ?? "";
    const encoding = /\bbr\b/.test(takes) ? "br" : /\bgzip\b/.test(takes) ? "gzip" : null;
    const body = encoding === "br" ? await promisify(brotliCompress)(bytes, quality) : encoding === "gzip" ? await promisify(gzip)(bytes) : bytes;
    return new Response(new Uint8Array(body), { headers: { "Content-Type": "application/octet-stream", "Cache-Control": "no-store, no-transform", Vary: "Accept-Encoding", ...(encoding && { "Content-Encoding": encoding }) } });
  });
