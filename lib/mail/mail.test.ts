import fc from "fast-check";
import { expect, test } from "vitest";
import { limits } from "../limits.ts";
import { isFinal, pauseAfter } from "./backoff.ts";
import { asHtml, asText, compose } from "./template.ts";

const data = { asked: "2026-11-20 14:02 UTC", by: "Ines Halloran", origin: "http://localhost:3000" };

test("text and HTML say the same words", () => {
  const mail = compose("test", data);
  const html = asHtml(mail).replaceAll(/<[^>]+>/g, " ");
  for (const part of [...mail.paragraphs, mail.closing]) {
    expect(asText(mail)).toContain(part);
    expect(html).toContain(part);
  }
  expect(asText(mail)).toContain(`\n${mail.link?.href}\n`);
});

test("no name can bring markup into a mail", () => {
  const html = asHtml(compose("test", { ...data, by: `<img src=x onerror=alert(1)>"'&` }));
  expect(html).not.toContain("<img");
  expect(html).toContain("&#60;img");
});

test("pauses grow, carry at most a tenth of jitter, and end", () => {
  const pauses = Array.from({ length: limits.mailAttempts - 1 }, (_, index) => pauseAfter(index + 1, () => 0)!);
  expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
  expect(pauseAfter(limits.mailAttempts)).toBeNull();
  fc.assert(fc.property(fc.integer({ min: 1, max: limits.mailAttempts - 1 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (attempt, chance) => {
    const [least, given] = [pauseAfter(attempt, () => 0)!, pauseAfter(attempt, () => chance)!];
    return given >= least && given <= Math.ceil(least * 1.1);
  }));
});

test("only a server's word about this mail is final; a silent server, a refused login and a busy server are not", () => {
  expect(isFinal({ responseCode: 550, command: "RCPT TO" })).toBe(true);
  for (const passing of [{ responseCode: 451 }, { code: "ETIMEDOUT" }, { responseCode: 535, command: "AUTH PLAIN" }, { responseCode: 554, command: "CONN" }, new Error("x"), undefined]) expect(isFinal(passing)).toBe(false);
});
