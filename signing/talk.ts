// Asking our own doors. No cookie travels, no redirect is followed, and what comes back is JSON or nothing.
import { jcs } from "#lib/protocol/jcs.ts";
import { readProblem } from "./offer.ts";
import { Stopped } from "./stopped.ts";

const ANSWER_MS = 20_000;

/** Throws Stopped: `no_answer`, or the server's own words for a refusal. */
export async function ask(door: "trade" | "enrol" | "endorse" | "confirm" | "begin" | "approve" | "cosign" | "decline", body: object): Promise<unknown> {
  let response: Response;
  let value: unknown;
  try {
    response = await fetch(`/api/signing/${door}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: jcs(body),
      credentials: "omit",
      redirect: "error",
      cache: "no-store",
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    value = await response.json();
  } catch {
    throw new Stopped("no_answer");
  }
  if (response.ok) return value;
  const problem = readProblem(value);
  throw problem === null ? new Stopped("no_answer") : new Refused(problem.code, problem);
}

/** The server refused, in words of its closed list. */
export class Refused extends Stopped {
  readonly refusal: string;
  constructor(refusal: string, { title, detail, remedy }: { title: string; detail: string; remedy: string }) {
    super("no_answer", { title, detail, remedy });
    this.refusal = refusal;
  }
}
