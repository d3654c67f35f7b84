/**
 * What a client keeps in its vault: believable entries of every role, the programs' own, and what only the owner opens. Pure
 * but for the random secrets. L1 is plain metadata, L2 the vault decrypts, L3 is the admin's own ciphertext (PROTOCOL 3).
 */
import { randomInt } from "node:crypto";
import { b64u, utf8 } from "../../lib/protocol/bytes.ts";
import type { EntryCreate, Field, FieldKind, Tier } from "../../lib/protocol/messages.ts";
import { formatScopes } from "../../lib/protocol/scopes.ts";
import type { Client } from "../cast/clients.ts";
import { NUMBERINGS, OWN_SCOPE, ROLES, type Role } from "../cast/roles.ts";
import { encrypt } from "./register.ts";

const LETTERS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const draw = (alphabet: string, length: number): string => Array.from({ length }, () => alphabet[randomInt(alphabet.length)]!).join("");

const field = (label: string, kind: FieldKind, tier: Tier, value: string): Field => ({ label, kind, tier, value });
const user = (value: string): Field => field("User", "text", "L1", value);
const at = (value: string): Field => field("Address", "url", "L1", value);
const password = (label = "Password"): Field => field(label, "password", "L2", draw(LETTERS, 20));
const code = (): Field => field("One-time code", "totp", "L2", draw(BASE32, 32));
const note = (value: string): Field => field("Note", "note", "L2", value);

interface Template {
  title: string;
  tags: readonly string[];
  fields: (host: string) => readonly Field[];
}

const TEMPLATES: Readonly<Record<Role, readonly Template[]>> = {
  Networking: [
    { title: "Core switch", tags: ["network"], fields: () => [user("admin"), at("https://10.20.0.2"), password(), note("Serial console: 9600 8N1, cable in the second drawer")] },
    { title: "Firewall", tags: ["network", "critical"], fields: () => [user("fwadmin"), at("https://10.20.0.1:4443"), password(), code()] },
    { title: "Wi-Fi controller", tags: ["network"], fields: (host) => [user("wlan"), at(`https://wifi.${host}`), password(), password("Guest key")] },
  ],
  Monitoring: [
    { title: "Monitoring console", tags: ["monitoring"], fields: (host) => [user("probe"), at(`https://watch.${host}`), password()] },
    { title: "SNMPv3 reader", tags: ["monitoring", "network"], fields: () => [user("ro-snmp"), password("Authentication"), password("Privacy")] },
  ],
  Backup: [
    { title: "Backup appliance", tags: ["backup"], fields: (host) => [user("backup"), at(`https://vaulted.${host}:8443`), password(), code()] },
    { title: "Off-site bucket", tags: ["backup", "critical"], fields: () => [user("AK7QX2MPLW"), password("Secret key"), password("Encryption passphrase")] },
  ],
  Servers: [
    { title: "Hypervisor", tags: ["servers"], fields: () => [user("root"), at("https://10.20.0.10:8006"), password(), note("Two nodes; drain the first before an update")] },
    { title: "Domain administrator", tags: ["servers", "critical"], fields: () => [user("Administrator"), password(), password("Restore mode")] },
  ],
  Web: [
    { title: "Domain registrar", tags: ["web", "critical"], fields: (host) => [user(`dns@${host}`), at("https://registrar.example"), password(), code()] },
    { title: "Website editor", tags: ["web"], fields: (host) => [user("editor"), at(`https://www.${host}/admin`), password()] },
  ],
  Identity: [{ title: "Directory break-glass account", tags: ["identity", "critical"], fields: (host) => [user(`breakglass@${host}`), at("https://login.example"), password(), code()] }],
  Cloud: [{ title: "Cloud root account", tags: ["cloud", "critical"], fields: (host) => [user(`root@${host}`), at("https://console.cloud.example"), password(), code()] }],
};

/** Sites of a large client, each with its own network entries. */
const SITES = ["North wing", "South wing", "Depot", "Annex", "Yard", "Head office"];

function ownEntries(client: Client, host: string, l3: Uint8Array): EntryCreate[] {
  const secret = (label: string, kind: FieldKind, value: string): Field => field(label, kind, "L3", b64u(encrypt(l3, utf8(value), `${client.id}/${label}`)));
  return [
    { title: "Deployment key", scopes: OWN_SCOPE, tags: ["ci"], fields: [user("deploy"), password("Token")] },
    { title: "Payroll portal", scopes: "", tags: ["finance"], fields: [user(client.admin.name), at("https://payroll.example"), password(), code()] },
    { title: "Company card", scopes: "", tags: ["finance"], fields: [user(client.name), secret("Number", "card", `4929 ${draw("0123456789", 4)} ${draw("0123456789", 4)} ${draw("0123456789", 4)}`), secret("Check value", "password", draw("0123456789", 3))] },
    { title: "Safe in the board room", scopes: "", tags: [], fields: [secret("Combination", "note", [10, 55, 90].map((from) => randomInt(from, from + 9)).join(" - ")), at(`https://intranet.${host}/keys`)] },
  ];
}

/** The entries of a new vault: 17, and with more than fifty tokens six sites more. Titles, tags and scopes are always the same for one client. */
export function entriesOf(client: Client, l3: Uint8Array): readonly EntryCreate[] {
  const host = `${client.id}.example`;
  const numbers = NUMBERINGS[client.numbering];
  const build = (role: Role, { title, tags, fields }: Template, site = ""): EntryCreate => ({
    title: site === "" ? title : `${title}, ${site}`,
    // Who watches also needs to get at the network's own counters.
    scopes: formatScopes(title === "SNMPv3 reader" ? [numbers[role], numbers.Networking] : [numbers[role]]),
    tags: [...tags],
    fields: [...fields(host)],
  });
  const entries = ROLES.flatMap((role) => TEMPLATES[role].map((template) => build(role, template)));
  if (client.tokens > 50) for (const site of SITES) entries.push(build("Networking", TEMPLATES.Networking[0]!, site));
  return [...entries, ...ownEntries(client, host, l3)];
}

