import type { Metadata } from "next";
import Link from "next/link";
import { SignUpForm } from "#components/identity/sign-up-form.tsx";
import { Split } from "#components/shell/split.tsx";
import { buttonClass } from "#components/ui/button-class.ts";
import { Failure } from "#components/ui/states.tsx";
import { env } from "#lib/env.ts";
import { failure } from "#lib/errors.ts";

export const metadata: Metadata = { title: "Start an organisation" };

export default function SignUpPage() {
  return (
    <Split title="Start your organisation" lead="You become its first owner, with the key that you touch now. No password; others join by invitation.">
      {env().SIGN_UP === "open" ? (
        <SignUpForm />
      ) : (
        <Failure failure={failure("sign_up_closed")} state="none" className="-mx-5" actions={<Link href="/sign-in" className={buttonClass({})}>Sign in</Link>} />
      )}
    </Split>
  );
}
