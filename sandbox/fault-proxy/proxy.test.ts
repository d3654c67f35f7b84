import { X509Certificate } from "node:crypto";
import { createServer, request as httpRequest, type IncomingHttpHeaders, type Server } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect, type AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { clientById } from "../cast/clients.ts";
import { seedName } from "../keys/derive.ts";
import { operation, Owner } from "../clients/owner.ts";
import { adminKey, raise } from "../clients/raise.ts";
import { Memory } from "../clients/state.ts";
import { startVaultHost, temporaryFolder, type VaultHost } from "../clients/testing.ts";
import { dropConnections } from "../clients/wire.ts";
import { selfSigned } from "./certificate.ts";
import { openControl, type Control } from "./control.ts";
import { altered } from "./middle.ts";
import { FaultProxy } from "./proxy.ts";
import { parseRules, RuleBook, type Fault } from "./rules.ts";

/** A vault host's stand-in for what happens to connections; the real one is used where its signature or its state matters. */
let upstream: Server;
let asked: { method: string; url: string; body: string; headers: IncomingHttpHeaders }[] = [];
const said = JSON.stringify({ text: "x".repeat(400) });
let proxy: FaultProxy;

beforeAll(async () => {
  upstream = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      asked.push({ method: request.method!, url: request.url!, body: Buffer.concat(parts).toString(), headers: request.headers });
      response.writeHead(200, { "Content-Type": "application/json", "Clavitor-Answer": "as it came" }).end(said);
    });
  });
  await new Promise<void>((resolve) => void upstream.listen(0, "127.0.0.1", resolve));
  proxy = await FaultProxy.open({ target: targetOf(upstream) });
});
afterEach(() => {
  asked = [];
  proxy.book.replace([]);
});
afterAll(async () => {
  await proxy.close();
  upstream.closeAllConnections();
  upstream.close();
});

const targetOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const always = (fault: Fault): void => proxy.book.replace(parseRules([{ fault }]));

interface Got {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
  pieces: number;
  ms: number;
}

