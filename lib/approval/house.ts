/** What plans add to the signing house: what a window shows, and its three doors. */
import { door, type LaterDoors } from "../signing/serve.ts";
import { cosignApproval, cosignShape } from "./cosign.ts";
import { approveOffer } from "./offer.ts";
import { relayBegin, relayShape } from "./relay.ts";
import { releaseApproval, releaseShape } from "./release.ts";

export const planDoors: LaterDoors = {
  offering: approveOffer,
  doors: {
    begin: door(relayShape, (given, visitor) => relayBegin(given, visitor)),
    approve: door(releaseShape, (given, visitor) => releaseApproval(given, visitor)),
    cosign: door(cosignShape, (given, visitor) => cosignApproval(given, visitor)),
  },
};
