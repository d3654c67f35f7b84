// The demo's outside world, on local instances: the clients' vaults and their IT admins. CLAVITOR_DEMO=0 leaves it out.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { request } from "node:http";
import { inData, inRoot } from "./paths.mjs";

/** How often, on average, a client changes something in its own vault. */
const driftSeconds = 1_800;

/** Left by `npm run demo -- remove`: this instance is for real use from then on. CLAVITOR_DEMO=1 brings the demo back. */
export const removedMark = () => inData("demo-removed");

export const withDemo = () => process.env.CLAVITOR_DEMO === "1" || (process.env.CLAVITOR_DEMO !== "0" && !existsSync(removedMark()));

/** The MSPs of the demo, by the name of their claim code in the secrets. */
export const claimCodes = { quillmoor: "claimQuillmoor", fernhill: "claimFernhill" };

const sha256 = (text) => createHash("sha256").update(text).digest("base64url");

/** What console and worker know of the demo. The codes themselves are in .data/secrets.json and in what is printed. */
export const demoSettings = ({ ports, secrets }) => ({
  DEMO_DOOR: `http://127.0.0.1:${ports.clients}`,
  CLAIM_SHA256: Object.entries(claimCodes).map(([name, secret]) => `${name}:${sha256(secrets[secret])}`).join(","),
});

export const claimLink = (origin, msp, secrets) => `${origin}/claim#${secrets[claimCodes[msp]]}`;

/**
 * Whether nobody has claimed it yet: also when its clients are not up (503), false when the console cannot say. Asked by address, since not every resolver knows the
 * names below localhost, and under the console's own name.
 */
export const isUnclaimed = (address, origin, code) =>
  new Promise((resolve) => {
    const body = JSON.stringify({ secret: code });
    const headers = { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body), Origin: origin, Host: new URL(origin).host };
    const asked = request(`${address}/api/ceremony/claim-look`, { method: "POST", headers, timeout: 5_000 }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200 || answer.statusCode === 503);
    });
    asked.on("timeout", () => asked.destroy());
    asked.on("error", () => resolve(false));
    asked.end(body);
  });

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
