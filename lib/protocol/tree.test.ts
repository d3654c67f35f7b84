import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { b64u, fromB64u, fromHex, hex, randomBytes, utf8, type Bytes } from "./bytes.ts";
import { ProtocolError } from "./errors.ts";
import { sha256 } from "./hash.ts";
import type { Op, Proof } from "./messages.ts";
import { formatIfMatch, leafData, opHash, opsDigest, parseIfMatch } from "./op.ts";
import { batchChallenge, buildTree, drawOrder, isTreeSize, leafHash, nodeHash, padHash, treeSize, verifyInclusion, type Inclusion } from "./tree.ts";

/** RFC 9162 2.1.1, word by word: the hash of a list of leaf hashes. */
function merkleHash(leaves: readonly Bytes[]): Bytes {
  if (leaves.length === 1) return leaves[0]!;
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return sha256(Uint8Array.of(1), merkleHash(leaves.slice(0, k)), merkleHash(leaves.slice(k)));
}

const seed = sha256(utf8("seed"));
const leafOf = (i: number): Bytes => leafHash(utf8(`leaf ${i}`));
const someTree = (shares: number, size = treeSize(shares)) => {
  const leaves = Array.from({ length: shares }, (_, i) => leafOf(i));
  const order = drawOrder(shares, size);
  return { leaves, order, tree: buildTree({ shares: leaves, seed, order, size }) };
};
const refuses = (inclusion: Inclusion, root: Uint8Array): boolean => {
  try {
    return b64u(verifyInclusion(inclusion)) !== b64u(root);
  } catch (error) {
    if (error instanceof ProtocolError) return error.code === "proof_invalid";
    throw error;
  }
};

