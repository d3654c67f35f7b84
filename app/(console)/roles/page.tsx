import type { Metadata } from "next";
import { AlarmList } from "#components/role/alarm-list.tsx";
import { RoleList } from "#components/role/role-list.tsx";
import { holds } from "#lib/identity/actor.ts";
import { pageActor } from "#lib/identity/session.ts";
import { listRoles } from "#lib/role/show.ts";
import { freeLetter } from "#lib/role/usual.ts";
import { addUsual, agree, change, create, order, retire } from "./actions.ts";

export const metadata: Metadata = { title: "Roles" };

export default async function RolesPage() {
  const actor = await pageActor("role.read");
  const { roles, alarms, vaults } = await listRoles(actor);
  const writes = holds(actor, "role.write");
  return (
    <>
      <RoleList roles={roles} vaults={vaults} alarms={alarms.length} letter={freeLetter("", new Set(roles.map(({ letter }) => letter)))} deeds={writes ? { create, addUsual, change, order, retire } : null} />
      <AlarmList alarms={alarms} agree={writes ? agree : null} />
    </>
  );
}
