import { describe, expect, test } from "vitest";
import { ceremonyChallenge } from "#lib/protocol/challenge.ts";
import { derivedChallenge } from "./ceremony.ts";
import { collectRights, rightsOf } from "./collect-rights.ts";
import { failureOfCode } from "./code-words.ts";
import { failureOfProblem } from "./words.ts";

const bytes = Buffer.from(crypto.getRandomValues(new Uint8Array(32)));
const handed = { bytes: bytes.toString("base64url") };

describe("what the page has a key sign", () => {
  test("is derived under the label of what the person does, never what the server handed", () => {
    expect(derivedChallenge("signin", handed)).toBe(Buffer.from(ceremonyChallenge("signin", bytes)).toString("base64url"));
    expect(new Set([handed.bytes, derivedChallenge("signin", handed), derivedChallenge("stepup", handed)]).size).toBe(3);
  });
  test.each([["", "nothing"], ["AAAA", "too little"], [Buffer.alloc(33).toString("base64url"), "too much"], [`${handed.bytes}=`, "padding"], ["*".repeat(43), "no base64url"]])("is nothing at all for %j: %s", (given) => {
    expect(() => derivedChallenge("signin", { bytes: given })).toThrow(TypeError);
  });
});

describe("words for what came back", () => {
  test("a code of ours is worded as the server words it, with the log's id", () => expect(failureOfCode("unexpected err_x")).toMatchObject({ code: "unexpected", id: "err_x" }));
  test.each([null, "", "CredentialsSignin", "constructor", "toString", "<script>"])("%j, which is none of ours, stays neutral", (text) => expect(failureOfCode(text)).toMatchObject({ code: "unexpected", title: "Something went wrong on our side" }));
  test("what is no problem of ours is no answer", () => {
    for (const body of [null, "x", {}, { code: 1 }]) expect(failureOfProblem(body)).toMatchObject({ title: "No answer came" });
    expect(failureOfProblem({ code: "too_many", title: "t", detail: "d", remedy: "r" })).toMatchObject({ code: "too_many" });
  });
});

test("ticked boxes become one field in the fixed order, and their own names are gone", () => {
  const data = new FormData();
  for (const name of ["right_finance", "right_owner", "right_root"]) data.set(name, "on");
  expect(collectRights(data)).toEqual(["owner", "finance"]);
  expect([...data.keys()]).toEqual(["right_root", "rights"]);
  expect(rightsOf(data)).toEqual(["owner", "finance"]);
});
