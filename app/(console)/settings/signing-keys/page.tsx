import type { Metadata } from "next";
import { EnrolForm } from "#components/signing/enrol-form.tsx";
import { SigningKeyList } from "#components/signing/key-list.tsx";
import { OwnPlans } from "#components/plan/own-plans.tsx";
import { TwoPolicy } from "#components/plan/two-policy.tsx";
import { SigningPolicy } from "#components/signing/policy.tsx";
import { WindowList } from "#components/signing/window-list.tsx";
import { env } from "#lib/env.ts";
import { holds } from "#lib/identity/actor.ts";
import { pageActor } from "#lib/identity/session.ts";
import { showTwoPolicy } from "#lib/plan/two.ts";
import { listSigningKeys } from "#lib/signing/keys.ts";
import { listWindows } from "#lib/signing/windows.ts";
import { openEnrol, remove, renew, setPolicy, setTwo, spread } from "./actions.ts";

export const metadata: Metadata = { title: "Signing keys" };

export default async function SigningKeysPage() {
  const actor = await pageActor("signing_key.read");
  const mayEnrol = holds(actor, "signing_key.enrol");
  const [{ keys, hardwareBound }, two, windows] = await Promise.all([listSigningKeys(actor), showTwoPolicy(actor), mayEnrol ? listWindows(actor, "enrol") : []]);
  return (
    <>
      {mayEnrol ? <EnrolForm action={openEnrol} host={new URL(env().SIGN_ORIGIN).host} /> : null}
      <WindowList windows={windows} />
      <SigningKeyList keys={keys} remove={holds(actor, "signing_key.remove") ? remove : null} />
      <OwnPlans keys={keys} spread={holds(actor, "signing_key.remove") ? spread : null} renew={holds(actor, "client.connect") ? renew : null} />
      <SigningPolicy hardwareBound={hardwareBound} change={holds(actor, "signing_policy.change") ? setPolicy : null} />
      <TwoPolicy policy={two} people={new Set(keys.filter(({ removedAt }) => removedAt === null).map(({ person }) => person)).size} change={holds(actor, "signing_policy.change") ? setTwo : null} />
    </>
  );
}
