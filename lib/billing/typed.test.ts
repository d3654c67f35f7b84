import { expect, test } from "vitest";
import { amountFrom, mostCredit, usersFrom } from "./typed.ts";

test.each([["120", 12_000], ["120.5", 12_050], [" 120.50 ", 12_050], ["0.01", 1], ["0000219.00", 21_900], ["219.00", 21_900], ["90071992547409.91", Number.MAX_SAFE_INTEGER]])("the amount %j is %i minor units, to the cent", (text, minor) => {
  expect(amountFrom(text, Number.MAX_SAFE_INTEGER)).toEqual({ ok: true, minor });
});

test.each([
  ["", /digits/], ["abc", /digits/], ["-5", /digits/], ["+5", /digits/], ["1e3", /digits/], ["0x10", /digits/], ["1,50", /digits/], ["1,234.50", /digits/], ["USD 5", /digits/], ["5.", /digits/], [".5", /digits/], ["1.2.3", /digits/], ["٥", /digits/], ["NaN", /digits/], ["Infinity", /digits/],
  ["1.005", /Two decimals/], ["0", /More than zero/], ["0.00", /More than zero/], ["219.01", /^At most 219\.00\.$/], ["9".repeat(400), /^At most 219\.00\.$/],
])("%j is refused in words, not rounded or guessed", (text, words) => {
  const amount = amountFrom(text, 21_900);
  expect(amount.ok).toBe(false);
  expect(!amount.ok && amount.words).toMatch(words);
});

test("an open invoice may be credited by what is owed, a paid one by what came in and did not go back, any other by nothing", () => {
  const of = { remaining: 500, paid: 1_200, refunded: 200 };
  expect((["open", "paid", "draft", "void", "uncollectible"] as const).map((status) => mostCredit({ status, ...of }))).toEqual([500, 1_000, 0, 0, 0]);
  expect(mostCredit({ status: "paid", remaining: 0, paid: 0, refunded: 0 }), "closed by a credit note").toBe(0);
});

test("another number of users is a whole one, from the plan's minimum on, and not today's", () => {
  const words = (text: string, plan: "mme" | "enterprise" | "team-10" = "mme") => {
    const found = usersFrom(text, { plan, users: 620 }, 100_000);
    return found.ok ? found.users : found.words;
  };
  expect([words("700"), words(" 500 "), words("1000", "enterprise")]).toEqual([700, 500, 1_000]);
  expect([words("499"), words("999", "enterprise"), words("620"), words("100001"), words("7e2"), words("-1"), words("600.5"), words(""), words("20", "team-10")]).toEqual([
    "MME is bought for at least 500 users.", "Enterprise is bought for at least 1,000 users.", "That is today’s number.", "At most 100,000.",
    ...Array.from({ length: 4 }, () => "Write a whole number in digits, such as 600."), "Team 10 is not bought per user.",
  ]);
});
