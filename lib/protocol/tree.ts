// The tree under one tap (PROTOCOL 6): RFC 9162 2.1.1 over a power of two of leaves, 64 to 65,536. Padding and shuffling
// hide from each vault how many others were approved with it; the seed lets an auditor show that the rest was padding.
import { b64u, concat, tryB64u, uint32be, uint64be, type Bytes } from "./bytes.ts";
import { ProtocolError } from "./errors.ts";
import { labelBytes, labelledHash, sha256 } from "./hash.ts";
import type { Proof } from "./messages.ts";

export const MIN_SIZE = 64;
export const MAX_SIZE = 65_536;
const HASH = 32;
const LEAF = Uint8Array.of(0x00);
const PAD = concat(LEAF, labelBytes("pad"));

/** `H(0x00 || leaf_data)` (RFC 9162 2.1.1). */
export function leafHash(leafData: Uint8Array): Bytes {
  return sha256(LEAF, leafData);
}

/** Pad number `i`: `H(0x00 || "clavitor/pad/v1\n" || seed || uint32be(i))`; `seed` is 32 bytes. */
export function padHash(seed: Uint8Array, i: number): Bytes {
  if (seed.length !== HASH) throw new RangeError("a seed has 32 bytes");
  return sha256(PAD, seed, uint32be(i));
}

/** Whether a number can be a tree's size: a power of two from 64 to 65,536. */
export function isTreeSize(size: number): boolean {
  return Number.isInteger(size) && size >= MIN_SIZE && size <= MAX_SIZE && (size & (size - 1)) === 0;
}

/** The smallest size that holds so many shares. Throws a RangeError outside 1..65,536. */
export function treeSize(shares: number): number {
  if (!Number.isInteger(shares) || shares < 1 || shares > MAX_SIZE) throw new RangeError("1 to 65,536 shares");
  let size = MIN_SIZE;
  while (size < shares) size *= 2;
  return size;
}

/** The WebAuthn challenge: `H("clavitor/batch/v1\n" || uint64be(size) || root)`, 32 bytes. */
export function batchChallenge(size: number, root: Uint8Array): Bytes {
  if (root.length !== HASH) throw new RangeError("a root has 32 bytes");
  return labelledHash("batch", uint64be(size), root);
}

/** Distinct random positions below `size`, one per share, in uniform random order (Fisher-Yates, rejection sampling). */
export function drawOrder(shares: number, size = treeSize(shares)): number[] {
  if (!isTreeSize(size) || shares > size) throw new RangeError("shares do not fit");
  const places = Array.from({ length: size }, (_, i) => i);
  const word = new Uint32Array(1);
  for (let i = 0; i < shares; i++) {
    const span = size - i;
    const fair = 0x1_0000_0000 - (0x1_0000_0000 % span);
    do crypto.getRandomValues(word);
    while (word[0]! >= fair);
    const j = i + (word[0]! % span);
    [places[i], places[j]] = [places[j]!, places[i]!];
  }
  return places.slice(0, shares);
}

export interface TreeInput {
  /** Leaf hashes of the shares (32 bytes each), one per vault and challenge. */
  shares: readonly Uint8Array[];
  /** 32 random bytes, kept with the approval. */
  seed: Uint8Array;
  /**
   * Position of each share, from {@link drawOrder}; pads then fill the rest in ascending order, so that proofs and seed
   * rebuild the tree. Or `size` positions: of the shares, then of the pads (another implementation may shuffle both).
   */
  order: readonly number[];
  /** Default: the smallest that fits. */
  size?: number;
}

export interface Tree {
  size: number;
  root: Bytes;
  /** What the authenticator signs. */
  challenge: Bytes;
  /** The proof of share number `share` (as counted in `shares`). Made on demand: all of 65,536 would be 33 MB. */
  proof(share: number): Proof;
}

/** Builds the tree. Throws a RangeError when a hash, the seed, the size or the order is not as described. */
export function buildTree({ shares, seed, order, size = treeSize(shares.length) }: TreeInput): Tree {
  if (!isTreeSize(size) || shares.length < 1 || shares.length > size) throw new RangeError("shares do not fit the size");
  if (order.length !== shares.length && order.length !== size) throw new RangeError("one position per share, or per leaf");
  if (seed.length !== HASH) throw new RangeError("a seed has 32 bytes");
  // All levels in one block: leaves first, the root last.
  const nodes = new Uint8Array((2 * size - 1) * HASH);
  const taken = new Uint8Array(size);
  order.forEach((index, k) => {
    if (!Number.isInteger(index) || index < 0 || index >= size) throw new RangeError("a position outside the tree");
    if (taken[index] === 1) throw new RangeError("a position taken twice");
    taken[index] = 1;
    const leaf = shares[k] ?? padHash(seed, k - shares.length);
    if (leaf.length !== HASH) throw new RangeError("a leaf hash has 32 bytes");
    nodes.set(leaf, index * HASH);
  });
  let pad = 0;
  for (let index = 0; index < size; index++) {
    if (taken[index] === 0) nodes.set(padHash(seed, pad++), index * HASH);
  }

  const pair = new Uint8Array(1 + 2 * HASH);
  pair[0] = 0x01;
  let level = 0;
  for (let width = size; width > 1; width /= 2) {
    const next = level + width;
    for (let i = 0; i < width / 2; i++) {
      pair.set(nodes.subarray((level + 2 * i) * HASH, (level + 2 * i + 2) * HASH), 1);
      nodes.set(sha256(pair), (next + i) * HASH);
    }
    level = next;
  }
  const root = nodes.slice(level * HASH, (level + 1) * HASH);

  return {
    size,
    root,
    challenge: batchChallenge(size, root),
    proof(share) {
      const index = order[share];
      if (index === undefined || share >= shares.length) throw new RangeError("no such share");
      const path: string[] = [];
      let start = 0;
      let at = index;
      for (let width = size; width > 1; width /= 2) {
        const sibling = start + (at ^ 1);
        path.push(b64u(nodes.subarray(sibling * HASH, (sibling + 1) * HASH)));
        start += width;
        at >>= 1;
      }
      return { index, size, path };
    },
  };
}

function refuse(detail: string): never {
  throw new ProtocolError("proof_invalid", { detail });
}

export interface Inclusion {
  /** Leaf hash, 32 bytes. */
  leaf: Uint8Array;
  index: number;
  size: number;
  /** b64u of 32 bytes each, from leaf to root. */
  path: readonly string[];
}

/**
 * The root to which the path leads. Throws ProtocolError `proof_invalid` unless size is a power of two from 64 to 65,536,
 * index lies below it and the path has exactly log2(size) hashes. Bit k of `index` set: path[k] stands to the left.
 */
export function verifyInclusion({ leaf, index, size, path }: Inclusion): Bytes {
  if (leaf.length !== HASH) refuse("the leaf hash has 32 bytes");
  if (!isTreeSize(size)) refuse("the size is no power of two from 64 to 65,536");
  if (!Number.isInteger(index) || index < 0 || index >= size) refuse("the index lies outside the tree");
  if (path.length !== 31 - Math.clz32(size)) refuse("the path has the wrong length");
  let node: Bytes = new Uint8Array(leaf);
  path.forEach((step, k) => {
    const sibling = tryB64u(step, HASH) ?? refuse("a path hash has 32 bytes");
    node = (index >> k) & 1 ? nodeHash(sibling, node) : nodeHash(node, sibling);
  });
  return node;
}

/** `H(0x01 || left || right)`. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Bytes {
  return sha256(Uint8Array.of(0x01), left, right);
}
