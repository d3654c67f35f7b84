import { expect, test } from "vitest";
import { createLog } from "./log.ts";

const lines = (work: (log: ReturnType<typeof createLog>) => void) => {
  let text = "";
  work(createLog("test", { write: (line) => void (text += line) }));
  return text;
};

test.each(["password", "token", "secret", "authorization", "cookie", "assertion", "ticket", "code", "sealed", "SEAL_KEYS"])("a value named %s is blanked, also inside an object", (name) => {
  const text = lines((log) => log.error({ [name]: "hunter2", inner: { [name]: "hunter2", deep: { [name]: "hunter2" } } }, "x"));
  expect(text).not.toContain("hunter2");
  expect(text.match(/\[blanked\]/g)).toHaveLength(3);
});

test("a password inside an error's connection string is blanked", () => {
  const text = lines((log) => log.error({ err: new Error("connect postgresql://clavitor_app:hunter2@127.0.0.1:5432/x failed") }, "x"));
  expect(text).not.toContain("hunter2");
  expect(text).toContain("clavitor_app:[blanked]@");
});

test("a password that itself holds an @ is blanked whole", () => {
  const text = lines((log) => log.error({ err: new Error("smtp://u:qqq@zzz@mail.example.com refused") }, "x"));
  expect(text).not.toMatch(/qqq|zzz/);
});
