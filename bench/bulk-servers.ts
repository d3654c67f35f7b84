// Reference vaults for bench/bulk.ts, real ones, in a worker of their own behind a door that adds 30 to 90 ms to every answer. A message
// {hanging: [vault ids]} says which of them answer no batch from now on; {delay: false} lets requests through at once.
import { createServer, request, Agent } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { parentPort } from "node:worker_threads";
import { systemClock } from "../vault/clock.ts";
import { startWorld } from "../vault/testing/world.ts";

const world = await startWorld({ maxOpen: 1_100, idleCloseMs: 600_000, clock: systemClock });
const target = new URL(world.listening);
const agent = new Agent({ keepAlive: true, maxSockets: 512 });
let hanging = new Set<string>();
let delay = false;

const door = createServer((incoming, answer) => {
  const id = (incoming.url ?? "").split("/")[1] ?? "";
  if (hanging.has(id) && incoming.url!.endsWith("/batch")) {
    incoming.resume();
    return;
  }
  const pass = () => {
    const onward = request({ host: target.hostname, port: target.port, method: incoming.method!, path: incoming.url!, headers: incoming.headers, agent }, (reply) => {
      answer.writeHead(reply.statusCode!, reply.headers);
      reply.pipe(answer);
    });
    onward.on("error", () => answer.destroy());
    incoming.pipe(onward);
  };
  if (delay) setTimeout(pass, 30 + Math.random() * 60);
  else pass();
});
door.keepAliveTimeout = 60_000;
door.listen(0, "127.0.0.1");
await once(door, "listening");
parentPort!.on("message", (given: { hanging: string[]; delay: boolean }) => {
  hanging = new Set(given.hanging);
  ({ delay } = given);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker's port has no origin
  parentPort!.postMessage("so");
});
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- as above
parentPort!.postMessage({ port: (door.address() as AddressInfo).port, listening: world.listening, origin: world.origin });
