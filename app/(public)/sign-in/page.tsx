import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { SignInForm } from "#components/identity/sign-in-form.tsx";
import { Split } from "#components/shell/split.tsx";
import { env } from "#lib/env.ts";
import { failure } from "#lib/errors.ts";
import { placeAfter } from "#lib/identity/place.ts";
import { currentVisitor } from "#lib/identity/session.ts";

export const metadata: Metadata = { title: "Sign in" };

/** Why a session can be over, as it may stand in the address; anything else there says nothing. */
const ends = ["session_idle", "session_expired", "session_revoked", "person_frozen"] as const;

export default async function SignInPage({ searchParams }: { searchParams: Promise<Record<string, string | string[] | undefined>> }) {
  const { next, why } = await searchParams;
  const place = placeAfter(typeof next === "string" ? next : undefined);
  const visitor = await currentVisitor();
  if (visitor.kind === "person") redirect(place);
  const ended = ends.find((one) => one === why);
  const words = ended ? failure(ended) : null;
  return (
    <Split title="Sign in with your key" lead="No password. This tap only opens the door: it can never approve anything. Signing has its own page and its own key.">
      <SignInForm next={place} ended={words && { title: words.title, detail: words.detail }} signUpOpen={env().SIGN_UP === "open"} />
    </Split>
  );
}
