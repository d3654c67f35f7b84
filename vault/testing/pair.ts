// A primary and its backup, each in a folder of its own, on one clock; the backup asks only when a test says so.
import { createSecretKey, randomBytes } from "node:crypto";
import { startWorld, TestClock, type World } from "./world.ts";
import type { VaultClient } from "./client.ts";

export interface Pair {
  primary: World;
  backup: World;
  clock: TestClock;
  /** The same row at the backup; answers are judged by the backup's own key. */
  at(client: VaultClient): Promise<VaultClient>;
  end(): Promise<void>;
}

export async function startPair(): Promise<Pair> {
  const clock = new TestClock();
  const replicationSecret = createSecretKey(randomBytes(32));
  const primary = await startWorld({ clock, replicationSecret });
  const backup = await startWorld({ clock, replicationSecret, follow: primary.listening, followMs: 0 });
  return {
    primary,
    backup,
    clock,
    async at(client) {
      const info = (await client.as({ dial: backup.listening }).get("/vault")).json;
      return client.as({ dial: backup.listening, key: info.backup_key });
    },
    async end() {
      await backup.end();
      await primary.end();
    },
  };
}

