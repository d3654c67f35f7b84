import { AxeBuilder } from "@axe-core/playwright";
import { test as base, expect, type Page } from "@playwright/test";

export { expect };

const need = (name: string) => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is missing: run the browser tests through "npm run e2e".`);
  return value;
};

/** The instance that e2e/instance.setup.ts started. */
export const instance = {
  get origin() { return need("E2E_ORIGIN"); },
  get mail() { return need("E2E_MAIL"); },
  get folder() { return need("E2E_FOLDER"); },
};

type Options = { mayComplain: RegExp | null };

/** A page on which any complaint of the browser (error, policy violation, failed load) fails the test that caused it. */
export const test = base.extend<Options>({
  mayComplain: [null, { option: true }],
  baseURL: async ({}, use) => use(instance.origin),
  page: async ({ page, mayComplain }, use) => {
    const complaints: string[] = [];
    const hear = (text: string) => void (mayComplain?.test(text) || complaints.push(text));
    page.on("console", (message) => message.type() === "error" && hear(message.text()));
    page.on("pageerror", (error) => hear(error.message));
    await use(page);
    expect(complaints, "the browser complained").toEqual([]);
  },
});

const windows = [{ width: 1440, height: 900 }, { width: 1024, height: 768 }, { width: 390, height: 844 }] as const;
/** Every page is looked at in each width and in each theme. */
export const looks = (["light", "dark"] as const).flatMap((theme) => windows.map((window) => ({ theme, ...window })));

/** No finding of axe at all, of any level, in the page as it stands. */
export async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`)).toEqual([]);
}

/** In each look: a picture kept with the run when a place is given, no finding of axe, nothing that scrolls sideways. The window is left as it was. */
export async function expectFits(page: Page, shot?: (name: string) => string, name: string = page.url()): Promise<void> {
  const size = page.viewportSize()!;
  for (const { width, height, theme } of looks) {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme: theme });
    if (shot) await page.screenshot({ path: shot(`${name}-${theme}-${width}.png`) });
    await expectAccessible(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), `${name} scrolls sideways at ${width}`).toBe(0);
  }
  await page.setViewportSize(size);
}

export type SunkMail = { id: string; to: string[]; subject: string; text: string; html: string };

/** Mails that the sink holds for one address. */
export async function mailsFor(address: string): Promise<SunkMail[]> {
  const response = await fetch(`${instance.mail}/mail.json`);
  const all = (await response.json()) as SunkMail[];
  return all.filter((mail) => mail.to.includes(address));
}
