import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { openEnrol } from "../../(console)/settings/signing-keys/actions.ts";
import { ClaimForm } from "#components/claim/claim-form.tsx";
import { SigningStep } from "#components/claim/signing-step.tsx";
import { Split } from "#components/shell/split.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { demoProgress } from "#lib/demo/progress.ts";
import { env } from "#lib/env.ts";
import { holds, type Actor } from "#lib/identity/actor.ts";
import { currentVisitor } from "#lib/identity/session.ts";
import { listWindows } from "#lib/signing/windows.ts";

export const metadata: Metadata = { title: "Claim the demo" };

/** Whoever claimed it comes here again for the second key; everybody else needs the link that the launcher printed. */
export default async function ClaimPage() {
  const visitor = await currentVisitor();
  const actor = visitor.kind === "person" && holds(visitor.actor, "client.connect") ? visitor.actor : null;
  const progress = actor && (await demoProgress(actor));
  if (actor && progress) return <SecondKey actor={actor} hasSigningKey={progress.hasSigningKey} />;
  return (
    <Split title="Make this workspace yours" above={<Badge state="staged">One link, one owner</Badge>}>
      <div className="mt-4">
        <ClaimForm />
      </div>
    </Split>
  );
}

async function SecondKey({ actor, hasSigningKey }: { actor: Actor; hasSigningKey: boolean }) {
  if (hasSigningKey) redirect("/claim/progress");
  const [last] = await listWindows(actor, "enrol");
  return (
    <Split title="It is yours. Now the key that approves" above={<Badge state="proven">Signed in as {actor.name}</Badge>}>
      <div className="mt-4">
        <SigningStep action={openEnrol} label="First signing key" host={new URL(env().SIGN_ORIGIN).host} last={last ?? null} />
      </div>
    </Split>
  );
}
