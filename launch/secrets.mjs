// Secrets of a local instance: drawn once, kept in .data/secrets.json (0600). Elsewhere every secret is set by the operator.
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { writeWhole } from "./files.mjs";
import { inData } from "./paths.mjs";
import { StepFailure } from "./steps.mjs";

const names = ["superuserPassword", "ownerPassword", "appPassword", "jobsPassword", "sessionSecret", "sealKey", "demoSeed", "claimQuillmoor", "claimFernhill", "stripeKey", "stripeWebhook", "popSecret"];

/** What belongs to the demo alone: taken away with it, and drawn anew if it comes back. */
const ofDemo = new Set(["demoSeed", "claimQuillmoor", "claimFernhill"]);

/** Forgets the demo's secrets; everything else stays as it is. */
export function forgetDemoSecrets() {
  const kept = Object.fromEntries(Object.entries(localSecrets()).filter(([name]) => !ofDemo.has(name)));
  writeWhole(inData("secrets.json"), `${JSON.stringify(kept, null, 2)}\n`, 0o600);
}

export function localSecrets() {
  const file = inData("secrets.json");
  let secrets = {};
  try {
    secrets = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    if (error.code !== "ENOENT") {
      throw new StepFailure(
        `${file} cannot be read: ${error.message}`,
        "Put it back from a copy. Without it the sealed parts of this instance's database cannot be opened.",
      );
    }
  }
  const missing = names.filter((name) => !secrets[name]);
  for (const name of missing) secrets[name] = randomBytes(32).toString("base64url");
  if (missing.length > 0) writeWhole(file, `${JSON.stringify(secrets, null, 2)}\n`, 0o600);
  return secrets;
}
