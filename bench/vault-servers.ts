// The two servers that bench/vault.ts compares, each in a worker of its own: the vault, and a bare node:http handler that
// does the same prepared read plus one insert. Worker data: {kind: "bare", dir} or {kind: "vault", dir}.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { startVaults } from "../vault/start.ts";

const { kind, dir } = workerData as { kind: "bare" | "vault"; dir: string };

function bare(): Promise<string> {
  const db = new DatabaseSync(join(dir, "bare"));
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; CREATE TABLE entries (id INTEGER PRIMARY KEY, body BLOB); CREATE TABLE events (id INTEGER PRIMARY KEY, at INTEGER, body TEXT)");
  db.prepare("INSERT INTO entries (id, body) VALUES (1, ?)").run(Buffer.alloc(400, 1));
  const read = db.prepare("SELECT * FROM entries WHERE id = ?");
  const write = db.prepare("INSERT INTO events (at, body) VALUES (?, ?)");
  const [begin, commit] = [db.prepare("BEGIN IMMEDIATE"), db.prepare("COMMIT")];
  const event = "x".repeat(300);
  const server = createServer((request, response) => {
    const id = Number(request.url!.split("/").at(-1));
    begin.run();
    const row = read.get(id)!;
    write.run(Date.now(), event);
    commit.run();
    const body = JSON.stringify({ id: row.id, body: (row.body as Uint8Array).length });
    response.writeHead(200, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) });
    response.end(body);
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  });
}

// Any message asks for the processor time that this server has used, in microseconds.
parentPort!.on("message", () => {
  const { user, system } = process.threadCpuUsage();
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- as below
  parentPort!.postMessage(user + system);
});

if (kind === "bare") {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker's port has no origin
  parentPort!.postMessage({ listening: await bare(), origin: "" });
} else {
  const { listening, origin } = await startVaults({ dir, port: 0 });
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- as above
  parentPort!.postMessage({ listening, origin });
}
