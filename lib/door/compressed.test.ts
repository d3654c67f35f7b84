/** Files of a build's folder, served small to whoever takes them small, and left to the framework otherwise. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, brotliDecompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadCompressed, sendCompressed, takesBrotli } from "./compressed.ts";

const script = "console.log('a page');".repeat(50);
const folder = mkdtempSync(join(tmpdir(), "clavitor-static-"));
const put = (name: string, text: string | Buffer) => {
  mkdirSync(join(folder, "static", name, ".."), { recursive: true });
  writeFileSync(join(folder, "static", name), text);
};
put("chunks/a.js", script);
put("chunks/a.js.br", brotliCompressSync(script));
put("chunks/b.css", "b{}");
put("chunks/b.css.br", brotliCompressSync("b{}"));
put("chunks/only.js", script);
put("secret.txt.br", "no");
const files = loadCompressed(folder);
const server = createServer((incoming, response) => {
  if (!sendCompressed(files, incoming.url!, incoming, response)) response.writeHead(204).end();
});
beforeAll(() => new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", () => resolve())));
afterAll(async () => {
  await new Promise((resolve) => void server.close(resolve));
  rmSync(folder, { recursive: true });
});
const ask = (path: string, headers: Record<string, string>, method = "GET") => new Promise<{ status: number; headers: IncomingHttpHeaders; body: Buffer }>((resolve, reject) => {
  const asked = request({ port: (server.address() as AddressInfo).port, path, method, headers }, (answer) => {
    const parts: Buffer[] = [];
    answer.on("data", (part: Buffer) => parts.push(part)).on("end", () => resolve({ status: answer.statusCode!, headers: answer.headers, body: Buffer.concat(parts) }));
  });
  asked.on("error", reject).end();
});

describe("scripts and styles of a build", () => {
  test("come as they were compressed, to be kept for good, with the type that a browser runs", async () => {
    const { status, headers, body } = await ask("/_next/static/chunks/a.js", { "accept-encoding": "gzip, deflate, br, zstd" });
    expect([status, headers["content-encoding"], headers["content-type"], headers["cache-control"], headers.vary, Number(headers["content-length"])]).toEqual([200, "br", "application/javascript; charset=UTF-8", "public, max-age=31536000, immutable", "Accept-Encoding", body.length]);
    expect(brotliDecompressSync(body).toString()).toBe(script);
    expect((await ask("/_next/static/chunks/b.css", { "accept-encoding": "br" })).headers["content-type"]).toBe("text/css; charset=UTF-8");
  });
  test("come without a body to whoever asks for their head", async () => {
    const { status, headers, body } = await ask("/_next/static/chunks/a.js", { "accept-encoding": "br" }, "HEAD");
    expect([status, headers["content-encoding"], body.length]).toEqual([200, "br", 0]);
  });
  test.each([
    ["takes none", "/_next/static/chunks/a.js", { "accept-encoding": "gzip" }], ["says nothing of it", "/_next/static/chunks/a.js", {}], ["asks for a part", "/_next/static/chunks/a.js", { "accept-encoding": "br", range: "bytes=0-9" }],
    ["asks for what was not compressed", "/_next/static/chunks/only.js", { "accept-encoding": "br" }], ["asks for another folder", "/_next/static/secret.txt", { "accept-encoding": "br" }], ["climbs", "/_next/static/chunks/../chunks/a.js", { "accept-encoding": "br" }],
  ])("are the framework's for whoever %s", async (_who, path, headers) => expect((await ask(path, headers)).status).toBe(204));
});

test.each([["br", true], ["gzip,br;q=0.5", true], ["gzip;q=1.0, BR ; q=1", true], ["br;q=0", false], ["br; q=0.000, gzip", false], ["brotli", false], ["", false], [undefined, false]])("%s names Brotli: %s", (accepted, takes) => expect(takesBrotli(accepted)).toBe(takes));
