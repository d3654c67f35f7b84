/**
 * Whether the time of a refused sign-in tells what is known: an unknown key, a known key with a wrong signature, and the same of
 * a frozen person. Each is a ratio against a known key with a wrong signature; how far two measurements of that same thing lie
 * apart in this run is the noise beside it. What lies within the noise cannot be told here.
 */
import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDatabase } from "../lib/db/client.ts";
import { write } from "../lib/db/tenant.ts";
import { prepare } from "../lib/db/prepare.ts";
import { personActor } from "../lib/identity/actor.ts";
import { bindingOf } from "../lib/identity/challenge.ts";
import { beginSignIn, signIn } from "../lib/identity/sign-in.ts";
import { beginSignUp, signUp } from "../lib/identity/sign-up.ts";
import { createPasskey, type Passkey } from "../lib/identity/testing/passkey.ts";
import { record } from "../lib/record/record.ts";
import { median, table, timed } from "./measure.ts";

const origin = "http://localhost:3999";
const rounds = 1_000;
const warming = 100;

/** A database of this run's own, with the settings that sign-in reads. */
async function ground() {
  const folder = mkdtempSync(join(tmpdir(), "clavitor-bench-"));
  chmodSync(folder, 0o711); // the server runs as another user when this runs as root
  process.env.CLAVITOR_DATA = folder;
  process.env.CLAVITOR_FRESH_PORTS = "1";
  const { startDatabase, urls } = await import("../launch/database.mjs");
  const { choosePorts } = await import("../launch/ports.mjs");
  const { localSecrets } = await import("../launch/secrets.mjs");
  const { database: port } = await choosePorts();
  const secrets = localSecrets();
  const server = await startDatabase(port, secrets, { fsync: false });
  const at = urls(port, secrets, "clavitor_bench");
  await prepare({ adminUrl: at.ADMIN_DATABASE_URL, ownerUrl: at.DATABASE_URL, appUrl: at.APP_DATABASE_URL, jobsUrl: at.JOBS_DATABASE_URL });
  const secret = () => randomBytes(32).toString("base64url");
  Object.assign(process.env, {
    NODE_ENV: "test", APP_ORIGIN: origin, SIGN_ORIGIN: "http://sign.localhost:3999", APP_DATABASE_URL: at.APP_DATABASE_URL, JOBS_DATABASE_URL: at.JOBS_DATABASE_URL,
    SESSION_SECRET: secret(), SEAL_KEYS: `k1:${secret()}`, SMTP_URLS: "smtp://127.0.0.1:1", MAIL_FROM: "Clavitor MSP <console@clavitor.localhost>", LOG_LEVEL: "silent",
  });
  const db = createDatabase(at.APP_DATABASE_URL, 4);
  const end = async () => {
    await db.$disconnect();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { db, end };
}

type Ground = Awaited<ReturnType<typeof ground>>;
const browser = () => {
  const secret = randomBytes(32).toString("base64url");
  return { agent: "Chrome on Linux", address: "127.0.0.1", bind: (...parts: string[]) => bindingOf("visitor", secret, ...parts) };
};

async function member({ db }: Ground, frozen: boolean): Promise<Passkey> {
  const [key, at] = [await createPasskey(origin), browser()];
  const founding = { organisation: "Quillmoor IT", name: "Ines Halloran", email: `${randomBytes(5).toString("hex")}@quillmoor.example` };
  const { mspId, personId } = await signUp(founding, await key.register("signup", await beginSignUp(founding, at, db)), at, db);
  if (frozen) {
    await write(personActor({ mspId, personId, name: founding.name, rights: ["owner"] }), async (tx) => {
      await tx.db.person.update({ where: { mspId_personId: { mspId, personId } }, data: { frozenAt: new Date() } });
      await record(tx, { action: "person.frozen", target: { kind: "person", id: personId }, fields: { name: founding.name, sessions: 0 } });
    }, db);
  }
  return key;
}

/** Milliseconds of one refused sign-in: drawing the question is not part of it. `bent`: a signature that is not over this. */
async function refused({ db }: Ground, key: Passkey): Promise<number> {
  const at = browser();
  const question = await beginSignIn(at, db);
  const proof = await key.answer("signin", question);
  const signature = Buffer.from(proof.assertion.response.signature, "base64url");
  signature[signature.length - 3]! ^= 1;
  proof.assertion.response.signature = signature.toString("base64url");
  let code = "done";
  const took = await timed(async () => {
    code = await signIn(proof, at, db).then(() => "done", (error: { failure?: { code: string } }) => error.failure?.code ?? "unexpected");
  });
  if (code !== "key_refused") throw new Error(`a refused sign-in ended as ${code}`);
  return took;
}

/** The ratio of medians, and the middle 95 of a hundred times that the rounds are drawn anew. */
function ratio(of: readonly number[], against: readonly number[]) {
  const drawn = Array.from({ length: 400 }, () => {
    const pick = (values: readonly number[]) => median(values.map(() => values[Math.floor(Math.random() * values.length)]!));
    return pick(of) / pick(against);
  }).toSorted((a, b) => a - b);
  return { ratio: median(of) / median(against), low: drawn[10]!, high: drawn[389]! };
}

export async function run(): Promise<void> {
  const at = await ground();
  try {
    const kinds: Record<string, () => Promise<Passkey>> = {
      "known key, wrong signature": async () => known,
      "the same again (noise)": async () => known,
      "unknown key": async () => createPasskey(origin),
      "frozen person, wrong signature": async () => frozen,
    };
    const [known, frozen] = [await member(at, false), await member(at, true)];
    const names = Object.keys(kinds);
    const times = new Map<string, number[]>(names.map((name) => [name, []]));
    // Turn by turn, each round beginning with another kind, so that what the machine does meanwhile falls on all alike.
    for (let round = 0; round < rounds + warming; round += 1) {
      for (let i = 0; i < names.length; i += 1) {
        const name = names[(round + i) % names.length]!;
        const took = await refused(at, await kinds[name]!());
        if (round >= warming) times.get(name)!.push(took);
      }
    }
    const base = times.get(names[0]!)!;
    table(["refused sign-in", "median ms", "ratio", "95 % from", "to"], names.map((name) => {
      const of = times.get(name)!;
      const { ratio: middle, low, high } = ratio(of, base);
      return [name, median(of), middle.toFixed(3), low.toFixed(3), high.toFixed(3)];
    }));
    console.log(`  ${rounds} rounds; within the noise's own span nothing can be told.`);
  } finally {
    await at.end();
  }
}
