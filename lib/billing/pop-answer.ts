import { worded } from "../action.ts";
import { problem } from "../errors.ts";

/** A point of presence's answer: JSON, or the failure as RFC 9457 has it. */
export async function answered(work: () => Promise<object>): Promise<Response> {
  try {
    return Response.json(await work(), { headers: { "Cache-Control": "no-store" } });
  } catch (error) {
    const given = problem(await worded(error));
    return Response.json(given, { status: given.status, headers: { "Content-Type": "application/problem+json" } });
  }
}
