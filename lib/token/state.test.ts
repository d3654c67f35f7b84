import fc from "fast-check";
import { expect, test } from "vitest";
import { isClosing, tokenState, type Handed, type KnownRow } from "./state.ts";

const now = Date.UTC(2026, 10, 21, 12);
const hour = 3_600_000;
const [MINE, FORMER] = ["mine", "former"];
const handed = (more: Partial<Handed> = {}): Handed => ({ sealedTo: MINE, handedAt: now - 2 * hour, openedAt: null, strangeAt: null, claimBy: now + 22 * hour, ...more });
const row = (more: Partial<NonNullable<KnownRow>> = {}): KnownRow => ({ lastUsedAt: null, until: null, ...more });
const of = (given: Handed | null, known: KnownRow, listed = true, mine: string | null = MINE) => tokenState(given, known, { mine, listed, now });

test("a sealed token waits, is opened, is used", () => {
  expect(of(handed(), row())).toBe("waits");
  expect(of(handed({ openedAt: now - hour }), row())).toBe("opened");
  expect(of(handed({ openedAt: now - hour }), row({ lastUsedAt: now - hour }))).toBe("in_use");
});
test("a use of the token before its renewal does not claim the new one", () => expect(of(handed(), row({ lastUsedAt: now - 3 * hour }))).toBe("waits"));
test("a row that an older list lacks is not gone", () => {
  expect(of(handed(), null, false)).toBe("waits");
  expect(of(handed({ openedAt: now - hour }), null, false)).toBe("opened");
});
test("what nobody used in time was taken back by the vault; what went before was removed", () => {
  expect(of(handed({ claimBy: now - 1 }), null)).toBe("taken_back");
  expect(of(handed(), null)).toBe("gone");
  expect(of(handed({ claimBy: null }), null)).toBe("gone");
});
test("an end that has come ends it before the list is read again", () => expect(of(handed(), row({ until: now }))).toBe("gone"));
test("what is sealed to a replaced key is said, never offered to be opened", () => {
  expect(of(handed({ sealedTo: FORMER }), row())).toBe("former_key");
  expect(of(handed(), row(), true, null)).toBe("former_key");
});
test("an alarm stays one, whatever else is known", () => fc.assert(fc.property(fc.option(fc.record({ lastUsedAt: fc.constant(now), until: fc.constant(null) })), (known) => of(handed({ strangeAt: now }), known) === "strange")));
test("a token that came another way is in use while its row stands", () => {
  expect(of(null, row())).toBe("in_use");
  expect(of(null, null)).toBe("gone");
});
test("closing soon is said of what is unused only", () => {
  expect(isClosing("waits", now + 3 * hour, now)).toBe(true);
  expect(isClosing("opened", now + 3 * hour, now)).toBe(true);
  expect(isClosing("waits", now + 5 * hour, now)).toBe(false);
  expect(isClosing("in_use", now + hour, now)).toBe(false);
  expect(isClosing("waits", null, now)).toBe(false);
});
