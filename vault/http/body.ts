import type { IncomingMessage } from "node:http";
import { ProtocolError } from "#lib/protocol/errors.ts";
import { MAX_BODY_BYTES } from "#lib/protocol/schema.ts";

/**
 * The whole body. Throws ProtocolError `wrong_type` for any Content-Encoding, `too_large` beyond 1 MiB (PROTOCOL 1); the
 * rest of such a body is not kept.
 */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  if (request.headers["content-encoding"] !== undefined) throw new ProtocolError("wrong_type", { detail: "Content-Encoding is not accepted" });
  const tooLarge = (): ProtocolError => new ProtocolError("too_large", { detail: "a body has at most 1 MiB" });
  if (Number(request.headers["content-length"] ?? 0) > MAX_BODY_BYTES) throw tooLarge();
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > MAX_BODY_BYTES) throw tooLarge();
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/**
 * A body that is not held to canonical form (/auth/begin, /register, /session, /l3: what a browser's `toJSON` gives has
 * members of its own). An empty one counts as `{}`. Throws `not_canonical` when it is no JSON object.
 */
export function looseObject(body: Uint8Array): Readonly<Record<string, unknown>> {
  if (body.length === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    throw new ProtocolError("not_canonical", { detail: "not JSON in UTF-8" });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new ProtocolError("not_canonical", { detail: "not an object" });
  return value as Readonly<Record<string, unknown>>;
}
