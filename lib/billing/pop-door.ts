/** The door between points of presence and this account system: one secret, compared in constant time; no cookie, no person. */
import { createHash, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { database, type Database } from "../db/client.ts";
import { env } from "../env.ts";
import { Refusal } from "../errors.ts";
import { limits } from "../limits.ts";
import { claimVault, vaultStatus } from "./capacity.ts";
import { beginDeletion } from "./hosted.ts";

const digest = (text: string) => createHash("sha256").update(text).digest();

/** Throws Refusal `forbidden` for anybody who does not show the secret. */
function authorizePop(request: Request): void {
  const { POP_SECRET: secret } = env();
  const shown = /^Bearer (.+)$/.exec(request.headers.get("authorization") ?? "")?.[1];
  if (!secret || !shown || !timingSafeEqual(digest(shown), digest(secret))) throw new Refusal("forbidden");
}

const vaultId = z.string().regex(/^[A-Za-z0-9_-]{6}$/);
const createShape = z.object({ subscription: z.uuid(), vault_id: vaultId, pop: z.url({ protocol: /^https?$/ }).max(200), devices: z.number().int().min(0).max(1_000_000) });
const seconds = (date: Date | null) => (date === null ? null : Math.floor(date.getTime() / 1_000));

function idOf(text: string): string {
  const parsed = vaultId.safeParse(text);
  if (!parsed.success) throw new Refusal("not_found");
  return parsed.data;
}

export async function popCreate(request: Request, db: Database = database()): Promise<object> {
  authorizePop(request);
  const body = await request.text();
  if (body.length > limits.bodyBytes) throw new Refusal("too_large");
  let given: unknown;
  try {
    given = JSON.parse(body);
  } catch (error) {
    throw new Refusal("invalid", { cause: error });
  }
  const parsed = createShape.safeParse(given);
  if (!parsed.success) throw new Refusal("invalid", { cause: parsed.error });
  const { subscription, vault_id, pop, devices } = parsed.data;
  const [found] = await db.$queryRaw<{ msp: string | null }[]>`select subscription_tenant(${subscription}::uuid) as msp`;
  if (!found?.msp) throw new Refusal("not_found");
  const { expiresAt } = await claimVault(found.msp, { subscriptionId: subscription, vaultId: vault_id, pop, devices }, db);
  return { vault_id, expires_at: seconds(expiresAt) };
}

export async function popStatus(request: Request, vault: string, db: Database = database()): Promise<object> {
  authorizePop(request);
  const { state, expiresAt, suspendedAt } = await vaultStatus(idOf(vault), { db });
  return { state, expires_at: seconds(expiresAt), suspended_at: seconds(suspendedAt) };
}

/** The vault's owner had it deleted at its point of presence. */
export async function popDelete(request: Request, vault: string, db: Database = database()): Promise<object> {
  authorizePop(request);
  const id = idOf(vault);
  const [found] = await db.$queryRaw<{ msp: string | null }[]>`select hosted_vault_tenant(${id}) as msp`;
  if (!found?.msp) throw new Refusal("not_found");
  await beginDeletion(found.msp, id, "its owner deleted it", db);
  return { vault_id: id, state: "deleted" };
}
