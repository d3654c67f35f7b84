// The signing page: takes the ticket out of the address, trades it, and shows the one thing it was opened for.
import { ProtocolError } from "#lib/protocol/errors.ts";
import { readAddress } from "./address.ts";
import { readHouse } from "./house.ts";
import { checkOffer } from "./offer.ts";
import { showEnd, showHouse, showOrganisation, wordsOf } from "./stage.ts";
import { Stopped } from "./stopped.ts";
import { ask } from "./talk.ts";
import { viewApprove } from "./view-approve.ts";
import { viewConfirm } from "./view-confirm.ts";
import { viewEndorse } from "./view-endorse.ts";
import { viewEnrol } from "./view-enrol.ts";

async function open(): Promise<void> {
  const { origin, host, pathname, hash } = location;
  showHouse(host);
  const house = readHouse(origin, document.querySelector<HTMLMetaElement>('meta[name="clavitor-console"]')?.content ?? null);
  if (house === null) throw new Stopped("misbuilt");
  const opened = readAddress(pathname, hash);
  if (opened === null) throw new Stopped("not_opened");
  if (opened.ticket === null) throw new Stopped(performance.getEntriesByType("navigation")[0]?.toJSON().type === "navigate" ? "not_opened" : "opened_again");
  // Out of the address bar and the history before anything else: it is good once, and nobody need see it.
  history.replaceState(null, "", pathname);
  if (typeof PublicKeyCredential === "undefined") throw new Stopped("unsupported");
  const offer = await ask("trade", { subject: opened.subject, ticket: opened.ticket });
  try {
    checkOffer(offer);
  } catch (error) {
    if (error instanceof ProtocolError) throw new Stopped("strange_offer");
    throw error;
  }
  showOrganisation(offer.msp.name);
  if (offer.kind === "enrol") viewEnrol(offer, house);
  else if (offer.kind === "endorse") await viewEndorse(offer, house);
  else if (offer.kind === "confirm") await viewConfirm(offer, house);
  else await viewApprove(offer, house);
}

try {
  await open();
} catch (error) {
  showEnd(wordsOf(error).words, false);
}
