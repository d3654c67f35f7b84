import { cookies } from "next/headers";
import Link from "next/link";
import { NuqsAdapter } from "nuqs/adapters/next/app";
import type { ReactNode } from "react";
import { DemoBanner } from "#components/claim/demo-banner.tsx";
import { AccountMenu } from "#components/identity/account-menu.tsx";
import { AddressBanner } from "#components/identity/address-banner.tsx";
import { SessionWatch } from "#components/identity/session-watch.tsx";
import { BlindFoot } from "#components/overview/blind-foot.tsx";
import { Frame } from "#components/shell/frame.tsx";
import { ShellProvider } from "#components/shell/shell-context.tsx";
import { StagedChip } from "#components/shell/staged-chip.tsx";
import { parseSingleKeys, parseTheme, SINGLE_KEYS_COOKIE, THEME_COOKIE } from "#components/shell/theme.ts";
import { buttonClass } from "#components/ui/button-class.ts";
import { hasTerms } from "#lib/contract/terms.ts";
import { findsNames } from "#lib/find/by-name.ts";
import { holds } from "#lib/identity/actor.ts";
import { demoOf } from "#lib/demo/progress.ts";
import { unprovenAddress } from "#lib/identity/address.ts";
import { readOrganisation } from "#lib/identity/organisation.ts";
import { rightsInWords } from "#lib/identity/permission.ts";
import { currentActor, currentVisitor } from "#lib/identity/session.ts";
import { readBlind } from "#lib/overview/load.ts";
import { waitingFor } from "#lib/request/waiting.ts";
import { leave } from "./actions.ts";
import { pagesFor } from "./pages.ts";
import { placesFor } from "./places.tsx";

export default async function ConsoleLayout({ children }: { children: ReactNode }) {
  const [jar, visitor] = await Promise.all([cookies(), currentVisitor()]);
  const person = visitor.kind === "person" ? visitor.actor : null;
  const seesClients = person !== null && holds(person, "client.read");
  const [organisation, unproven, blind, demo, waiting] = person ? await Promise.all([readOrganisation(person), unprovenAddress(person), seesClients ? readBlind(person) : null, demoOf(person), waitingFor(person)]) : [null, null, null, null, null];
  const terms = person !== null && holds(person, "contract.read") && (await hasTerms(person));
  const places = placesFor(person, waiting ? { "/tokens": waiting.tokens, "/requests": waiting.requests, "/plans": waiting.plans, "/billing": waiting.alarms } : {});
  const name = organisation?.name ?? "Clavitor MSP";
  return (
    <NuqsAdapter>
      <ShellProvider navigation={places} pages={pagesFor((await currentActor()) ?? null, places, { terms })} names={person ? findsNames(person) : { clients: false, technicians: false }} theme={parseTheme(jar.get(THEME_COOKIE)?.value)} singleKeys={parseSingleKeys(jar.get(SINGLE_KEYS_COOKIE)?.value)}>
        <Frame
          name={name}
          homeHref="/"
          navigation={places}
          staged={waiting?.staged ? <StagedChip drawn={waiting.staged} /> : null}
          foot={blind === null ? null : <BlindFoot blind={blind} />}
          banner={demo ? <DemoBanner settled={demo.settled} /> : unproven === null ? null : <AddressBanner email={unproven} />}
          account={person ? <AccountMenu name={person.name} rights={rightsInWords(person.rights)} signOut={leave} /> : <Link href="/sign-in" className={buttonClass({})}>Sign in</Link>}
        >
          {children}
        </Frame>
        {person ? <SessionWatch key={person.sessionId} /> : null}
      </ShellProvider>
    </NuqsAdapter>
  );
}
