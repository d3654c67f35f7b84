/**
 * The working day from its first minute: the demo is claimed, its clients are connected and confirmed, keys endorsed, two roles of one
 * technician staged at every client with room, signed with one tap and proven; then that technician's own program opens the tokens.
 */
import { tryB64u } from "../lib/protocol/bytes.ts";
import { planSentence } from "../lib/protocol/plan-words.ts";
import type { Plan } from "../lib/protocol/plan.ts";
import { parseScopes } from "../lib/protocol/scopes.ts";
import { CLIENTS } from "../sandbox/cast/clients.ts";
import { entriesOf } from "../sandbox/clients/entries.ts";
import { call, dropConnections, type Access } from "../sandbox/clients/wire.ts";
import { Technician } from "../sandbox/technicians/inbox.ts";
import { claimWith, count, linkIn, marks, measured, settled, states, type Keys } from "./claiming.ts";
import { expect, test, type DemoInstance } from "./demo.ts";
import { enterGrid, gridOf } from "./matrix.ts";
import { taken } from "./people.ts";
import { plugIn, signingWindow } from "./signing.ts";

// 53 vaults are made, 51 connected, and half a hundred written to, on a machine that may be doing other things.
test.describe.configure({ timeout: 900_000 });

const patience = { timeout: 240_000 };
const who = { id: "ravi", name: "Ravi Chandrasekar" };
const given = ["Networking", "Monitoring"];

/** The same key in a later window: its counter has gone on, as that of a real one would. */
const later = (keys: Keys, windows: number): Keys => keys.map((key) => ({ ...key, signCount: key.signCount + windows * 1_000 }));

type Token = { client: string; address: string; vault: string; key: string; answer: string; numbers: string[] };
/** Receipts of a plan as the console keeps them, with what is known of their vaults. */
const receiptsOf = (demo: DemoInstance, planId: string) =>
  demo.sql<Token>(
    `select c.name as client, v.address, v.vault_id as vault, v.public_key as key, r.answer,
            (select array_agg(s.scope) from role_scope s join role using (msp_id, role_id) where s.vault_ref = v.vault_ref and role.name = any($2)) as numbers
       from receipt r join vault v using (msp_id, vault_ref) join client c using (msp_id, client_id) where r.plan_id = $1 order by c.name`,
    [planId, given],
  );

type Listed = { id: number; title: string; scopes: string };
type Result = { status: string; agent_id?: number; uid?: string; sealed_token?: Parameters<Technician["open"]>[0] };

/** Opens one sealed token as its technician and reads with it at the real vault: what is inside, and what is not. */
async function readWith(technician: Technician, { client, address, vault, key, answer, numbers }: Token): Promise<number> {
  const { receipt } = JSON.parse(answer) as { receipt: { results: Result[] } };
  const created = receipt.results.filter(({ status }) => status === "created");
  expect(created, client).toHaveLength(1);
  const { uid, agent_id: agentId, sealed_token: sealed } = created[0]!;
  const opened = await technician.open(sealed!, { vault, key, uid: uid! });
  expect(opened, `${client}: sealed to ${technician.name}`).not.toBeNull();
  const access: Access = { url: address, vaultId: vault, key, agentId: agentId!, uid: uid!, token: opened!.token };

  const isInside = (scopes: string) => parseScopes(scopes)!.some((scope) => numbers.includes(scope));
  // What the client put there, in the order of their ids: the vault would not say what is outside.
  const kept = entriesOf(CLIENTS.find(({ name }) => name === client)!, new Uint8Array(32));
  const { entries } = (await call(access, "GET", "/entries?limit=500")) as { entries: Listed[] };
  expect(entries.map(({ id, title }) => `${id} ${title}`).toSorted(), client).toEqual(kept.flatMap(({ title, scopes }, at) => (isInside(scopes) ? [`${at + 1} ${title}`] : [])).toSorted());
  expect(entries.length, client).toBeGreaterThan(0);
  expect(await call(access, "GET", `/entry/${entries[0]!.id}`), client).toMatchObject({ title: entries[0]!.title });
  const outside = kept.findIndex(({ scopes }) => !isInside(scopes)) + 1;
  expect(outside).toBeGreaterThan(0);
  await expect(call(access, "GET", `/entry/${outside}`), `${client}: ${kept[outside - 1]!.title}`).rejects.toMatchObject({ status: 403, code: "denied" });
  return entries.length;
}

