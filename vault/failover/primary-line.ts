// The line from a backup to its primary: sealed requests under a session (wire.ts), one at a time.
import { randomBytes, type KeyObject } from "node:crypto";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { b64u } from "#lib/protocol/bytes.ts";
import { PlainError } from "../store/plain-error.ts";
import { openAnswer, REPLICA_PATH, REPLICA_TYPE, sealRequest, type Request } from "./wire.ts";

/** How long the primary may take for one answer. Milliseconds. */
const ANSWER_MS = 30_000;
/** More than the largest answer: one part of a copy, or a page of changes with its largest entries. */
const MAX_ANSWER_BYTES = 256 * 1_048_576;

export class PrimaryLine {
  readonly #secret: KeyObject;
  readonly #primary: URL;
  #session: { id: string; origin: string; counter: number } | null = null;

  /** `primary`: its listening address. */
  constructor(secret: KeyObject, primary: string) {
    this.#secret = secret;
    this.#primary = new URL(primary);
  }

  /** Where the primary's vaults are opened in a browser, as it said last; known once it answered. */
  get origin(): string {
    return this.#session!.origin;
  }

  /** The answer's JSON. Throws PlainError when the primary cannot be asked or does not share the secret. */
  async ask(request: Request): Promise<object> {
    return JSON.parse((await this.askBytes(request)).toString("utf8")) as object;
  }

  /** One request under the session; a session that the primary no longer knows is opened again, once. */
  async askBytes(request: Request): Promise<Buffer> {
    for (let attempt = 0; ; attempt++) {
      this.#session ??= await this.#hello();
      const answer = await this.#send(request, this.#session.id, ++this.#session.counter);
      if (answer !== null) return answer;
      this.#session = null;
      if (attempt > 0) throw new PlainError("The primary does not take the replication secret.");
    }
  }

  async #hello(): Promise<{ id: string; origin: string; counter: number }> {
    const answer = await this.#send({ kind: "hello" }, null, 0);
    if (answer === null) throw new PlainError("The primary does not take the replication secret.");
    const { session, origin } = JSON.parse(answer.toString("utf8")) as { session: string; origin: string };
    return { id: session, origin, counter: 0 };
  }

  async #send(request: Request, session: string | null, counter: number): Promise<Buffer | null> {
    const nonce = b64u(randomBytes(16));
    const { status, body } = await this.#post(sealRequest(this.#secret, { nonce, session, counter, request }));
    if (status === 404) return null;
    if (status !== 200) throw new PlainError(`The primary answered ${status}.`);
    return openAnswer(this.#secret, nonce, body);
  }

  #post(bytes: Buffer): Promise<{ status: number; body: Buffer }> {
    const url = new URL(REPLICA_PATH, this.#primary);
    const send = url.protocol === "https:" ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      // A connection of its own: a kept one that the primary closed meanwhile would look like a primary that is gone.
      const request = send(url, { agent: false, method: "POST", headers: { "Content-Type": REPLICA_TYPE, "Content-Length": bytes.length }, timeout: ANSWER_MS }, (response) => {
        const parts: Buffer[] = [];
        let size = 0;
        response.on("data", (part: Buffer) => {
          size += part.length;
          if (size > MAX_ANSWER_BYTES) request.destroy(new PlainError("The primary's answer is too large."));
          parts.push(part);
        });
        response.on("error", reject);
        response.on("end", () => resolve({ status: response.statusCode!, body: Buffer.concat(parts) }));
      });
      request.on("timeout", () => request.destroy(new PlainError("The primary does not answer.")));
      request.on("error", reject);
      request.end(bytes);
    });
  }
}
