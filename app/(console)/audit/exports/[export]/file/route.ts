import { z } from "zod";
import { Refusal } from "#lib/errors.ts";
import { fetchExport } from "#lib/export/show.ts";
import { actorWith } from "#lib/identity/session.ts";
import { answer } from "#lib/visit.ts";

export const dynamic = "force-dynamic";

/** The file, one piece in memory at a time however large it is: the next is read when the browser has taken the last. */
export const GET = (_request: Request, { params }: { params: Promise<{ export: string }> }) =>
  answer(async () => {
    const actor = await actorWith("audit.export");
    const id = z.uuid().safeParse((await params).export);
    if (!id.success) throw new Refusal("export_gone");
    const { name, type, bytes, piece } = await fetchExport(actor, { id: id.data });
    let at = 0;
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const next = await piece(at);
        at += 1;
        if (next) controller.enqueue(next);
        else controller.close();
      },
    }, { highWaterMark: 0 });
    return new Response(body, { headers: { "Content-Type": type, "Content-Length": String(bytes), "Content-Disposition": `attachment; filename="${name}"`, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff" } });
  });
