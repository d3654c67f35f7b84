/** What a dispatch expects of its vault's receipt, out of its own row: nothing is believed that was not sent. */
import type { ReceiptExpectation, ReceiptRefusal } from "../protocol/receipt.ts";
import { parseAssertion, provenChallenge } from "../protocol/assertion.ts";
import { b64u, utf8 } from "../protocol/bytes.ts";
import { run } from "../protocol/check.ts";
import { parseCanonical } from "../protocol/jcs.ts";
import type { Op } from "../protocol/messages.ts";
import { leafData } from "../protocol/op.ts";
import { checkBatch, parseAssertionHeader } from "../protocol/schema.ts";

export type SentShare = { body: string; header: string; challenge: string };
export type SentTo = { key: string; vault: string; agent: number };

/** The operations in the bytes that were sent. */
export function operationsIn({ body }: Pick<SentShare, "body">): readonly Op[] {
  const value: unknown = parseCanonical(utf8(body));
  run(checkBatch, value, "");
  return value.operations;
}

/** @throws ProtocolError when the row is not what a release writes */
export function expectationOf(share: SentShare, { key, vault, agent }: SentTo): ReceiptExpectation {
  const ops = operationsIn(share);
  const assertion = parseAssertionHeader(share.header);
  const webauthn = b64u(provenChallenge(leafData({ agent, challenge: share.challenge, key, ops, vault }), assertion.proof));
  // The tap was over this very tree: the page and the release judged it, and it costs nothing to see it once more.
  if (parseAssertion(assertion).client?.challenge !== webauthn) throw new TypeError("A share whose tap was over something else.");
  return { ops, key, vault, agent, challenge: share.challenge, webauthn, signers: [assertion.credential_id, ...(assertion.cosign === undefined ? [] : [assertion.cosign.credential_id])] };
}

/** Words of a plan's refusal for a receipt that does not fit (lib/protocol/receipt.ts), for a person. */
export const receiptWords: Readonly<Record<ReceiptRefusal, string>> = {
  form: "it is not in the form of a receipt", vault: "it names another vault", agent: "it names another agent", batch: "it is for other operations", challenge: "it names another challenge",
  webauthn: "it names another signature", signers: "it names other signers", results: "it does not say what became of each operation", operation_id: "its operations stand in another order",
  status: "it says something that cannot be of an operation", row: "it names another row", seal: "a token was sealed to another key", signature: "its signature does not hold",
};