test("from a fresh instance to a technician who reads: claimed, connected, confirmed, endorsed, staged, signed with one tap, proven", async ({ demo, page }, info) => {
  const link = linkIn(await demo.start())!;
  const beganAt = performance.now();
  const keys = await test.step("claimed with two keys, 51 connected and read", async () => {
    const made = await claimWith(page, link, "Ines Halloran");
    await settled(demo, patience.timeout);
    const { started, connected, read } = (await marks(demo))!;
    measured(info, `claim to connected: ${(connected! - started).toFixed(1)} s for 51 vaults, all read after ${(read! - started).toFixed(1)} s; ${((performance.now() - beganAt) / 1_000).toFixed(1)} s from opening the link`);
    return made;
  });

  await test.step("confirmed with one tap", async () => {
    await page.goto(`${demo.origin}/clients/confirm`);
    await taken(page);
    const window = await signingWindow(page, () => page.getByRole("button", { name: "Confirm the 51 that wait" }).click());
    await plugIn(window, { holding: later(keys, 1) });
    await window.getByLabel(/To mark all of them at once/).fill("heard all 51");
    await window.getByRole("button", { name: "I heard all 51" }).click();
    await window.getByRole("button", { name: "Confirm 51 clients with one tap" }).click();
    await expect.poll(() => states(demo), patience).toEqual([{ state: "connected", count: 51 }]);
  });

  await test.step("twenty inbox keys endorsed with one tap", async () => {
    await page.goto(`${demo.origin}/settings/endorse`);
    await taken(page);
    const window = await signingWindow(page, () => page.getByRole("button", { name: "Endorse the 20 that wait" }).click());
    await plugIn(window, { holding: later(keys, 2) });
    const same = window.getByRole("button", { name: /^Read the same: / });
    for (let left = 20; left > 0; left -= 1) {
      await expect(same).toHaveCount(left);
      await same.first().click();
    }
    await window.getByRole("button", { name: "Endorse 20 keys with one tap" }).click();
    await expect.poll(() => count(demo, "endorsed_key"), patience).toBe(20);
  });

  const planId = await test.step("two roles staged for one technician at every client with room, by keyboard, and made a plan", async () => {
    await page.goto(`${demo.origin}/matrix?q=${encodeURIComponent("tech:ravi free:>0")}`);
    await enterGrid(page);
    await expect(gridOf(page)).toHaveAttribute("aria-colcount", "2");
    // Two of the 51 are at their limit.
    await expect(gridOf(page)).toHaveAttribute("aria-rowcount", "50");
    for (const press of ["Control+Home", "Control+Space", "1", "2"]) await page.keyboard.press(press);
    await expect(page.getByText("Draft saved")).toBeVisible(patience);
    expect(await count(demo, "staged_cell")).toBe(49);
    await page.keyboard.press("Control+Enter");
    await page.getByRole("button", { name: "Make the plan" }).click();
    await expect(page).toHaveURL(/\/plans\/[0-9a-f-]{36}$/, patience);
    return page.url().split("/").at(-1)!;
  });

  const [{ frozen, left_out: leftOut }] = (await demo.sql<{ frozen: string; left_out: { name: string; findings: { words: string }[] }[] }>("select frozen, left_out from plan where plan_id = $1", [planId])) as [{ frozen: string; left_out: { name: string; findings: { words: string }[] }[] }];
  expect(leftOut).toEqual([]);
  const plan = JSON.parse(frozen) as Plan;
  const total = plan.vaults.length;
  expect(total).toBe(49);

  const tapAt = await test.step("signed with one tap", async () => {
    await expect(page.getByText(planSentence(plan))).toBeVisible(patience);
    await taken(page);
    await page.getByRole("textbox").fill(who.name);
    const window = await signingWindow(page, () => page.getByRole("button", { name: "Open the signing page" }).click());
    await plugIn(window, { holding: later(keys, 3) });
    await expect(window.getByRole("heading", { level: 1 })).toHaveText(planSentence(plan), patience);
    const at = performance.now();
    await window.locator("#sign").click();
    await expect(window.getByRole("heading", { name: `Signed for ${total} vaults` })).toBeVisible(patience);
    return at;
  });

  await test.step("every vault proven while the page looks on", async () => {
    const shares = () => demo.sql<{ state: string; count: number }>("select state, count(*)::int as count from dispatch where plan_id = $1 group by state", [planId]);
    await expect.poll(shares, { ...patience, intervals: [200] }).toEqual([{ state: "proven", count: total }]);
    const seen = (performance.now() - tapAt) / 1_000;
    await expect(page.getByText(`of ${total} vaults proven`)).toBeVisible(patience);
    await expect(page.locator("strong", { hasText: new RegExp(`^${total}$`) })).toBeVisible(patience);
    expect(await count(demo, "approval")).toBe(1);
    const [{ seconds }] = (await demo.sql<{ seconds: number }>("select extract(epoch from max(d.settled_at) - min(a.signed_at))::float8 as seconds from dispatch d join approval a using (msp_id, approval_id) where d.plan_id = $1", [planId])) as [{ seconds: number }];
    measured(info, `tap to last proven: ${seconds.toFixed(1)} s for ${total} vaults, ${(total / seconds).toFixed(1)} vaults per second; ${seen.toFixed(1)} s from the press, with the challenges`);
  });

  await test.step("the matrix has the cells and nothing is staged", async () => {
    await expect.poll(() => count(demo, "staged_cell"), patience).toBe(0);
    await page.goto(`${demo.origin}/matrix?q=${encodeURIComponent("tech:ravi role:networking role:monitoring")}`);
    await enterGrid(page);
    await expect(gridOf(page)).toHaveAttribute("aria-rowcount", String(total + 1), patience);
    await expect(page.getByText("Nothing staged")).toBeVisible();
    await page.keyboard.press("Control+Home");
    await expect(page.locator('[role="gridcell"]:focus')).toHaveAccessibleName(new RegExp(`, ${who.name}: networking, monitoring, not opened yet$`));
    expect(await count(demo, "drift where settled_at is null")).toBe(0);
  });

  await test.step("the technician's program opens each sealed token and reads inside the two roles only", async () => {
    const technician = new Technician(tryB64u(demo.read("secrets.json").demoSeed!, 32)!, { person: who.id, console: demo.origin });
    const receipts = await receiptsOf(demo, planId);
    const granted = receipts.filter(({ answer }) => answer.includes("sealed_token"));
    expect([receipts.length, granted.length]).toEqual([total, plan.vaults.filter(({ changes }) => changes.some(({ change }) => change === "grant")).length]);
    expect(granted.length).toBeGreaterThan(35);
    let read = 0;
    for (const one of granted) read += await readWith(technician, one);
    dropConnections();
    measured(info, `${granted.length} sealed tokens opened; ${read} entries listed inside the roles, one opened and one denied in each vault`);
    // Sealed to one person: a colleague's key opens none of them.
    const colleague = new Technician(tryB64u(demo.read("secrets.json").demoSeed!, 32)!, { person: "jim", console: demo.origin });
    const { vault, key, answer } = granted[0]!;
    const { uid, sealed_token: sealed } = (JSON.parse(answer) as { receipt: { results: Result[] } }).receipt.results[0]!;
    expect(await colleague.open(sealed!, { vault, key, uid: uid! })).toBeNull();
  });
});