describe("tree", () => {
  test("leaf and node hashes give the known roots of the Certificate Transparency test set", () => {
    const leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"].map((data) => leafHash(fromHex(data)));
    expect(hex(leaves[0]!)).toBe("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    expect(hex(nodeHash(leaves[0]!, leaves[1]!))).toBe("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125");
    expect(hex(merkleHash(leaves.slice(0, 4)))).toBe("d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7");
    expect(hex(merkleHash(leaves))).toBe("5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
  });

  test("the root is RFC 9162's hash of shares at their places and pads in the rest", () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 130 }), fc.constantFrom(1, 2), (shares, factor) => {
      const size = treeSize(shares) * factor;
      const { leaves, order, tree } = someTree(shares, size);
      const all: Bytes[] = [];
      let pad = 0;
      for (let i = 0; i < size; i++) {
        const share = order.indexOf(i);
        all.push(share === -1 ? padHash(seed, pad++) : leaves[share]!);
      }
      expect(hex(tree.root)).toBe(hex(merkleHash(all)));
      expect(tree.challenge).toEqual(batchChallenge(size, tree.root));
    }), { numRuns: 30 });
  });

  test("pads may be placed too, and every leaf's own place decides the root", () => {
    const leaves = [leafOf(0), leafOf(1)];
    const order = drawOrder(64, 64);
    const all: Bytes[] = [];
    order.forEach((index, k) => (all[index] = k < 2 ? leaves[k]! : padHash(seed, k - 2)));
    const tree = buildTree({ shares: leaves, seed, order });
    expect(hex(tree.root)).toBe(hex(merkleHash(all)));
    expect(() => tree.proof(2)).toThrow(RangeError);
  });

  test("every share's proof leads to the root, with log2(size) hashes", () => {
    for (const shares of [1, 2, 63, 64, 65, 200]) {
      const { leaves, tree } = someTree(shares);
      for (const [i, leaf] of leaves.entries()) {
        const proof = tree.proof(i);
        expect(proof.path).toHaveLength(Math.log2(tree.size));
        expect(verifyInclusion({ leaf, ...proof })).toEqual(tree.root);
      }
    }
  });

  test("a changed bit anywhere, another index or another size is refused", () => {
    const { leaves, tree } = someTree(70);
    fc.assert(fc.property(fc.nat(69), fc.nat(6), fc.nat(255), fc.integer({ min: 1, max: 127 }), (share, step, bit, shift) => {
      const leaf = leaves[share]!;
      const proof = tree.proof(share);
      const flip = (bytes: Bytes): Bytes => {
        const bent = new Uint8Array(bytes);
        bent[bit >> 3]! ^= 1 << (bit & 7);
        return bent;
      };
      const bentPath = proof.path.map((hash, k) => (k === step ? b64u(flip(fromB64u(hash))) : hash));
      expect(refuses({ leaf: flip(leaf), ...proof }, tree.root)).toBe(true);
      expect(refuses({ leaf, ...proof, path: bentPath }, tree.root)).toBe(true);
      expect(refuses({ leaf, ...proof, index: (proof.index + shift) % 128 }, tree.root)).toBe(true);
      expect(refuses({ leaf, ...proof, size: 64 }, tree.root)).toBe(true);
      expect(refuses({ leaf, ...proof, size: 256 }, tree.root)).toBe(true);
    }), { numRuns: 300 });
  });

  test("the size is signed: one root under two sizes gives two challenges", () => {
    expect(batchChallenge(64, seed)).not.toEqual(batchChallenge(128, seed));
  });

  test("a shortened, lengthened or reordered path and an inner node passed off as a leaf are refused", () => {
    const { leaves, tree } = someTree(64);
    const leaf = leaves[0]!;
    const proof = tree.proof(0);
    const last = proof.path.at(-1)!;
    expect(refuses({ leaf, ...proof, path: proof.path.slice(0, -1) }, tree.root)).toBe(true);
    expect(refuses({ leaf, ...proof, path: proof.path.slice(1) }, tree.root)).toBe(true);
    expect(refuses({ leaf, ...proof, path: [...proof.path, last] }, tree.root)).toBe(true);
    expect(refuses({ leaf, ...proof, path: proof.path.toReversed() }, tree.root)).toBe(true);
    const sibling = fromB64u(proof.path[0]!);
    const node = proof.index & 1 ? nodeHash(sibling, leaf) : nodeHash(leaf, sibling);
    expect(refuses({ leaf: node, index: proof.index >> 1, size: 64, path: proof.path.slice(1) }, tree.root)).toBe(true);
    expect(refuses({ leaf: node, index: proof.index >> 1, size: 32, path: proof.path.slice(1) }, tree.root)).toBe(true);
  });

  test.each([0, 1, 32, 63, 65, 96, 131_072, 64.5, -64, Number.NaN, 2 ** 38 + 64])("size %s is refused", (size) => {
    const proof: Proof = { index: 0, size, path: Array.from({ length: 6 }, () => b64u(seed)) };
    expect(isTreeSize(size)).toBe(false);
    expect(() => verifyInclusion({ leaf: seed, ...proof })).toThrow(ProtocolError);
  });

  test("an index outside, a fractional one, and a path of malformed hashes are refused", () => {
    const path = Array.from({ length: 6 }, () => b64u(seed));
    for (const index of [-1, 64, 0.5, 2 ** 32]) expect(refuses({ leaf: seed, index, size: 64, path }, seed)).toBe(true);
    expect(refuses({ leaf: seed, index: 0, size: 64, path: path.with(3, "AA") }, seed)).toBe(true);
    expect(refuses({ leaf: seed.subarray(1), index: 0, size: 64, path }, seed)).toBe(true);
  });

  test("sizes are the smallest power of two that holds the shares, from 64", () => {
    expect([1, 64, 65, 128, 129, 65_536].map(treeSize)).toEqual([64, 64, 128, 128, 256, 65_536]);
    for (const wrong of [0, -1, 65_537, 1.5]) expect(() => treeSize(wrong)).toThrow(RangeError);
  });

  test("places are drawn without repeats, and each place is reached", () => {
    const seen = new Set<number>();
    for (let i = 0; i < 2000; i++) seen.add(drawOrder(1)[0]!);
    expect(seen.size).toBe(64);
    const all = drawOrder(128, 128);
    expect(new Set(all).size).toBe(128);
    expect(() => drawOrder(65, 64)).toThrow(RangeError);
  });

  test("what does not fit is refused when building", () => {
    const shares = [leafOf(0), leafOf(1)];
    expect(() => buildTree({ shares, seed, order: [1, 1] })).toThrow(RangeError);
    expect(() => buildTree({ shares, seed, order: [1] })).toThrow(RangeError);
    expect(() => buildTree({ shares, seed, order: [1, 64] })).toThrow(RangeError);
    expect(() => buildTree({ shares, seed: seed.subarray(1), order: [1, 2] })).toThrow(RangeError);
    expect(() => buildTree({ shares, seed, order: [1, 2], size: 100 })).toThrow(RangeError);
    expect(() => buildTree({ shares: [seed.subarray(1), seed], seed, order: [1, 2] })).toThrow(RangeError);
  });

  test("another seed gives other pads, so that a vault cannot guess them", () => {
    expect(padHash(seed, 0)).not.toEqual(padHash(seed, 1));
    expect(padHash(seed, 0)).not.toEqual(padHash(randomBytes(32), 0));
  });

  test("the largest tree holds 65,536 shares", () => {
    const leaves = Array.from({ length: 65_536 }, (_, i) => leafOf(i));
    const tree = buildTree({ shares: leaves, seed, order: leaves.map((_, i) => i) });
    const proof = tree.proof(65_535);
    expect(proof.path).toHaveLength(16);
    expect(verifyInclusion({ leaf: leaves[65_535]!, ...proof })).toEqual(tree.root);
  }, 20_000);
});

