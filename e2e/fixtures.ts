import { AxeBuilder } from "@axe-core/playwright";
import { test as base, expect } from "@playwright/test";

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

/** No finding of axe at all, of any level, in the page as it stands. */
export async function expectAccessible(page: Parameters<Parameters<typeof test>[2]>[0]["page"]): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`)).toEqual([]);
}

export type SunkMail = { id: string; to: string[]; subject: string; text: string; html: string };

/** Mails that the sink holds for one address. */
export async function mailsFor(address: string): Promise<SunkMail[]> {
  const response = await fetch(`${instance.mail}/mail.json`);
  const all = (await response.json()) as SunkMail[];
  return all.filter((mail) => mail.to.includes(address));
}