/** A client that gives up after `patience` milliseconds. */
function get(path = "/v/vault", { method = "GET", body = "", patience = 5_000, port = proxy.port }: { method?: string; body?: string; patience?: number; port?: number } = {}): Promise<Got> {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ host: "127.0.0.1", port, path, method, headers: { "X-Mine": "kept" }, agent: false, signal: AbortSignal.timeout(patience) }, (response) => {
      let text = "";
      let pieces = 0;
      response.on("data", (part: Buffer) => {
        text += part.toString();
        pieces++;
      });
      response.on("error", reject);
      response.on("end", () => resolve({ status: response.statusCode!, headers: response.headers, body: text, pieces, ms: performance.now() - began }));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

describe("without a rule", () => {
  test("bytes pass as they came, both ways", async () => {
    const got = await get("/v/audit?after=1&limit=2", { method: "POST", body: "{\"a\": 1}\u00e9" });
    expect(asked).toMatchObject([{ method: "POST", url: "/v/audit?after=1&limit=2", body: "{\"a\": 1}\u00e9", headers: { "x-mine": "kept" } }]);
    expect(got).toMatchObject({ status: 200, body: said, headers: { "clavitor-answer": "as it came" } });
    expect(proxy.log().at(-1)).toMatchObject({ method: "POST", path: "/v/audit?after=1&limit=2", fault: null, answered: 1 });
  });
  test("when the vault host is gone, so is the proxy: no answer is made up", async () => {
    const gone = await FaultProxy.open({ target: "http://127.0.0.1:1" });
    await expect(get("/", { port: gone.port })).rejects.toThrow(/ECONNRESET|socket hang up/);
    await gone.close();
  });
});

describe("each fault, as a client sees it", () => {
  test("delay: the answer is right and late", async () => {
    always({ kind: "delay", ms: 300 });
    const got = await get();
    expect(got.body).toBe(said);
    expect(got.ms).toBeGreaterThanOrEqual(295);
  });
  test("hang: nothing comes, and the vault heard nothing", async () => {
    always({ kind: "hang" });
    await expect(get("/", { patience: 300 })).rejects.toThrow("aborted");
    expect(asked).toEqual([]);
    expect(proxy.log().at(-1)).toMatchObject({ fault: "hang", answered: 0 });
  });
  test("reset: part of the body, then a reset; the vault had answered", async () => {
    always({ kind: "reset", after: 100 });
    const seen = await new Promise<{ head: string; error: string }>((resolve) => {
      let head = "";
      const socket = connect(proxy.port, "127.0.0.1", () => socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
      socket.on("data", (part: Buffer) => (head += part.toString()));
      socket.on("error", (error: NodeJS.ErrnoException) => resolve({ head, error: error.code ?? "" }));
      socket.on("end", () => resolve({ head, error: "" }));
    });
    expect(seen.error).toBe("ECONNRESET");
    expect(seen.head.split("\r\n\r\n")[1]?.length).toBe(100);
    await expect(get()).rejects.toThrow(/aborted|ECONNRESET/);
    expect(asked).toHaveLength(2);
  });
  test("lose: the vault did it, the client hears nothing of it", async () => {
    always({ kind: "lose" });
    await expect(get("/v/batch", { method: "POST", body: "x" })).rejects.toThrow(/ECONNRESET|socket hang up/);
    expect(asked.map(({ body }) => body)).toEqual(["x"]);
    expect(proxy.log().at(-1)).toMatchObject({ fault: "lose", answered: 1 });
  });
  test("duplicate: the vault gets the same bytes twice, the client one answer", async () => {
    always({ kind: "duplicate" });
    expect((await get("/v/batch", { method: "POST", body: "x" })).body).toBe(said);
    expect(asked.map(({ body, url }) => [body, url])).toEqual([["x", "/v/batch"], ["x", "/v/batch"]]);
  });
  test.each([[503, null], [503, "7"], [502, "-1"], [500, "99999999999999999999"], [429, "Fri, 31 Dec 1999 23:59:59 GMT"], [504, "soon"]])(
    "status %d with Retry-After %j: as a balancer says it, unsigned, and the vault heard nothing",
    async (status, retry_after) => {
      always({ kind: "status", status, retry_after });
      const got = await get();
      expect([got.status, got.headers["retry-after"] ?? null, got.headers["clavitor-answer"]]).toEqual([status, retry_after, undefined]);
      expect(asked).toEqual([]);
    },
  );
  test("garbage: bytes that are no HTTP, and JSON that breaks off", async () => {
    always({ kind: "garbage", what: "bytes" });
    await expect(get()).rejects.toThrow(/Parse Error/);
    always({ kind: "garbage", what: "json" });
    const got = await get();
    expect(got.status).toBe(200);
    expect(() => JSON.parse(got.body) as unknown).toThrow(SyntaxError);
  });
  test("slow: the whole answer, drop by drop", async () => {
    always({ kind: "slow", bytes: 41, every_ms: 20 });
    const got = await get();
    expect(got.body).toBe(said);
    expect(got.pieces).toBeGreaterThanOrEqual(5);
    expect(got.ms).toBeGreaterThanOrEqual(150);
  });
});

describe("over TLS", () => {
  let secure: FaultProxy;
  beforeAll(async () => {
    secure = await FaultProxy.open({ target: targetOf(upstream), tls: { name: "vault.localhost" } });
  });
  afterAll(() => secure.close());

  const ask = (ca: string | undefined): Promise<string> =>
    new Promise((resolve) => {
      const options = { host: "127.0.0.1", port: secure.port, servername: "vault.localhost", headers: { Host: "vault.localhost" }, agent: false as const, ...(ca === undefined ? {} : { ca }) };
      const sent = httpsRequest(options, (response) => {
        response.resume();
        response.on("end", () => resolve(String(response.statusCode)));
      });
      sent.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      sent.end();
    });

  test("a client that was given its certificate takes it, any other does not", async () => {
    expect(await ask(secure.pem("trusted")!)).toBe("200");
    expect(await ask(undefined)).toBe("DEPTH_ZERO_SELF_SIGNED_CERT");
  });
  test("a certificate made by somebody else, for another name, or out of date is refused by that client, each for its own reason", async () => {
    secure.show("unknown");
    expect(await ask(secure.pem("trusted")!)).toMatch(/SELF_SIGNED|UNABLE_TO_VERIFY/);
    secure.show("wrong-name");
    expect(await ask(secure.pem("wrong-name")!)).toBe("ERR_TLS_CERT_ALTNAME_INVALID");
    secure.show("expired");
    expect(await ask(secure.pem("expired")!)).toBe("CERT_HAS_EXPIRED");
    secure.show("trusted");
    expect(await ask(secure.pem("trusted")!)).toBe("200");
  });
  test("a certificate is well-formed, for its name only, and signed by its own key", () => {
    const { cert } = selfSigned({ name: "vault.localhost", from: new Date("2026-01-01T00:00:00Z"), to: new Date("2027-01-01T00:00:00Z") });
    const read = new X509Certificate(cert);
    expect(read.verify(read.publicKey)).toBe(true);
    expect([read.checkHost("vault.localhost"), read.checkHost("other.localhost")]).toEqual(["vault.localhost", undefined]);
    expect([read.validFrom, read.validTo]).toEqual(["Jan  1 00:00:00 2026 GMT", "Jan  1 00:00:00 2027 GMT"]);
    expect(new X509Certificate(selfSigned({ name: "127.0.0.1", from: new Date(), to: new Date() }).cert).checkIP("127.0.0.1")).toBe("127.0.0.1");
    for (const name of ["", "a b", "x\n", "ü.example"]) expect(() => selfSigned({ name, from: new Date(), to: new Date() })).toThrow(RangeError);
  });
});

describe("before a real vault", () => {
  const seed = new Uint8Array(32).fill(33);
  const folder = temporaryFolder();
  let host: VaultHost;
  let between: FaultProxy;
  let straight: Owner;
  let through: Owner;
  const rule = (fault: Fault, match: { method?: string; path?: string } = {}): void => between.book.replace(parseRules([{ fault, match }]));
  const row = (name: string): ReturnType<typeof operation> => operation("POST", "/agent", { name, kind: "human", scopes: "", all_access: false, admin: false });

  beforeAll(async () => {
    host = await startVaultHost(join(folder.path, "vaults"));
    const client = clientById("eastmarch");
    const memory = new Memory(join(folder.path, "clients"), { seed: seedName(seed), origin: host.origin });
    straight = await raise({ seed, origin: host.origin, folder: host.folder, memory, now: () => Math.floor(Date.now() / 1_000) }, client);
    between = await FaultProxy.open({ target: host.listening });
    through = new Owner({ ...straight.access, url: `http://127.0.0.1:${between.port}/${straight.access.vaultId}` }, adminKey(seed, host.origin, client));
  }, 30_000);
  afterEach(() => between.book.replace([]));
  afterAll(async () => {
    dropConnections();
    await between.close();
    await host.stop();
    folder.remove();
  });

  test("nobody notices a proxy that touches nothing", async () => {
    const info = await through.vault();
    await through.change([row("through the proxy")]);
    expect((await straight.vault()).revision).toBe(info.revision + 1);
  });
  test("lose: the change is made, and the client knows only that it does not know", async () => {
    rule({ kind: "lose" }, { path: "/batch$" });
    await expect(through.change([row("lost answer")])).rejects.toThrow("no answer");
    expect((await straight.agents()).filter(({ name }) => name === "lost answer")).toHaveLength(1);
  });
  test("duplicate: the vault makes one row of two submissions and gives its first receipt again", async () => {
    rule({ kind: "duplicate" }, { path: "/batch$" });
    const receipt = await through.change([row("sent twice")]);
    expect(between.log().at(-1)).toMatchObject({ fault: "duplicate", answered: 2 });
    expect((await straight.agents()).filter(({ name }) => name === "sent twice").map(({ uid }) => uid)).toEqual([receipt.results[0]!.uid]);
  });
  test.each(["body", "resign", "strip", "replay"] as const)("the man in the middle (%s) gets nothing past the vault's signature", async (how) => {
    await through.vault(); // something to replay
    rule({ kind: "alter", how });
    await expect(through.vault()).rejects.toThrow("without the vault's signature");
    expect(between.log().at(-1)).toMatchObject({ fault: "alter", answered: 1 });
    between.book.replace([]);
    expect((await through.vault()).vault_id).toBe(straight.access.vaultId);
  });
  test("he cannot replay what he never saw: then there is no answer, rather than the true one", async () => {
    rule({ kind: "alter", how: "replay" });
    await expect(through.entries()).rejects.toThrow("no answer");
  });
  test("what he changes is a change: a number where there is one, else a byte more", () => {
    expect(altered(Buffer.from('{"used":9}')).toString()).toBe('{"used":8}');
    expect(altered(Buffer.from('{"used":4}')).toString()).toBe('{"used":5}');
    expect(altered(Buffer.from("{}")).toString()).toBe("{} ");
  });
});

describe("rules", () => {
  const hang = { fault: { kind: "hang" } };

  test("harm what they match, after what they skip, as often as they say; the first that applies wins", () => {
    const book = new RuleBook(parseRules([{ match: { method: "POST", path: "/batch$" }, skip: 1, times: 2, ...hang }, { fault: { kind: "lose" }, match: { path: "^/v/" } }]));
    expect(book.faultFor("GET", "/v/batch")?.kind).toBe("lose");
    expect([1, 2, 3, 4].map(() => book.faultFor("POST", "/v/batch")?.kind)).toEqual(["lose", "hang", "hang", "lose"]);
    expect(book.faultFor("GET", "/w/vault")).toBeNull();
    expect(book.rules()[0]).toMatchObject({ seen: 4 });
  });
  test.each<[string, unknown]>([
    ["no list", {}],
    ["an unknown fault", [{ fault: { kind: "explode" } }]],
    ["a name that every object has", [{ fault: { kind: "constructor" } }]],
    ["no fault", [{}]],
    ["an unknown member", [{ ...hang, chance: 0.5 }]],
    ["a member of another fault", [{ fault: { kind: "hang", ms: 3 } }]],
    ["a broken expression", [{ ...hang, match: { path: "(" } }]],
    ["a header that would be two", [{ fault: { kind: "status", status: 503, retry_after: "1\r\nX: y" } }]],
    ["no status of an answer", [{ fault: { kind: "status", status: 100, retry_after: null } }]],
    ["times 0", [{ ...hang, times: 0 }]],
  ])("%s is refused", (_, value) => {
    expect(() => parseRules(value)).toThrow(/^invalid/);
  });
});

describe("the control door", () => {
  let control: Control;
  beforeAll(async () => {
    control = await openControl(proxy, 0);
  });
  afterAll(() => control.close());
  const ask = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<{ status: number; json: Record<string, unknown> }> => {
    const response = await fetch(`http://127.0.0.1:${control.port}${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    return { status: response.status, json: (await response.json()) as Record<string, unknown> };
  };

  test("sets rules that hold at once, and tells what happened", async () => {
    expect((await ask("PUT", "/rules", [{ times: 1, fault: { kind: "status", status: 503, retry_after: "1" } }])).status).toBe(200);
    expect([(await get("/first")).status, (await get("/second")).status]).toEqual([503, 200]);
    expect((await ask("GET", "/rules")).json).toMatchObject({ rules: [{ seen: 2, times: 1 }], certificate: null });
    const { log } = (await ask("GET", "/log")).json as { log: { path: string; fault: string | null }[] };
    expect(log.slice(-2)).toMatchObject([{ path: "/first", fault: "status" }, { path: "/second", fault: null }]);
  });
  test("refuses a wrong rule whole, and keeps the ones it has", async () => {
    await ask("PUT", "/rules", [{ fault: { kind: "hang" } }]);
    expect((await ask("PUT", "/rules", [{ fault: { kind: "lose" } }, { fault: { kind: "explode" } }])).status).toBe(422);
    expect((await ask("GET", "/rules")).json).toMatchObject({ rules: [{ fault: { kind: "hang" } }] });
  });
  test("is closed to pages of a browser, says so where there is no TLS, and knows no other door", async () => {
    expect((await ask("GET", "/rules", undefined, { Origin: "http://localhost:3000" })).status).toBe(404);
    expect((await ask("PUT", "/certificate", { certificate: "expired" })).status).toBe(409);
    expect((await ask("PUT", "/certificate", { certificate: "none" })).status).toBe(422);
    expect((await ask("DELETE", "/rules")).status).toBe(404);
  });
});
