import { expect, test } from "vitest";
import type { ConnectRequest, CredentialRow } from "../protocol/messages.ts";
import { checkWithin, sameSigners } from "./check-vault.ts";

test("a vault that answers drop by drop is waited for no longer than a person is, and counts as not checked", async () => {
  expect(await checkWithin(new Promise(() => undefined), 20)).toMatchObject({ kind: "wait", words: expect.stringContaining("in time") });
  expect(await checkWithin(Promise.resolve({ kind: "stands" }), 10_000)).toEqual({ kind: "stands" });
  await expect(checkWithin(Promise.reject(new Error("ours")), 10_000)).rejects.toThrow("ours");
});

test("our signers there are the ones asked for, whatever their order: no more, no less, no other bytes, for our row", () => {
  const signer = (id: string) => ({ credential_id: id, public_key: `key of ${id}`, rp_id: "sign.example", origin: "https://sign.example" });
  const there = (id: string, change: Partial<CredentialRow> = {}) => ({ id, public_key: `key of ${id}`, label: "", person: "", rp_id: "sign.example", origin: "https://sign.example", signs_for: 7, counts_from: 0, revoked: false, ...change });
  const request = { signers: [signer("a"), signer("b")] } as unknown as ConnectRequest;
  expect(sameSigners([there("b"), there("a"), there("old", { revoked: true })], request, 7)).toBe(true);
  const others: CredentialRow[][] = [[there("a")], [there("a"), there("b"), there("c")], [there("a"), there("b", { public_key: "another" })], [there("a"), there("b", { signs_for: 8 })], [there("a"), there("b", { revoked: true })], [there("a"), there("b", { origin: "https://other.example" })]];
  for (const rows of others) expect(sameSigners(rows, request, 7)).toBe(false);
});
