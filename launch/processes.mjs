// Small questions about processes of this machine: is it alive, what is it, who listens on a port.
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync, readlinkSync } from "node:fs";

export function alive(pid) {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    return error.code === "EPERM";
  }
}

function isZombie(pid) {
  try {
    return /^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** The command line of a process, or "" when it cannot be told. */
export function commandOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
  } catch {
    if (process.platform === "linux") return "";
  }
  try {
    return execFileSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return "";
  }
}

/** Who listens on a local TCP port, in words for a person. */
export function listenerOn(port) {
  const unknown = "another program";
  if (process.platform !== "linux") {
    try {
      const pid = execFileSync("lsof", ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-t"], { encoding: "utf8" }).trim().split("\n")[0];
      return pid ? `process ${pid} (${commandOf(pid)})` : unknown;
    } catch {
      return unknown;
    }
  }
  const wanted = port.toString(16).toUpperCase().padStart(4, "0");
  const inodes = new Set();
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    let text = "";
    try {
      text = readFileSync(table, "utf8");
    } catch {
      continue; // no IPv6 on this machine
    }
    for (const row of text.split("\n").slice(1)) {
      const cells = row.trim().split(/\s+/);
      if (cells[3] === "0A" && cells[1]?.endsWith(`:${wanted}`)) inodes.add(`socket:[${cells[9]}]`);
    }
  }
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      for (const fd of readdirSync(`/proc/${pid}/fd`)) {
        if (inodes.has(readlinkSync(`/proc/${pid}/fd/${fd}`))) return `process ${pid} (${commandOf(pid)})`;
      }
    } catch {
      // a process of somebody else, or one that has just ended
    }
  }
  return unknown;
}

/** Waits until `test` answers something truthy, asking every `every` ms; undefined when the time is over. */
export async function until(test, { within, every = 25 }) {
  const end = performance.now() + within;
  for (;;) {
    const value = await test();
    if (value) return value;
    if (performance.now() > end) return undefined;
    await new Promise((resolve) => setTimeout(resolve, every));
  }
}
