/** The ground on which seeds run: four vaults behind one fault proxy, three technicians, a clock that jumps. */
import { FaultProxy } from "#sandbox/fault-proxy/proxy.ts";
import { startWorld } from "#vault/testing/world.ts";
import type { TestDatabase } from "../../../tests/database.ts";
import { addressRules, openNet } from "../../vault/net.ts";
import { addTechnician, addVaults, startEstate } from "./estate.ts";
import type { Course } from "./faults.ts";

export type OpenCourse = Course & { close(): Promise<void> };

export async function openCourse(t: TestDatabase): Promise<OpenCourse> {
  const net = openNet({ rules: addressRules(), callMs: 400 });
  let ahead = 0;
  const now = () => new Date(Date.now() + ahead);
  // Vaults and console are on one clock that goes on: many seeds take longer than two clocks may differ.
  const world = await startWorld({ clock: { wallMs: () => now().getTime(), steadyMs: () => now().getTime() } });
  const proxy = await FaultProxy.open({ target: world.listening });
  const estate = await startEstate(t, world, net, { now });
  for (const name of ["Jim Okafor", "Hana Kobayashi", "Oskar Lund"]) await addTechnician(estate, name);
  await addVaults(estate, ["Acme Dental", "Birchgate Care", "Calloway Freight", "Düsterwald Maschinenbau"], { dial: `http://127.0.0.1:${proxy.port}` });
  return {
    estate, proxy, now,
    forward(seconds) {
      ahead += seconds * 1_000;
    },
    async close() {
      await net.agent.destroy();
      await proxy.close();
      await world.end();
    },
  };
}