describe("operations", () => {
  const op: Op = { body: { name: "Sarah", scopes: "0010" }, id: "23ea59fc-0ef4-4028-abd2-009d373b1223", if: null, method: "POST", path: "/agent" };

  test("every member counts: change one and the hash is another", () => {
    const others: Op[] = [
      { ...op, body: { name: "Sarah", scopes: "0011" } },
      { ...op, body: null },
      { ...op, id: "33ea59fc-0ef4-4028-abd2-009d373b1223" },
      { ...op, if: { uid: "AAECAwQFBgcICQoLDA0ODw" } },
      { ...op, if: { uid: "AAECAwQFBgcICQoLDA0ODw", revision: 1 } },
      { ...op, method: "PUT" },
      { ...op, path: "/agent/1" },
    ];
    expect(new Set([op, ...others].map((one) => b64u(opHash(one)))).size).toBe(8);
  });

  test("order and number of operations count", () => {
    const other = { ...op, path: "/entry" };
    const digests = [[op], [op, op], [op, other], [other, op], []].map((ops) => b64u(opsDigest(ops)));
    expect(new Set(digests).size).toBe(5);
  });

  test("agent, challenge, key, vault and operations all reach the leaf", () => {
    const leaf = { agent: 2, challenge: "c", key: "k", ops: [op], vault: "v" };
    const leaves = [leaf, { ...leaf, agent: 3 }, { ...leaf, challenge: "d" }, { ...leaf, key: "l" }, { ...leaf, vault: "w" }, { ...leaf, ops: [op, op] }];
    expect(new Set(leaves.map((one) => hex(leafData(one)))).size).toBe(6);
  });

  test("If-Match says a precondition in one spelling", () => {
    const uid = "AAECAwQFBgcICQoLDA0ODw";
    for (const precondition of [{ uid }, { uid, revision: 0 }, { uid, revision: Number.MAX_SAFE_INTEGER }]) {
      expect(parseIfMatch(formatIfMatch(precondition))).toEqual(precondition);
    }
    for (const wrong of [uid, `"${uid}`, `"${uid}:"`, `"${uid}:01"`, `"${uid}:-1"`, `"${uid}:9007199254740992"`, `W/"${uid}"`, '"short"', `"${uid}", "${uid}"`, "*"]) {
      expect(parseIfMatch(wrong)).toBeNull();
    }
  });
});
