import "server-only";
import { headers } from "next/headers";
import { z } from "zod";
import { errorId } from "./id.ts";
import { failure, Refusal, type Outcome } from "./errors.ts";
import type { Actor } from "./identity/actor.ts";
import type { Permission } from "./identity/permission.ts";
import { actorWith } from "./identity/session.ts";
import { createLog } from "./log.ts";
import { UnrecordedWrite } from "./db/tenant.ts";
import { isUnavailable } from "./db/trouble.ts";

const log = createLog("console");

/** The key of a form's single submission (lib/db/once.ts), drawn with the form. */
export const onceKey = z.uuid();

type Door<Shape extends z.ZodType> = { permission: Permission; input: Shape; form: FormData };

/** One message per field, the first that is wrong with it. */
function fieldsOf(error: z.ZodError): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const { path, message } of error.issues) fields[String(path[0] ?? "")] ??= message;
  return fields;
}

/**
 * The seam of every server action: authorize, parse, run the verb, word whatever failed. Every export of a "use server"
 * file is a public endpoint, so each calls this and nothing before it.
 */
export async function act<Shape extends z.ZodType, Value>({ permission, input, form }: Door<Shape>, verb: (actor: Actor, input: z.output<Shape>) => Promise<Value>): Promise<Outcome<Value>> {
  try {
    const actor = await actorWith(permission);
    if (!(form instanceof FormData)) throw new Refusal("invalid");
    // Fields that Next adds to a form begin with "$"; files are no text and fail the schema.
    const parsed = input.safeParse(Object.fromEntries([...form].filter(([name]) => !name.startsWith("$"))));
    if (!parsed.success) return { ok: false, failure: failure("invalid", { fields: fieldsOf(parsed.error) }) };
    return { ok: true, value: await verb(actor, parsed.data) };
  } catch (error) {
    return { ok: false, failure: await worded(error) };
  }
}

async function worded(error: unknown) {
  if (error instanceof Refusal) {
    // Changes that stop for want of a record are an operator's business at once, not only the person's.
    if (error.failure.status >= 500) log.error({ err: error.cause ?? error, failure: error.failure.code, request: await requestOf() }, "refused");
    return error.failure;
  }
  if (!(error instanceof UnrecordedWrite) && isUnavailable(error)) return failure("database_unavailable");
  const id = errorId();
  log.error({ err: error, id, request: await requestOf() }, "unexpected");
  return failure("unexpected", { id });
}

const requestOf = async () => (await headers()).get("x-request-id");
