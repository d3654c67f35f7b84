// The demo's outside world, on local instances: the clients' vaults and their IT admins. CLAVITOR_DEMO=0 leaves it out.
import { inData, inRoot } from "./paths.mjs";

/** How often, on average, a client changes something in its own vault. */
const driftSeconds = 1_800;

export const withDemo = () => process.env.CLAVITOR_DEMO !== "0";

/** The parts, in the order in which they start. The seed goes by environment: command lines can be read by everyone. */
export function demoParts({ node, ports, secrets, env }) {
  const vaults = inData("vaults");
  const admins = [
    "--vaults", `http://vault.localhost:${ports.vaults}`, "--hosting", vaults, "--data", inData("clients"),
    "--console", env.APP_ORIGIN, "--port", String(ports.clients), "--drift-every", String(driftSeconds),
  ];
  // Types stripped and scripts compiled once: half the work of a start.
  const lean = { ...env, NODE_COMPILE_CACHE: inData("compile-cache") };
  return [
    { name: "client vaults", program: node, args: [inRoot("sandbox/vaults/main.ts"), "--data", vaults, "--port", String(ports.vaults)], env: lean },
    { name: "client admins", program: node, args: [inRoot("sandbox/clients/main.ts"), ...admins], env: { ...lean, CLAVITOR_DEMO_SEED: secrets.demoSeed } },
  ];
}
