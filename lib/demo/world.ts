/**
 * The demo's world as this console sees it: JSON over one door of this machine (sandbox/README.md). What it says is judged by
 * shape here, and by what it proves where it matters: nothing that it hands out is believed for coming from it.
 */
import { request } from "undici";
import { z } from "zod";
import { env } from "../env.ts";
import { Refusal } from "../errors.ts";
import { emailAddress, personName } from "../identity/ceremony.ts";
import { personRights } from "../identity/permission.ts";
import { assertionPartsShape } from "../identity/tap.ts";
import { limits } from "../limits.ts";

const b64 = (most: number) => z.string().regex(/^[A-Za-z0-9_-]+$/).max(most);
const text = z.string().max(240);
const date = z.iso.date();

const portfolioShape = z.object({
  msp: z.object({ id: z.string(), name: z.string().min(1).max(120) }),
  roles: z.array(z.object({ name: text.min(1), letter: z.string().regex(/^[A-EG-Z]$/) })).max(26),
  clients: z.array(z.object({
    id: text, name: text.min(1), aliases: z.array(text).max(20), tags: z.array(text).max(20), region: text,
    contact: z.object({ name: text, phone: text, mail: text }), plan: text,
    /** Null while its vault is being made. */
    address: z.string().max(2_048).nullable(),
  })).max(1_000),
});
export type Portfolio = z.output<typeof portfolioShape>;
export type PortfolioClient = Portfolio["clients"][number];

const peopleShape = z.object({
  pods: z.array(text.min(1)).max(100),
  members: z.array(z.object({
    id: z.uuid(), name: personName, email: emailAddress, rights: z.array(z.enum(personRights)).min(1), pod: text.nullable(), tags: z.array(text).max(20),
    leave: z.object({ from: date, until: date }).nullable(),
    passkey: z.object({ credential_id: b64(1_364), public_key: b64(2_048), label: text.min(1).max(120) }),
    inbox: z.object({ statement: z.unknown(), assertion: assertionPartsShape, credential_id: b64(1_364), wrapped: b64(80) }).nullable(),
  })).max(limits.membersPerOrganisation),
});
export type People = z.output<typeof peopleShape>;
export type Member = People["members"][number];

const connectedShape = z.object({ client: z.string(), code_2: z.string(), delivered: z.boolean().nullable() });
const phonesShape = z.object({ phones: z.array(z.object({ client: z.string(), name: z.string(), aliases: z.array(text).max(20), admin: z.string(), phone: z.string(), code_2: z.string() })).max(1_000) });
export type Phone = z.output<typeof phonesShape>["phones"][number];

/** An admin's no, in their words. */
export class Declined extends Error {
  override name = "Declined";
}

export type World = {
  portfolio(demo: string): Promise<Portfolio>;
  people(demo: string): Promise<People>;
  /** Code 2 of every connected client of an MSP, as its admin reads it from their own screen. */
  phones(demo: string): Promise<Phone[]>;
  /** Hands an admin the link and reads code 1 to them; a link that they tapped before is not tapped again. */
  connect(given: { link: string; code1: string }): Promise<{ delivered: boolean }>;
};

/** Every call throws Refusal `demo_away` when nobody answers, or not as agreed; `connect` throws Declined besides. */
export function worldAt(door: string | undefined = env().DEMO_DOOR): World {
  async function ask<Shape extends z.ZodType>(shape: Shape, path: string, body?: object): Promise<z.output<Shape>> {
    if (door === undefined) throw new Refusal("demo_away");
    try {
      const answer = await request(`${door}${path}`, {
        headersTimeout: limits.demoAnswerMs, bodyTimeout: limits.demoAnswerMs,
        ...(body === undefined ? { method: "GET" as const } : { method: "POST" as const, headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
      });
      const value = await readJson(answer.body);
      if (answer.statusCode === 409) throw new Declined(z.object({ error: z.string() }).parse(value).error.slice(0, 300));
      if (answer.statusCode !== 200) throw new Error(`${path} was answered with ${answer.statusCode}`);
      return shape.parse(value);
    } catch (error) {
      throw error instanceof Declined ? error : new Refusal("demo_away", { cause: error });
    }
  }
  return {
    portfolio: (demo) => ask(portfolioShape, `/portfolio/${demo}`),
    people: (demo) => ask(peopleShape, `/people/${demo}`),
    phones: async (demo) => (await ask(phonesShape, `/phones/${demo}`)).phones,
    connect: async ({ link, code1 }) => ({ delivered: (await ask(connectedShape, "/connect", { link, code_1: code1, again: true })).delivered === true }),
  };
}

async function readJson(body: AsyncIterable<Uint8Array>): Promise<unknown> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body) {
    size += part.length;
    if (size > limits.demoAnswerBytes) throw new Error("an answer beyond the limit");
    parts.push(part);
  }
  return JSON.parse(Buffer.concat(parts).toString("utf8"));
}
