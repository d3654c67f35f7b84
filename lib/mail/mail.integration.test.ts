import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openSink, type Sink } from "../../sandbox/mail/sink.ts";
import { MailStore } from "../../sandbox/mail/store.ts";
import { actorOf, setTestEnvironment, testDatabase, type TestDatabase } from "../../tests/database.ts";
import { write } from "../db/tenant.ts";
import { limits } from "../limits.ts";
import { deliverDue, type Post } from "./deliver.ts";
import { listMails } from "./list.ts";
import { queueMail } from "./queue.ts";
import { retryMail } from "./retry.ts";
import { sendTestMail } from "./send-test.ts";
import { Transports } from "./transport.ts";

let t: TestDatabase;
let sink: Sink;
let store: MailStore;
let quillmoor: string;

beforeAll(async () => {
  t = await testDatabase();
  setTestEnvironment(t.urls);
  store = new MailStore(mkdtempSync(join(tmpdir(), "clavitor-mail-")));
  sink = await openSink(store, { smtp: 0, http: 0 });
  quillmoor = await t.msp("Quillmoor IT");
});
afterAll(async () => {
  await sink?.close();
  await (await import("../db/client.ts")).database().$disconnect();
  await t?.close();
});
beforeEach(async () => {
  store.clear();
  await t.asAdmin((admin) => admin.query("delete from mail"));
});

const owner = () => actorOf(quillmoor);
const to = "tobias@quillmoor.example";
const send = (key = crypto.randomUUID()) => sendTestMail(owner(), { to, key });
const state = async () => (await listMails(owner()))[0]!;
const due = () => t.asAdmin((admin) => admin.query("update mail set next_at = now() - interval '1 second' where state = 'waiting'"));
const failing = (error: object): Post => ({ send: () => Promise.reject(Object.assign(new Error("smtp"), error)) });

