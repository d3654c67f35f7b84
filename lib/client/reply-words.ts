/** Why a reply to a connect request is not taken, as a sentence for the person who waits for it (PROTOCOL 10.4). Pure. */
import type { ReplyRefusal } from "../protocol/connect.ts";

const words = {
  request: "What the client answered is not the request that we made: somebody changed it on its way. Call the client; they should end what they agreed to on their vault's own page.",
  nonce: "It carries another number than our request.",
  vault_url: "It names an address that no vault may have.",
  grant: "It allows us more than we asked for, which no honest page does.",
  roles: "It names a role that we did not ask for.",
  credentials: "It lists other signing keys than ours.",
  sealed_token: "The token in it is not sealed to the key that we drew for this request.",
  signature: "It is not signed by the vault that it names.",
} as const satisfies Record<ReplyRefusal, string>;

export const replyWords = (reason: ReplyRefusal): string => words[reason];

export const strangeAddress = (asked: string, came: string): string =>
  `It comes from a strange address. We asked at ${asked}; the vault that answered calls itself ${came}. The link may have been opened at another client's vault: they should end the connection there.`;
export const keyTaken = (client: string): string => `Its key is the one of the vault of ${client}, which is connected already. One vault belongs to one client.`;
export const otherManager = "It answers with another row than the one that we asked to renew.";
export const twoOnOneNumber = "It gives two roles one number.";
export const tokenDoesNotOpen = "The token in it cannot be opened with the key that we drew for this request, or is not for this vault.";
export const otherKeysThere = "The vault itself lists other signing keys for us than the ones that we asked for. Do not compare the code; call the client.";
export const notBlind = "With the token that it gave us, entries of the vault can be read. We must never be able to, so it was thrown away. Call the client.";
export const otherGrantThere = "The vault itself says that it allows us something else than its answer says.";
