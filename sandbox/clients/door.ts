/**
 * The admins' door: JSON over HTTP on 127.0.0.1, for the demo and the tests to reach the people of the outside world.
 *
 *   GET  /health            200 once every vault stands, 503 with how many until then
 *   GET  /clients           every client: id, name, msp, plan, admin, vault address, whether connected
 *   GET  /portfolio/<msp>   the MSP's own list: name, aliases, tags, region, contact, plan, address; its roles with letters
 *   GET  /people/<msp>      who works there: rights, pod, leave, passkey, inbox statement with assertion and wrapped copy
 *   POST /connect           {link, code_1, deliver?, again?}: the admin checks, taps, delivers; {client, vault_id, code_2,
 *                           delivered, reply}. With `again` a link that was tapped before is not tapped: its reply is handed on anew
 *   GET  /phone/<client>    the client's telephone: {client, admin, phone, code_2}
 *   GET  /phones/<msp>      the same of every client of an MSP that connected
 *   POST /change            {client, kind?}: remove, rescope, rename, own, tighten; {client, kind, at, sentence}
 *   GET  /changes           what clients changed by themselves
 */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { boolean, literal, object, run, string } from "../../lib/protocol/check.ts";
import { ProtocolError } from "../../lib/protocol/errors.ts";
import { MSPS, type MspId } from "../cast/people.ts";
import { Declined, NoSuchClient, type Admins } from "./admin.ts";
import { CHANGE_KINDS } from "./state.ts";
import { Refused, Unknown } from "./wire.ts";

const MAX_BODY_BYTES = 65_536;
const checkConnectCall = object({ link: string, code_1: string }, { deliver: boolean, again: boolean });
const checkChangeCall = object({ client: string }, { kind: literal(...CHANGE_KINDS) });

const isMsp = (id: string | undefined): id is MspId => MSPS.some((msp) => msp.id === id);

class Problem extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  // A page of another site cannot send this type without asking first, and is never allowed to.
  if (request.headers["content-type"] !== "application/json") throw new Problem(415, "application/json");
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > MAX_BODY_BYTES) throw new Problem(413, "at most 64 KiB");
    parts.push(part);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString("utf8"));
  } catch {
    throw new Problem(400, "no JSON");
  }
}

function statusOf(error: unknown): number {
  if (error instanceof Problem) return error.status;
  if (error instanceof NoSuchClient) return 404;
  if (error instanceof ProtocolError) return 422;
  if (error instanceof Declined || error instanceof Refused) return 409;
  return error instanceof Unknown ? 502 : 500;
}

export interface Door {
  port: number;
  close(): Promise<void>;
}

export interface DoorOptions {
  admins: Admins;
  /** Who works at an MSP (technicians/members.ts). */
  people: (msp: MspId) => Promise<unknown>;
  /** How many vaults stand, of how many. */
  progress: () => { standing: number; of: number };
  log: (error: unknown) => void;
}

/** Port 0 picks a free one. */
export async function openDoor({ admins, people, progress, log }: DoorOptions, port: number): Promise<Door> {
  const respond = async (request: IncomingMessage): Promise<{ status: number; value: unknown }> => {
    const host = (request.headers.host ?? "").replace(/:\d+$/, "");
    // A page elsewhere that got its name pointed here (DNS rebinding), or that sends without a preflight, has no business here.
    if (!["localhost", "127.0.0.1"].includes(host) || request.headers.origin !== undefined) throw new Problem(404, "not found");
    const { method, url = "/" } = request;
    const ok = (value: unknown): { status: number; value: unknown } => ({ status: 200, value });
    if (method === "GET") {
      if (url === "/health") {
        const done = progress();
        return { status: done.standing === done.of ? 200 : 503, value: done };
      }
      if (url === "/clients") return ok({ clients: admins.cards() });
      if (url === "/changes") return ok({ changes: admins.changes() });
      if (url.startsWith("/phone/")) return ok(admins.phone(url.slice("/phone/".length)));
      const [, what, msp] = /^\/(portfolio|people|phones)\/([a-z]+)$/.exec(url) ?? [];
      if (isMsp(msp)) return ok(what === "people" ? await people(msp) : what === "phones" ? { phones: admins.phones(msp) } : admins.portfolio(msp));
    }
    if (method === "POST" && (url === "/connect" || url === "/change")) {
      const body = await readJson(request);
      if (url === "/connect") {
        run(checkConnectCall, body, "");
        return ok(await admins.connect({ link: body.link, heard: body.code_1, deliver: body.deliver ?? true, again: body.again ?? false }));
      }
      run(checkChangeCall, body, "");
      return ok(await admins.change(body.client, body.kind ?? null));
    }
    throw new Problem(404, "not found");
  };
  const server = createServer((request, response) => {
    respond(request)
      .catch((error: unknown) => {
        const status = statusOf(error);
        if (status === 500) log(error);
        const { code } = error instanceof Refused ? error : { code: undefined };
        return { status, value: { error: status === 500 ? "something broke; the log says what" : (error as Error).message, ...(code === undefined ? {} : { code }) } };
      })
      .then(({ status, value }) => response.writeHead(status, { "Content-Type": "application/json", "Cache-Control": "no-store" }).end(JSON.stringify(value)), log);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}
