import { z } from "zod";
import { worded } from "#lib/action.ts";
import { writeCsv } from "#lib/client/csv.ts";
import { problem, Refusal } from "#lib/errors.ts";
import { actorWith } from "#lib/identity/session.ts";
import { rotationOf } from "#lib/revocation/hand-out.ts";

const asked = z.object({ client: z.uuid().optional() });
const day = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

/** The rotation list as a sheet; with `?client=` the lines of that client alone, to be handed to them. */
export async function GET(request: Request, at: { params: Promise<{ revocation: string }> }): Promise<Response> {
  try {
    const actor = await actorWith("revocation.read");
    const id = z.uuid().safeParse((await at.params).revocation);
    const given = asked.safeParse(Object.fromEntries(new URL(request.url).searchParams));
    if (!id.success || !given.success) throw new Refusal("not_found");
    const { clients } = await rotationOf(actor, id.data);
    const of = clients.filter(({ clientId }) => given.data.client === undefined || clientId === given.data.client);
    if (of.length === 0) throw new Refusal("not_found");
    const rows = of.flatMap(({ client, lines, readAt, gaps }) => lines.map((line) => [client, line.entry, line.token, day(line.firstAt), day(line.lastAt), String(line.reads), line.removed ? "removed" : line.changedAt === null ? "not changed" : "changed", line.changedAt === null ? "" : day(line.changedAt), readAt === null ? "" : day(readAt), gaps.join(" ")]));
    const sheet = writeCsv([["client", "entry", "token", "first opened", "last opened", "times", "since then", "changed at", "log known until", "not covered"], ...rows]);
    return new Response(sheet, { headers: { "Content-Type": "text/csv; charset=utf-8", "Content-Disposition": `attachment; filename="rotation-${id.data.slice(-12)}.csv"`, "Cache-Control": "no-store" } });
  } catch (error) {
    const failure = await worded(error);
    return Response.json(problem(failure), { status: failure.status, headers: { "Content-Type": "application/problem+json" } });
  }
}
