import { expect, test } from "vitest";
import { judgeMigrations, judgeWorkers } from "./readiness.ts";

const [one, two] = [{ name: "0001_a.sql", sha256: "a" }, { name: "0002_b.sql", sha256: "b" }];
const now = new Date(1_800_000_000_000);
const ago = (seconds: number) => ({ at: new Date(now.getTime() - seconds * 1_000) });

test("the schema of this release is in order", () => expect(judgeMigrations([one, two], [one, two]).ready).toBe(true));
test("a migration that is not applied yet is named", () => expect(judgeMigrations([one, two], [one])).toMatchObject({ ready: false, says: "1 not applied yet, the first is 0002_b.sql" }));
test("a database that is newer than this release is said to be", () => expect(judgeMigrations([one], [one, two])).toMatchObject({ ready: false, says: expect.stringContaining("does not know") as string }));
test("a migration that was changed after it was applied is noticed", () => expect(judgeMigrations([{ ...one, sha256: "x" }], [one])).toMatchObject({ ready: false, says: expect.stringContaining("was changed after") as string }));

test("one worker that lives is enough, whatever the dead ones left", () => expect(judgeWorkers([ago(500), ago(3)], now)).toMatchObject({ ready: true, says: "1 at work, the last sign 3 s ago" }));
test("a silent worker is not ready, and says for how long", () => expect(judgeWorkers([ago(45)], now)).toMatchObject({ ready: false, says: "silent for 45 s" }));
test("no worker at all is not ready", () => expect(judgeWorkers([], now)).toMatchObject({ ready: false, says: "none has said anything" }));
