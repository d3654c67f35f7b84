import { expect, test } from "vitest";
import { isUnavailable } from "./trouble.ts";

test.each([
  ["a refused connection", { code: "ECONNREFUSED" }], ["a server that shuts down", { code: "57P01" }], ["Prisma's own word for it", { code: "P1001" }],
  ["a broken connection", new Error("Connection terminated unexpectedly")], ["a cause deep inside", new Error("x", { cause: new Error("y", { cause: { code: "ECONNRESET" } }) })], ["a full disk", { code: "53100" }],
])("%s means that the database is away", (_name, error) => expect(isUnavailable(error)).toBe(true));

test.each([["a broken rule", { code: "23505" }], ["a missing right", { code: "42501" }], ["a mistake of ours", new TypeError("x is not a function")], ["nothing", undefined], ["a circle", (() => { const error = new Error("x"); error.cause = error; return error; })()]])(
  "%s does not", (_name, error) => expect(isUnavailable(error)).toBe(false));
