// The page's side of derive.worker.ts. A worker of its own for each phrase, ended at once: what it held is gone with it.
import { phraseBytes } from "#lib/inbox/phrase.ts";
import type { Bytes } from "#lib/protocol/bytes.ts";

/** Argon2id of a phrase at the one cost of lib/inbox/copies.ts, 32 bytes. Throws when this browser cannot (memory, WebAssembly). */
export function derivePhrase(words: readonly string[], salt: Bytes): Promise<Bytes> {
  return new Promise<Bytes>((resolve, reject) => {
    const worker = new Worker(new URL("./derive.worker.ts", import.meta.url));
    const end = (settle: () => void) => {
      worker.terminate();
      settle();
    };
    worker.addEventListener("message", ({ data }: MessageEvent<{ ok: true; derived: Uint8Array } | { ok: false }>) => end(() => (data.ok ? resolve(Uint8Array.from(data.derived)) : reject(new Error("Argon2id did not run")))));
    worker.addEventListener("error", (event) => end(() => reject(new Error(event.message || "the worker did not start"))));
    const phrase = phraseBytes(words);
    worker.postMessage({ phrase, salt }, [phrase.buffer]);
  });
}
