import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { z } from "zod";
import { RoleNumbers } from "#components/role/role-numbers.tsx";
import { Refusal } from "#lib/errors.ts";
import { holds } from "#lib/identity/actor.ts";
import { pageActor } from "#lib/identity/session.ts";
import { showRole } from "#lib/role/show.ts";
import { accept, set } from "../actions.ts";

export const metadata: Metadata = { title: "Role" };

export default async function RolePage({ params }: { params: Promise<{ role: string }> }) {
  const actor = await pageActor("role.read");
  const roleId = z.uuid().safeParse((await params).role);
  if (!roleId.success) notFound();
  const page = await showRole(actor, { roleId: roleId.data }).catch((error: unknown) => {
    if (error instanceof Refusal && error.failure.code === "not_found") notFound();
    throw error;
  });
  return <RoleNumbers {...page} deeds={holds(actor, "role.write") ? { set, accept } : null} />;
}
