import type { Metadata } from "next";
import { KeyList } from "#components/identity/key-list.tsx";
import { listKeys } from "#lib/identity/keys.ts";
import { pageActor } from "#lib/identity/session.ts";
import { beginTap } from "../../actions.ts";
import { add, begin, remove, rename } from "./actions.ts";

export const metadata: Metadata = { title: "My keys" };

export default async function KeysPage() {
  const actor = await pageActor("self");
  const keys = await listKeys(actor);
  return <KeyList keys={keys.map((line) => ({ ...line, createdAt: line.createdAt.getTime(), lastUsedAt: line.lastUsedAt?.getTime() ?? null }))} beginTap={beginTap} begin={begin} add={add} rename={rename} remove={remove} />;
}
