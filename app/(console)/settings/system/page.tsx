import type { Metadata } from "next";
import { Parts } from "#components/system/parts.tsx";
import { database } from "#lib/db/client.ts";
import { pageActor } from "#lib/identity/session.ts";
import { release } from "#lib/release.ts";
import { readiness } from "#lib/system/readiness.ts";

export const metadata: Metadata = { title: "System" };

export default async function SystemPage() {
  await pageActor("system.read");
  const { ready, parts } = await readiness(database());
  return <Parts ready={ready} parts={parts} release={release} askedAt={Date.now()} />;
}
