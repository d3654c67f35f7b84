// The command line as values. Throws PlainError, or parseArgs' own TypeError, for anything that is not understood.
import { parseArgs } from "node:util";
import { hostOf, isOrigin } from "#lib/protocol/address.ts";
import { loadSecret } from "./failover/wire.ts";
import type { StartOptions } from "./start.ts";
import { PlainError } from "./store/plain-error.ts";
import type { MetaChange } from "./store/vault-meta.ts";
import type { Upkeep } from "./upkeep.ts";

const USAGE = `Usage: npm run --silent vault -- --data DIR --port N
  --data DIR       folder of the vaults, made when missing
  --port N         port to listen on; 0 picks one
  --host ADDRESS   address to listen on (127.0.0.1)
  --rp-id NAME     host name that passkeys are bound to (vault.localhost)
  --origin URL     address to open in a browser (http://<rp-id>:<port>)
  --register CODE  one-time code for a new vault; a host that is not on this machine takes none without it

A backup on another host (both share the secret; the file has mode 0600)
  --replication-secret FILE   lets a backup follow; with --mode backup, whom to trust
  --mode backup --follow URL  follows the primary that listens there; serves reads, takes no changes

Each of these does one thing and exits
  --new-replication-secret FILE  draws a secret
  --promote                      makes every backup in a stopped folder the primary (a new epoch)
  --copy-to DIR                  copies every vault, running or not, and proves each copy
  --verify FILE                  proves one copy against host.key of the folder
  --restore FILE                 puts a proven copy back into a stopped folder (a new epoch)
  --restored ID                  says that this vault's file was put back by hand (a new epoch)
      --epoch-above N            with these three: an epoch that was reached elsewhere since
  --set-meta ID                  a hosted vault's subscription, running or not; each may be "none" but the email:
      --account-email TEXT --expires-at DATE --paid-until DATE --suspended-at DATE --tokens N --devices N
  --erase-details-before DATE    erases names and addresses in the log before this date
Dates are YYYY-MM-DD (midnight UTC) or Unix seconds.`;

const text = { type: "string" } as const;
const flag = { type: "boolean" } as const;
const OPTIONS = {
  data: text,
  port: text,
  host: { type: "string", default: "127.0.0.1" },
  "rp-id": { type: "string", default: "vault.localhost" },
  origin: text,
  register: text,
  "replication-secret": text,
  mode: { type: "string", default: "primary" },
  follow: text,
  "new-replication-secret": text,
  promote: flag,
  "copy-to": text,
  verify: text,
  restore: text,
  restored: text,
  "epoch-above": text,
  "set-meta": text,
  "account-email": text,
  "expires-at": text,
  "paid-until": text,
  "suspended-at": text,
  tokens: text,
  devices: text,
  "erase-details-before": text,
} as const;

export interface Options {
  start: StartOptions;
  /** Work on the files instead of serving them. */
  upkeep: Upkeep | null;
}

type Values = ReturnType<typeof parse>;
function parse(args: string[]) {
  return parseArgs({ args, options: OPTIONS }).values;
}

function usage(): never {
  throw new PlainError(USAGE);
}

export function options(args: string[]): Options {
  const values = parse(args);
  const upkeep = upkeepOf(values);
  const port = /^\d{1,5}$/.test(values.port ?? "") ? Number(values.port) : Number.NaN;
  if (values.data === undefined && upkeep?.kind !== "secret") usage();
  if (upkeep === null && !(port <= 65_535)) usage();
  const { data: dir = "", host: address, "rp-id": rpId, origin, register: registerCode, follow } = values;
  if (origin !== undefined && (!isOrigin(origin) || !isUnder(hostOf(origin)!, rpId))) {
    throw new PlainError("--origin must be https (or a name ending in .localhost) and its host --rp-id or below it.");
  }
  if (registerCode !== undefined && registerCode.length < 12) throw new PlainError("--register needs a code of at least 12 characters.");
  if (values.mode !== "primary" && values.mode !== "backup") usage();
  if ((values.mode === "backup") !== (follow !== undefined)) throw new PlainError("--mode backup and --follow URL go together.");
  if (follow !== undefined && !/^https?:\/\/[^/]+\/?$/.test(follow)) throw new PlainError("--follow needs the address on which the primary listens, http://<host>:<port> or https.");
  const path = values["replication-secret"];
  if (follow !== undefined && path === undefined) throw new PlainError("--follow needs --replication-secret FILE, the same file as the primary's.");
  const replicationSecret = upkeep === null && path !== undefined ? loadSecret(path) : undefined;
  return { start: { dir, port, address, rpId, origin, registerCode, follow, replicationSecret }, upkeep };
}

function isUnder(host: string, rpId: string): boolean {
  return host === rpId || host.endsWith(`.${rpId}`);
}

function upkeepOf(values: Values): Upkeep | null {
  const above = values["epoch-above"] === undefined ? 0 : whole(values["epoch-above"]);
  const asked: Upkeep[] = [];
  if (values["new-replication-secret"] !== undefined) asked.push({ kind: "secret", path: values["new-replication-secret"] });
  if (values.promote === true) asked.push({ kind: "promote", above });
  if (values["copy-to"] !== undefined) asked.push({ kind: "copy", to: values["copy-to"] });
  if (values.verify !== undefined) asked.push({ kind: "verify", copy: values.verify });
  if (values.restore !== undefined) asked.push({ kind: "restore", copy: values.restore, above });
  if (values.restored !== undefined) asked.push({ kind: "restored", vault: values.restored, above });
  if (values["set-meta"] !== undefined) asked.push({ kind: "meta", vault: values["set-meta"], change: metaChange(values) });
  if (values["erase-details-before"] !== undefined) asked.push({ kind: "erase", beforeMs: day(values["erase-details-before"]) });
  if (asked.length > 1) throw new PlainError("One of these commands at a time.");
  return asked[0] ?? null;
}

function whole(value: string): number {
  return /^\d{1,15}$/.test(value) ? Number(value) : usage();
}

/** Unix milliseconds of midnight UTC; a date that no calendar has (2026-02-30) is refused. */
function day(value: string): number {
  const at = /^\d{4}-\d\d-\d\d$/.test(value) ? Date.parse(`${value}T00:00:00Z`) : Number.NaN;
  return Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== value ? usage() : at;
}

function second(value: string | undefined): number | null | undefined {
  if (value === undefined) return undefined;
  if (value === "none") return null;
  return value.includes("-") ? day(value) / 1_000 : whole(value);
}

function limit(value: string | undefined): number | null | undefined {
  return value === undefined ? undefined : value === "none" ? null : whole(value);
}

function metaChange(values: Values): MetaChange {
  const email = values["account-email"];
  if (email !== undefined && !/^[^\s@]+@[^\s@]+$/.test(email)) throw new PlainError("--account-email is no mail address.");
  const given = {
    account_email: email,
    expires_at: second(values["expires-at"]),
    paid_until: second(values["paid-until"]),
    suspended_at: second(values["suspended-at"]),
    tokens_limit: limit(values.tokens),
    devices_limit: limit(values.devices),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
