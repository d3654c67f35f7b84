import fc from "fast-check";
import { expect, test } from "vitest";
import type { OpenedToken } from "./open.ts";
import { commandLineProfile, extensionProfile } from "./profile.ts";

const now = new Date("2026-11-21T12:00:00Z");
const one = (client: string, id = "a"): OpenedToken => ({ id, client, inside: { agent: 17, key: "K".repeat(43), token: `cvt_${"T".repeat(43)}`, uid: "U".repeat(22), v: 1, vault: "Q7xKd2", vault_url: "https://vault.example/Q7xKd2" } });
const ends = new Map<string, number | null>([["a", now.getTime() + 3_600_000], ["b", null]]);

test("for the extension: all that a program needs, with the end of the row", () => {
  expect(JSON.parse(extensionProfile([one("Acme Dental"), one("Birch", "b")], ends, now))).toEqual({
    kind: "clavitor-profile", v: 1, made_at: "2026-11-21T12:00:00.000Z",
    tokens: [
      { name: "Acme Dental", vault_url: "https://vault.example/Q7xKd2", vault: "Q7xKd2", key: "K".repeat(43), agent: 17, uid: "U".repeat(22), token: `cvt_${"T".repeat(43)}`, expires_at: "2026-11-21T13:00:00.000Z" },
      { name: "Birch", vault_url: "https://vault.example/Q7xKd2", vault: "Q7xKd2", key: "K".repeat(43), agent: 17, uid: "U".repeat(22), token: `cvt_${"T".repeat(43)}`, expires_at: null },
    ],
  });
});
test("for the command line: one section each, told apart where names are alike", () => {
  const text = commandLineProfile([one("Harbour Street Clinic"), one("Harbour Street Clinic", "b"), one("مكتبة النخيل", "c")], ends, now);
  expect(text.match(/^\[.+\]$/gm)).toEqual(["[harbour-street-clinic]", "[harbour-street-clinic-2]", "[مكتبة-النخيل]"]);
  expect(text).toContain("expires_at = 2026-11-21T13:00:00.000Z\n");
});
test("no client's name brings a line of its own into the file", () => fc.assert(fc.property(fc.string({ unit: "binary", minLength: 1, maxLength: 40 }), (name) => {
  const lines = commandLineProfile([one(name)], new Map(), now).split("\n");
  expect(lines.filter((line) => line.startsWith("token = "))).toEqual([`token = cvt_${"T".repeat(43)}`]);
  expect(lines.filter((line) => line.startsWith("["))).toHaveLength(1);
  expect(lines).toHaveLength(11);
}), { numRuns: 60 }));
