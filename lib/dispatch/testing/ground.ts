/** What tests over real vaults stand on: a database, a host of vaults behind a fault proxy, one organisation that works with them. */
import { FaultProxy } from "#sandbox/fault-proxy/proxy.ts";
import { startWorld, type World } from "#vault/testing/world.ts";
import { setTestEnvironment, testDatabase, type TestDatabase } from "../../../tests/database.ts";
import { addressRules, openNet, type Net } from "../../vault/net.ts";
import { startEstate, type Estate } from "./estate.ts";

export type Ground = { t: TestDatabase; net: Net; world: World; proxy: FaultProxy; estate: Estate; end(): Promise<void> };

/** @param callMs how long a vault may take to answer, milliseconds */
export async function openGround({ callMs, clock }: { callMs: number; clock: Estate["clock"] }): Promise<Ground> {
  const t = await testDatabase();
  setTestEnvironment(t.urls);
  const net = openNet({ rules: addressRules(), callMs });
  const world = await startWorld();
  const proxy = await FaultProxy.open({ target: world.listening });
  const estate = await startEstate(t, world, net, clock);
  return {
    t, net, world, proxy, estate,
    async end() {
      await net.agent.destroy();
      await proxy.close();
      await world.end();
      await t.close();
    },
  };
}
