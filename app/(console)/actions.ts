"use server";
import { cookies } from "next/headers";
import { z } from "zod";
import { act } from "#lib/action.ts";
import type { Outcome } from "#lib/errors.ts";
import type { TapQuestion } from "#lib/identity/ceremony.ts";
import { deedLength } from "#lib/identity/deed.ts";
import { sessionCookie } from "#lib/identity/next-auth.ts";
import { signOut } from "#lib/identity/sessions.ts";
import { beginStepUp } from "#lib/identity/step-up.ts";

/** A question to one's key about one deed; the verb that does the deed judges the answer. */
export async function beginTap(_previous: unknown, form: FormData): Promise<Outcome<TapQuestion>> {
  return act({ permission: "self", input: z.object({ deed: z.string().min(1).max(deedLength) }), form }, (actor, { deed }) => beginStepUp(actor, deed));
}

/** Ends this session's row; the cookie that named it goes with it. */
export async function leave(_previous: unknown, form: FormData): Promise<Outcome<{ ended: number }>> {
  const outcome = await act({ permission: "self", input: z.object({}), form }, signOut);
  if (outcome.ok) (await cookies()).set(sessionCookie, "", { httpOnly: true, secure: true, sameSite: "lax", path: "/", maxAge: 0 });
  return outcome;
}
