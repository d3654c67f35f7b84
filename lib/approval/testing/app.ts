/**
 * The console's doors of a tap as a process of its own, for a test that kills it: a message in is a call, a message out its answer or
 * its refusal. The same verbs that the routes of `app/api/signing` call.
 */
import { Refusal } from "../../errors.ts";
import { visitor } from "../../dispatch/testing/estate.ts";
import { relayBegin } from "../relay.ts";
import { releaseApproval } from "../release.ts";

/** @source app/api/signing/begin, app/api/signing/approve */
export type Call = { begin: Parameters<typeof relayBegin>[0] } | { approve: Parameters<typeof releaseApproval>[0] };
export type Answer = "ready" | { value: unknown } | { refused: string };

const say = (answer: Answer) => process.send!(answer);
process.on("message", (call: Call) => {
  const done = "begin" in call ? relayBegin(call.begin, visitor) : releaseApproval(call.approve, visitor);
  void done.then((value) => say({ value }), (error: unknown) => say({ refused: error instanceof Refusal ? error.failure.code : String(error) }));
});
say("ready");
