/** Checks in the browser what the console says of a vault's event: nothing of it rests on the server's word. */
import { detailHash, eventHash, verifyHead } from "#lib/protocol/audit.ts";
import { leafData } from "#lib/audit/leaf.ts";
import { leafHash, verifyInclusion } from "#lib/audit/tree.ts";
import { b64u, fromB64u } from "#lib/protocol/bytes.ts";
import type { Detail } from "#lib/audit/show.ts";

/** null: it cannot be checked here. */
export type Check = { readonly words: string; readonly holds: boolean | null };
export type Checked = { readonly checks: readonly Check[]; readonly ms: number; readonly holds: boolean };

/** Whether a record is a leaf under the root that its checkpoint signs; the checkpoint's own signature is checked with the published key. */
function recordChecks(record: NonNullable<Detail["record"]>): Check[] {
  const leaf = leafHash(leafData(record.record));
  const [, size, root] = record.note.split("\n");
  return [
    { words: "its leaf is the hash of the record", holds: b64u(leaf) === record.leaf },
    { words: "the leaf leads to the root", holds: verifyInclusion({ leaf, position: record.position, size: record.size, path: record.path.map((one) => fromB64u(one, 32)), root: fromB64u(record.root, 32) }) },
    { words: "the checkpoint is over this root", holds: size === String(record.size) && root?.replaceAll("+", "-").replaceAll("/", "_").replace("=", "") === record.root },
  ];
}

export async function checkProof({ raw, links, head, vault, line, record }: Pick<Detail, "raw" | "links" | "head" | "vault" | "line" | "record">): Promise<Checked> {
  const begun = performance.now();
  const checks: Check[] = [];
  if (raw !== null) {
    checks.push({ words: "its hash is of what is shown", holds: b64u(eventHash(raw)) === raw.hash });
    checks.push(raw.detail === null ? { words: "its details are not shown by the client", holds: null } : { words: "its details are what was hashed", holds: b64u(detailHash(raw.detail)) === raw.detail_hash });
    const before = links.find(({ seq }) => seq === raw.seq - 1);
    const after = links.find(({ seq }) => seq === raw.seq + 1);
    checks.push(before ? { words: "it follows the event before it", holds: before.hash === raw.prev } : { words: "what stood before it is not here", holds: raw.prev === b64u(new Uint8Array(32)) ? true : null });
    if (after) checks.push({ words: "the event after it follows it", holds: after.prev === raw.hash });
    if (head && vault) {
      // A backup signs its own stream with its own key (PROTOCOL 9), which stands with the vault and not here.
      const own = raw.stream === "primary";
      checks.push({ words: own ? "the head of its stream is signed by the vault" : "the head of its stream is signed by the backup", holds: own ? await verifyHead(head.head, vault.vaultId, vault.key) : null });
    }
  }
  if (record !== null) checks.push(...recordChecks(record));
  const wrong = checks.some(({ holds }) => holds === false) || line.fault !== null;
  return { checks, ms: performance.now() - begun, holds: !wrong };
}
