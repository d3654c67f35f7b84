import "server-only";
import type { z } from "zod";
import { worded } from "./action.ts";
import { failure, problem, type Failure } from "./errors.ts";

const headers = { "Cache-Control": "no-store" };
const refused = (given: Failure) => Response.json(problem(given), { status: given.status, headers: { ...headers, "Content-Type": "application/problem+json" } });

/**
 * The seam of route handlers that pages call: parse, run the verb, word whatever failed (RFC 9457). What needs a right asks for
 * it inside `verb`; the doors of visitors need none, and say so in the table of doors (tests/repository/doors.ts).
 */
export async function visit<Shape extends z.ZodType, Value>(request: Request, input: Shape, verb: (input: z.output<Shape>) => Promise<Value>): Promise<Response> {
  try {
    const body: unknown = await request.json().catch(() => undefined);
    const parsed = input.safeParse(body);
    if (!parsed.success) {
      const fields: Record<string, string> = {};
      for (const { path, message } of parsed.error.issues) fields[String(path[0] ?? "")] ??= message;
      return refused(failure("invalid", { fields }));
    }
    return Response.json((await verb(parsed.data)) ?? {}, { headers });
  } catch (error) {
    return refused(await worded(error));
  }
}

/** The seam of route handlers that answer with more than JSON, or with none: run the verb, word whatever failed. */
export async function answer(verb: () => Promise<Response>): Promise<Response> {
  try {
    return await verb();
  } catch (error) {
    return refused(await worded(error));
  }
}
