/** The man in the middle between console and vault: he reads and changes everything, and has no vault's key. */
import { generateKeyPairSync, sign } from "node:crypto";
import { b64u } from "../../lib/protocol/bytes.ts";
import { ANSWER_HEADER, answerMessage, decodeAnswer, encodeAnswer, NONCE_HEADER, signedMessage } from "../../lib/protocol/signed.ts";
import type { Answered, Asked } from "./upstream.ts";

const KEY_HEADER = ANSWER_HEADER.toLowerCase();
const NONCE = NONCE_HEADER.toLowerCase();

/** The body with one thing in it changed: the first digit outside a string's escape becomes another one, else a space is added. */
export function altered(body: Buffer): Buffer {
  const at = body.findIndex((byte) => byte >= 0x30 && byte <= 0x39);
  if (at === -1) return Buffer.concat([body, Buffer.from(" ")]);
  const copy = Buffer.from(body);
  copy[at] = copy[at] === 0x39 ? 0x38 : copy[at]! + 1;
  return copy;
}

export class Middle {
  readonly #key = generateKeyPairSync("ed25519").privateKey;
  readonly #seen = new Map<string, Answered>();

  /** Another body, signed as well as somebody without the vault's key can. */
  #resigned(asked: Asked, answer: Answered): Answered {
    const body = altered(answer.body);
    const given = answer.headers[KEY_HEADER];
    const before = typeof given === "string" ? decodeAnswer(given) : null;
    const nonce = asked.headers[NONCE];
    if (before === null || typeof nonce !== "string") return { ...answer, body };
    const context = { agent: 1, body, method: asked.method, nonce, status: answer.status, target: asked.path, vault: asked.path.split("/")[1] ?? "" };
    const signature = b64u(sign(null, signedMessage("answer", answerMessage(context, before)), this.#key));
    return { ...answer, body, headers: { ...answer.headers, [KEY_HEADER]: encodeAnswer({ ...before, signature }) } };
  }

  /** Remembers every answer that passes, for a replay. */
  remember({ method, path }: Asked, answer: Answered): void {
    if (answer.body.length <= 65_536) this.#seen.set(`${method} ${path}`, answer);
    if (this.#seen.size > 1_000) this.#seen.delete(this.#seen.keys().next().value!);
  }

  /** What he answers instead; null when he has nothing to replay, and then there is no answer. */
  alter(how: "body" | "resign" | "strip" | "replay", asked: Asked, answer: Answered): Answered | null {
    switch (how) {
      case "body":
        return { ...answer, body: altered(answer.body) };
      case "resign":
        return this.#resigned(asked, answer);
      case "strip":
        return { ...answer, headers: Object.fromEntries(Object.entries(answer.headers).filter(([name]) => name !== KEY_HEADER)) };
      case "replay":
        return this.#seen.get(`${asked.method} ${asked.path}`) ?? null;
    }
  }
}