describe("the outbox", () => {
  test("a queued mail is sent once, marked, and its text is gone from the database", async () => {
    const { id } = await send();
    const transports = new Transports([`smtp://127.0.0.1:${sink.smtpPort}`]);
    expect((await deliverDue(transports, t.db)).sent).toBe(1);
    expect((await deliverDue(transports, t.db)).sent).toBe(0);
    transports.close();
    const [mail, ...more] = await store.list();
    expect(more).toEqual([]);
    expect(mail).toMatchObject({ to: [to], subject: "Mail from this console arrives" });
    expect(mail?.raw).toContain(`Message-ID: <${id}@localhost>`);
    expect(await state()).toMatchObject({ state: "sent", attempts: 1, transport: `127.0.0.1:${sink.smtpPort}` });
    const { rows } = await t.asAdmin((admin) => admin.query("select sealed_body from mail"));
    expect(rows).toEqual([{ sealed_body: null }]);
  });

  test("what a mail says lies sealed in the database until it is sent", async () => {
    await send();
    const { rows } = await t.asAdmin((admin) => admin.query("select sealed_body as body from mail"));
    expect((rows[0].body as Buffer).toString("latin1")).not.toContain("Ines Halloran");
  });

  test("a mail of a change that is rolled back is never sent", async () => {
    await expect(write(owner(), async (tx) => {
      await queueMail(tx, { address: to, name: "" }, "test", { asked: "now", by: "x", origin: "http://localhost" });
      throw new Error("undone");
    })).rejects.toThrow("undone");
    expect((await deliverDue(failing({}), t.db)).sent).toBe(0);
    expect(await listMails(owner())).toEqual([]);
  });

  test("the same form sent twice, even at once, queues one mail and gives one answer", async () => {
    const key = crypto.randomUUID();
    const answers = await Promise.all([send(key), send(key), send(key)]);
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    expect(await send(key)).toEqual(answers[0]);
    expect(await listMails(owner())).toHaveLength(1);
  });

  test("the same form with another address is refused, not answered with the first one's mail", async () => {
    const key = crypto.randomUUID();
    await send(key);
    await expect(sendTestMail(owner(), { to: "other@quillmoor.example", key })).rejects.toMatchObject({ failure: { code: "already_sent" } });
    expect(await listMails(owner())).toHaveLength(1);
  });

  test("while records cannot be written nothing is sent, and afterwards it is sent once", async () => {
    await send();
    let sent = 0;
    const post: Post = { send: () => (sent++, Promise.resolve({ transport: "x" })) };
    await t.asAdmin((admin) => admin.query("revoke insert on record from clavitor_app; revoke insert (msp_id, id, actor_kind, actor_id, actor_name, action, target_kind, target_id, fields, request_id) on record from clavitor_app"));
    await expect(deliverDue(post, t.db)).rejects.toMatchObject({ failure: { code: "record_unwritable" } });
    expect(sent).toBe(0);
    await t.asAdmin((admin) => admin.query("grant insert (msp_id, id, actor_kind, actor_id, actor_name, action, target_kind, target_id, fields, request_id) on record to clavitor_app; update mail set lease_until = null"));
    expect((await deliverDue(post, t.db)).sent).toBe(1);
    expect(sent).toBe(1);
  });

  test("a try is counted and recorded before anything leaves", async () => {
    await send();
    let seen: unknown;
    await deliverDue({ send: async () => { seen = (await listMails(owner()))[0]?.attempts; return { transport: "x" }; } }, t.db);
    expect(seen).toBe(1);
  });

  test("a worker whose lease ran out while it was sending settles nothing over the one that took it up", async () => {
    await send();
    const slow: Post = { send: async () => {
      await t.asAdmin((admin) => admin.query("update mail set lease_until = now() - interval '1 second'"));
      expect((await deliverDue(failing({ responseCode: 550, command: "RCPT TO" }), t.db)).sent).toBe(0);
      return { transport: "slow" };
    } };
    expect((await deliverDue(slow, t.db)).sent).toBe(0);
    expect(await state()).toMatchObject({ state: "failed", transport: null });
  });

  test("another tenant's key is another key", async () => {
    const key = crypto.randomUUID();
    const harbour = await t.msp("Harbour Systems");
    const [mine, theirs] = [await send(key), await sendTestMail(actorOf(harbour), { to, key })];
    expect(mine.id).not.toBe(theirs.id);
  });

  test("when the first server does not answer, the next one takes the mail", async () => {
    await send();
    const transports = new Transports(["smtp://127.0.0.1:1", `smtp://127.0.0.1:${sink.smtpPort}`]);
    expect((await deliverDue(transports, t.db)).sent).toBe(1);
    transports.close();
    expect(await state()).toMatchObject({ state: "sent", transport: `127.0.0.1:${sink.smtpPort}` });
  });

  test("a failed try is kept with its reason in plain words, tried later, and not before", async () => {
    await send();
    expect((await deliverDue(failing({ code: "ECONNREFUSED" }), t.db)).nextDue).toBeInstanceOf(Date);
    expect(await state()).toMatchObject({ state: "waiting", attempts: 1, lastError: "no mail server could be reached" });
    let asked = 0;
    const counting: Post = { send: () => (asked++, Promise.resolve({ transport: "later" })) };
    expect((await deliverDue(counting, t.db)).sent).toBe(0);
    await due();
    expect((await deliverDue(counting, t.db)).sent).toBe(1);
    expect(asked).toBe(1);
    expect(await state()).toMatchObject({ state: "sent", attempts: 2, lastError: null });
  });

  test("an address that the server refuses is given up at once, and the text is gone", async () => {
    await send();
    await deliverDue(failing({ responseCode: 550, command: "RCPT TO" }), t.db);
    expect(await state()).toMatchObject({ state: "failed", attempts: 1, lastError: "the mail server answered 550" });
    expect((await t.asAdmin((admin) => admin.query("select 1 from mail where sealed_body is not null"))).rowCount).toBe(0);
  });

  test("after the last try it is given up, and a retry is refused because the text is gone", async () => {
    const { id } = await send();
    for (let attempt = 0; attempt < limits.mailAttempts; attempt += 1) {
      await due();
      await deliverDue(failing({ code: "ETIMEDOUT" }), t.db);
    }
    expect(await state()).toMatchObject({ state: "failed", attempts: limits.mailAttempts });
    await expect(retryMail(owner(), id)).rejects.toMatchObject({ failure: { code: "moved_on" } });
  });

  test("a person's retry makes a waiting mail due now; another tenant cannot retry it", async () => {
    const { id } = await send();
    await deliverDue(failing({ code: "ETIMEDOUT" }), t.db);
    await expect(retryMail(actorOf(await t.msp("Stranger")), id)).rejects.toMatchObject({ failure: { code: "moved_on" } });
    await retryMail(owner(), id);
    expect((await deliverDue({ send: () => Promise.resolve({ transport: "now" }) }, t.db)).sent).toBe(1);
  });

  test("two workers at once send each mail once", async () => {
    for (let index = 0; index < 20; index += 1) await send();
    const sent: string[] = [];
    const post: Post = { send: async ({ messageId }) => (sent.push(messageId), { transport: "x" }) };
    const both = await Promise.all([deliverDue(post, t.db), deliverDue(post, t.db)]);
    expect(both[0].sent + both[1].sent).toBe(20);
    expect(new Set(sent).size).toBe(20);
  });

  test("a mail that a worker died with is taken up again after its lease, under the same Message-ID", async () => {
    const { id } = await send();
    await t.asApp((client) => client.query("select * from mail_claim(10, 120)"));
    const sent: string[] = [];
    const post: Post = { send: async ({ messageId }) => (sent.push(messageId), { transport: "x" }) };
    expect((await deliverDue(post, t.db)).sent).toBe(0);
    await t.asAdmin((admin) => admin.query("update mail set lease_until = now() - interval '1 second'"));
    expect((await deliverDue(post, t.db)).sent).toBe(1);
    expect(sent).toEqual([`<${id}@localhost>`]);
  });

  test("a text that cannot be opened (its key is gone) fails in plain words and does not stop the others", async () => {
    await send();
    const key = process.env.SEAL_KEYS;
    await t.asAdmin((admin) => admin.query("update mail set sealed_body = '\\x0102'::bytea"));
    await send();
    const { sent } = await deliverDue({ send: () => Promise.resolve({ transport: "x" }) }, t.db);
    expect(sent).toBe(1);
    expect((await listMails(owner())).find((mail) => mail.state === "waiting")?.lastError).toBe("its sealed text could not be opened");
    process.env.SEAL_KEYS = key;
  });

  test("waking the worker with a task that nobody knows is refused", async () => {
    await expect(t.db.$executeRaw`select job_wake('drop_everything')`).rejects.toThrow(/unknown task/);
  });
});

describe("the sink", () => {
  const page = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${sink.httpPort}${path}`, init);

  test("shows a mail as text and as HTML that can do nothing", async () => {
    await send();
    const transports = new Transports([`smtp://127.0.0.1:${sink.smtpPort}`]);
    await deliverDue(transports, t.db);
    transports.close();
    const [mail] = await store.list();
    const response = await page(`/mail/${mail!.id}`);
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(await response.text()).toContain(`<iframe sandbox="allow-popups allow-popups-to-escape-sandbox"`);
  });

  test("a mail that is not there, a name that is no id and a way out of the folder are 404", async () => {
    for (const path of ["/mail/1-ab", "/mail/..%2f..%2fetc%2fpasswd", "/nothing"]) expect((await page(path)).status, path).toBe(404);
  });

  test("another Host gets nothing: mails may hold one-time links", async () => {
    const { request } = await import("node:http");
    const status = await new Promise((resolve) => request({ host: "127.0.0.1", port: sink.httpPort, path: "/", headers: { host: "evil.example" } }, (response) => resolve(response.resume().statusCode)).end());
    expect(status).toBe(404);
  });
});
