import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { worded } from "#lib/action.ts";
import { problem } from "#lib/errors.ts";
import { actorWith } from "#lib/identity/session.ts";

/** The page that checks certificates, as one file to be kept and opened from a disk (verify/build.ts made it). */
export async function GET(): Promise<Response> {
  try {
    await actorWith("revocation.read");
    const page = await readFile(join(process.cwd(), "verify", "built", "check-certificate.html"));
    return new Response(new Uint8Array(page), { headers: { "Content-Type": "text/html; charset=utf-8", "Content-Disposition": 'attachment; filename="check-certificate.html"', "Cache-Control": "no-store" } });
  } catch (error) {
    const failure = await worded(error);
    return Response.json(problem(failure), { status: failure.status, headers: { "Content-Type": "application/problem+json" } });
  }
}
