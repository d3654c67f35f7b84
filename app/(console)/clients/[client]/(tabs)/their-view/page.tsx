import { randomUUID } from "node:crypto";
import type { Metadata } from "next";
import { Suspense } from "react";
import { GlassLinks } from "#components/client/glass-links.tsx";
import { GlassView } from "#components/client/glass-view.tsx";
import { LoadingRows } from "#components/ui/states.tsx";
import { askVault } from "#lib/glass/ask.ts";
import { listGlassLinks } from "#lib/glass/links.ts";
import { previewGlass } from "#lib/glass/show.ts";
import { holds, type Actor } from "#lib/identity/actor.ts";
import { pageActor } from "#lib/identity/session.ts";
import { makeLink, revokeLink } from "../../actions.ts";
import { clientFacts, clientIdOf } from "../../client-facts.ts";

export const metadata: Metadata = { title: "Their view" };

const WIDTHS = ["minmax(0,1.2fr)", "minmax(0,1fr)", "92px", "72px"] as const;

export default async function TheirViewPage({ params }: { params: Promise<{ client: string }> }) {
  const actor = await pageActor("client.read");
  const { client } = await clientFacts(actor, await clientIdOf(params));
  const links = await listGlassLinks(actor, client.id);
  return (
    <>
      <GlassLinks clientId={client.id} links={links} suggested={client.contact.name} formKey={randomUUID()} actions={holds(actor, "client.connect") ? { make: makeLink, revoke: revokeLink } : null} />
      <section aria-label="What they see" className="bg-canvas px-gutter py-6 max-thumb:px-0 max-thumb:py-0">
        <div className="mx-auto max-w-[820px] rounded-box border border-line bg-surface px-14 py-10 max-rail:px-10 max-thumb:rounded-none max-thumb:border-0 max-thumb:px-4 max-thumb:py-6">
          <Suspense fallback={<LoadingRows what="what they see" rows={7} widths={WIDTHS} className="-mx-6 max-thumb:-mx-4" />}>
            <Preview actor={actor} clientId={client.id} />
          </Suspense>
        </div>
      </section>
    </>
  );
}

/** Asks the vaults as their page does, so that it shows what they would see now. */
async function Preview({ actor, clientId }: { actor: Actor; clientId: string }) {
  return <GlassView answer={await previewGlass(actor, clientId, askVault)} />;
}
