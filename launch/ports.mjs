// Ports are chosen once and kept: passkeys and signatures contain the origin, port included.
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { inData } from "./paths.mjs";
import { listenerOn, until } from "./processes.mjs";
import { StepFailure } from "./steps.mjs";
import { writeWhole } from "./files.mjs";

const file = () => inData("ports.json");

/** The ones an address of the outside world contains; the others may move. */
const kept = new Map([["console", "this console"], ["vaults", "the demo's vaults"], ["stripe", "the payment sandbox"]]);
const wished = { console: 3000, database: 5499, smtp: 2525, mail: 8025, vaults: 4100, clients: 4101, stripe: 4102, pop: 4103 };

const bind = (port, host) =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error) => resolve(error.code === "EADDRNOTAVAIL" || error.code === "EAFNOSUPPORT" ? "absent" : false));
    server.listen({ port, host, exclusive: true }, () => {
      const got = server.address().port;
      server.close(() => resolve(got));
    });
  });

/** 127.0.0.1 and ::1 bind independently; a port is free when it is free on both (or there is no IPv6). */
export async function isFree(port) {
  return (await bind(port, "127.0.0.1")) !== false && (await bind(port, "::1")) !== false;
}

/** Parts of a launcher that was killed end by themselves within a moment; an address that is kept is worth waiting for. */
const becomesFree = async (port, patient) => (await until(() => isFree(port), { within: patient ? 4_000 : 0, every: 100 })) === true;

async function anyFree(taken) {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const port = await bind(0, "127.0.0.1");
    if (!taken.has(port) && (await isFree(port))) return port;
  }
  throw new StepFailure("No free port was found on this machine.", "Stop something that holds many ports, then start again.");
}

/**
 * @param {(name: string, port: number) => boolean} [ours] true when the port is held by a part of this very instance that is taken over
 * @param {readonly string[]} [leave] names that this start does not need: what is remembered of them stays as it is
 * @returns {Promise<Record<"console"|"database"|"smtp"|"mail"|"vaults"|"clients"|"stripe"|"pop", number>>} without those left
 */
export async function choosePorts(ours = () => false, leave = []) {
  let remembered = {};
  try {
    remembered = JSON.parse(readFileSync(file(), "utf8"));
  } catch {
    // first start
  }
  const ports = {};
  const taken = new Set(Object.values(remembered));
  for (const [name, wish] of Object.entries(wished)) {
    const before = remembered[name];
    if (leave.includes(name)) continue;
    if (before && (ours(name, before) || (await becomesFree(before, kept.has(name))))) {
      ports[name] = before;
    } else if (before && kept.has(name)) {
      throw new StepFailure(
        `Port ${before}, the address of ${kept.get(name)}, is held by ${listenerOn(before)}.`,
        `Stop that program, then start again. The port is not changed by itself, because passkeys and signatures contain it. To give ${kept.get(name)} another address for good, remove ${file()}; keys enrolled so far then stop working.`,
      );
    } else {
      const free = !process.env.CLAVITOR_FRESH_PORTS && !taken.has(wish) && (await isFree(wish));
      ports[name] = free ? wish : await anyFree(taken);
    }
    taken.add(ports[name]);
  }
  writeWhole(file(), `${JSON.stringify({ ...remembered, ...ports }, null, 2)}\n`, 0o644);
  return ports;
}
