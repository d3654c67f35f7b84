// The made-up vaults that bench/read.ts reads, in a worker of their own, so that they do not share its thread. Worker data: {count}.
// A message {hanging} says how many of them do not answer from now on.
import { parentPort, workerData } from "node:worker_threads";
import { openSignedVaults } from "../lib/vault/testing/signed-vaults.ts";

const { count } = workerData as { count: number };
let hanging = 0;
const vaults = await openSignedVaults(count, {
  delay: () => 30 + Math.random() * 60,
  // Spread over all, so that they do not stand at the head of the queue.
  say: (vault) => (hanging > 0 && vault % Math.round(count / hanging) === 0 ? "hang" : undefined),
});
parentPort!.on("message", (given: { hanging: number }) => {
  hanging = given.hanging;
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker's port has no origin
  parentPort!.postMessage("so");
});
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- as above
parentPort!.postMessage({ port: vaults.port, accounts: vaults.accounts });
