import type { Metadata } from "next";
import Link from "next/link";
import { Split } from "#components/shell/split.tsx";
import { buttonClass } from "#components/ui/button-class.ts";
import { env } from "#lib/env.ts";
import { currentVisitor } from "#lib/identity/session.ts";

export const metadata: Metadata = { title: { absolute: "Clavitor MSP" } };

export default async function FrontPage() {
  const visitor = await currentVisitor();
  const { SIGN_UP, local } = env();
  return (
    <Split
      title="Who can open which client’s vault"
      lead="The management plane for managed service providers. It shows who reaches what in every client’s credential vault, and changes it only with a touch of your hardware key."
    >
      <div className="flex flex-wrap gap-2">
        {visitor.kind === "person" ? (
          <Link href="/overview" className={buttonClass({ tone: "ink", size: "large" })}>
            Open the console
          </Link>
        ) : (
          <Link href="/sign-in" className={buttonClass({ tone: "ink", size: "large" })}>
            Sign in
          </Link>
        )}
        {visitor.kind !== "person" && SIGN_UP === "open" ? (
          <Link href="/sign-up" className={buttonClass({ size: "large" })}>
            Start an organisation
          </Link>
        ) : null}
        {visitor.kind === "nobody" && local ? (
          <Link href="/settings/system" className={buttonClass({ tone: "quiet", size: "large" })}>
            Open settings
          </Link>
        ) : null}
      </div>
    </Split>
  );
}
