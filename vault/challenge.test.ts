import { expect, test } from "vitest";
import { b64u } from "#lib/protocol/bytes.ts";
import { ceremonyChallenge } from "#lib/protocol/challenge.ts";
import { Challenges } from "./challenge.ts";

function keeper(): { challenges: Challenges; forward: (seconds: number) => void } {
  let ms = 1_000_000;
  const clock = { wallMs: () => ms, steadyMs: () => ms };
  return { challenges: new Challenges(clock, 20), forward: (seconds) => void (ms += seconds * 1_000) };
}

test("a challenge without a bearer lives sixty seconds, its last second included", () => {
  const { challenges, forward } = keeper();
  const signed = b64u(ceremonyChallenge("signin", challenges.issueOpen("vaultA")));
  forward(60);
  expect(challenges.findOpen("vaultA", "signin", signed)).not.toBeNull();
  forward(1);
  expect(challenges.findOpen("vaultA", "signin", signed)).toBeNull();
});

test("a full store refuses the next one and keeps a person's, until places are free again", () => {
  const { challenges, forward } = keeper();
  const signed = b64u(ceremonyChallenge("unlock", challenges.issueOpen("vaultA")));
  for (let i = 1; i < 10; i++) challenges.issueOpen("vaultB");
  expect(() => challenges.issueOpen("vaultB")).toThrow(expect.objectContaining({ code: "slow_down", extra: { retry_after: 61 } }));
  expect(challenges.findOpen("vaultA", "unlock", signed)).not.toBeNull();
  forward(61);
  expect(challenges.issueOpen("vaultB")).toHaveLength(32);
});
