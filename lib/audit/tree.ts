/**
 * A tree over a list that only grows (RFC 9162 2.1), as it is stored: with each leaf the hashes of the subtrees that it completes, so
 * that neither growing nor proving reads more than some twenty rows. Pure.
 */
import { leafHash } from "../protocol/tree.ts";
import { concat, type Bytes } from "../protocol/bytes.ts";
import { sha256 } from "../protocol/hash.ts";

const NODE = Uint8Array.of(0x01);
export const nodeHash = (left: Uint8Array, right: Uint8Array): Bytes => sha256(NODE, left, right);
export { leafHash };

/** Complete subtrees of a tree's left side, largest first: `level` 0 is a leaf, `end` the position after its last leaf. */
export type Peak = { level: number; end: number; hash: Uint8Array };

/** Where the peaks of a tree of this size are stored: with leaf `end - 1`, `level` hashes after the leaf's own. */
export function peakPlaces(size: number): Omit<Peak, "hash">[] {
  const places: Omit<Peak, "hash">[] = [];
  let end = 0;
  for (let level = 52; level >= 0; level--) {
    const width = 2 ** level;
    if (size - end >= width) {
      end += width;
      places.push({ level, end });
    }
  }
  return places;
}

/** The hash of a stored subtree among the nodes of its last leaf. */
export const nodeOf = (nodes: Uint8Array, level: number): Uint8Array => nodes.subarray(level * 32, level * 32 + 32);

/** One more leaf. @returns its nodes, to be stored with it; `peaks` is changed to the tree's after it */
export function grow(peaks: Peak[], leaf: Uint8Array): Bytes {
  let hash: Uint8Array = leaf;
  const nodes = [hash];
  const end = (peaks.at(-1)?.end ?? 0) + 1;
  let level = 0;
  while (peaks.at(-1)?.level === level) {
    hash = nodeHash(peaks.pop()!.hash, hash);
    nodes.push(hash);
    level += 1;
  }
  peaks.push({ level, end, hash });
  return concat(...nodes);
}

/** RFC 9162 2.1.1: of an empty list, the hash of nothing. */
export function rootOf(peaks: readonly Peak[]): Bytes {
  const last = peaks.at(-1);
  if (last === undefined) return sha256(new Uint8Array(0));
  return peaks.slice(0, -1).reduceRight<Bytes>((right, { hash }) => nodeHash(hash, right), new Uint8Array(last.hash));
}

/** A subtree over `count` leaves from `start`: stored as one hash where it is complete, else as peaks of its own. */
export type Subtree = { start: number; count: number };

/** The subtrees beside the path from leaf to root, nearest first (RFC 9162 2.1.3.1). */
export function pathPlaces(position: number, size: number): Subtree[] {
  const walk = (m: number, start: number, count: number): Subtree[] => {
    if (count === 1) return [];
    const k = 2 ** Math.floor(Math.log2(count - 1));
    return m < k ? [...walk(m, start, k), { start: start + k, count: count - k }] : [...walk(m - k, start + k, count - k), { start, count: k }];
  };
  return walk(position, 0, size);
}

/** Stored hashes of which a subtree's is made, from left to right. */
export const partsOf = ({ start, count }: Subtree): Omit<Peak, "hash">[] => peakPlaces(count).map(({ level, end }) => ({ level, end: start + end }));

/** Whether a leaf stands at `position` in the tree of this size and root (RFC 9162 2.1.3.2). */
export function verifyInclusion({ leaf, position, size, path, root }: { leaf: Uint8Array; position: number; size: number; path: readonly Uint8Array[]; root: Uint8Array }): boolean {
  if (position < 0 || position >= size) return false;
  let [fn, sn] = [position, size - 1];
  let hash: Uint8Array = leaf;
  for (const beside of path) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      hash = nodeHash(beside, hash);
      while (fn % 2 === 0 && fn !== 0) {
        fn = Math.floor(fn / 2);
        sn = Math.floor(sn / 2);
      }
    } else hash = nodeHash(hash, beside);
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  return sn === 0 && hash.length === root.length && hash.every((byte, i) => byte === root[i]);
}
