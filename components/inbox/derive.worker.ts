// Argon2id of a phrase, off the page's thread: 64 MiB and about half a second. Its cost is written here and taken from nobody.
import { argon2id } from "hash-wasm";
import { phraseCost, phraseSaltBytes } from "#lib/inbox/copies.ts";

type Asked = { phrase: Uint8Array; salt: Uint8Array };
/** A worker's own scope, which the page's types do not know. */
type Scope = { addEventListener(type: "message", listener: (event: MessageEvent<Asked>) => void): void; postMessage(message: unknown): void };
const scope = globalThis as unknown as Scope;

async function derive({ phrase, salt }: Asked): Promise<Uint8Array> {
  if (salt.length !== phraseSaltBytes) throw new RangeError("a salt has 16 bytes");
  try {
    return await argon2id({ password: phrase, salt, memorySize: phraseCost.memory_kib, iterations: phraseCost.passes, parallelism: phraseCost.lanes, hashLength: 32, outputType: "binary" });
  } finally {
    phrase.fill(0);
  }
}

scope.addEventListener("message", ({ data }) => {
  derive(data).then(
    (derived) => scope.postMessage({ ok: true, derived }),
    () => scope.postMessage({ ok: false }),
  );
});
