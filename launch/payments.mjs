// Money on a local instance: Stripe's sandbox, and beside the demo's vaults the sidecar of their point of presence. With
// STRIPE_SECRET_KEY set by the operator the same code talks to Stripe itself, and no sandbox is started.
import { inData, inRoot } from "./paths.mjs";

export const usesSandbox = (operator = process.env) => !operator.STRIPE_SECRET_KEY;

/** What the operator sets wins over it, in launch/environment.mjs. */
export const paymentSettings = ({ ports, secrets, operator = process.env }) => ({
  ...(usesSandbox(operator) ? { STRIPE_SECRET_KEY: `sk_test_${secrets.stripeKey}`, STRIPE_WEBHOOK_SECRET: `whsec_${secrets.stripeWebhook}`, STRIPE_HOST: `http://localhost:${ports.stripe}` } : {}),
  POP_SECRET: secrets.popSecret,
  ...(ports.pop ? { POP_DOOR: `http://127.0.0.1:${ports.pop}` } : {}),
});

/** The parts, in the order in which they start. Keys go by environment: command lines can be read by everyone. */
export const paymentParts = ({ node, ports, env }) => [
  ...(ports.stripe && usesSandbox() ? [{ name: "payment sandbox", program: node, args: [inRoot("sandbox/stripe/main.ts"), "--port", String(ports.stripe), "--data", inData("stripe"), "--webhook", `${env.APP_ORIGIN}/api/stripe/webhook`], env }] : []),
  ...(ports.pop ? [{ name: "point of presence", program: node, args: [inRoot("sandbox/pop/main.ts"), "--vaults", inData("vaults"), "--port", String(ports.pop), "--hq", env.APP_ORIGIN], env }] : []),
];
