/** What a check of a certificate comes to, as lines for a terminal and for the page. Pure. */
import { groupsOf, type Part } from "../lib/revocation/certificate.ts";
import type { Refused, Verified } from "../lib/revocation/verify.ts";

export type Report = { holds: boolean; title: string; facts: readonly (readonly [label: string, value: string])[]; proven: readonly string[]; remarks: readonly string[]; limits: readonly string[] };

const utc = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19).replace("T", " ")} UTC`;
const plural = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`;
const of = <K extends Part["kind"]>(parts: readonly Part[], kind: K) => parts.filter((part): part is Extract<Part, { kind: K }> => part.kind === kind);
const bytesOf = (key: string): Uint8Array => Uint8Array.from(atob(key.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.codePointAt(0)!);

export function reportOf(verdict: Verified | Refused): Report {
  if (!verdict.ok) {
    return { holds: false, title: "Refused: this certificate does not hold", facts: [], proven: [], remarks: [verdict.where === null ? verdict.words : `${verdict.where}: ${verdict.words}`], limits: ["Nothing in it is to be relied on. Ask whoever gave it to you for the file as it was issued."] };
  }
  const { certificate: { statement, parts, key }, proven, digest, whole } = verdict;
  const [own, apart] = [of(parts, "own"), of(parts, "apart")];
  return {
    holds: true,
    title: whole ? `It holds: ${statement.person} is gone from ${plural(proven.length, "vault", "vaults")}` : `It holds, for the part it shows: ${statement.person} is gone from ${plural(proven.length, "vault", "vaults")}`,
    facts: [
      ["Person", statement.person], ["At", `${statement.msp.name}, ${statement.msp.origin}`], ["Issued", `${utc(statement.at * 1_000)}, no. ${statement.number} of board ${statement.board}`],
      ["Approved with", statement.signers.length === 0 ? "no key of theirs" : statement.signers.map(({ label, person }) => `“${label}” of ${person}`).join(", ")],
      ["Digest", groupsOf(digest).join(" ")], ["Signed by", groupsOf(bytesOf(key)).join(" ")],
    ],
    proven: proven.map(({ client, number, readAt, revision, removedAt, signer }) => `${client}: token ${number.toString(16).padStart(4, "0")} ${removedAt === null ? "gone without a removal of theirs" : `removed ${utc(removedAt)} with “${signer}”`}; list of rows signed ${utc(readAt)}, revision ${revision}, without it`),
    remarks: [
      ...own.map(({ client, row }) => `${client}: the client’s own row “${row.name}”, ${row.id.toString(16).padStart(4, "0")}, stands. Only the client ends it.`),
      ...apart.map(({ client, words, by }) => `${client}: NOT proven. Set apart by ${by}: ${words}`),
      ...of(parts, "removed").filter(({ backup }) => backup === "waits").map(({ client }) => `${client}: its backup had not confirmed the removal when this was issued.`),
      ...(whole ? [] : [`It shows ${plural(parts.length, "part", "parts")} of ${statement.parts.length}; the others are not in this file.`]),
    ],
    limits: [
      "Checked here: every signature of every vault, every tap, and every byte of this file.",
      "Not checked here: which key is whose vault, and whose the key “Signed by” is. Compare its sixteen groups with whoever issued this, by another way.",
      "A vault signs what its list of rows is, at that moment. What a person copied before, no certificate takes back.",
    ],
  };
}
