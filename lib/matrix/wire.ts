/**
 * Facts as bytes: a JSON head in columns, then planes. Cells go technician by technician, since one person's roles repeat from
 * client to client, and what lies together compresses (budget: 50,000 cells under 40 kB). Pure, for both sides.
 */
import { emptyCells, healths, HELD, inboxStates, type Facts, type LeaseFact, type Person, type PodFact, type RoleFact, type Row } from "./facts.ts";

const version = 2;
const fulls = ["never", "leased", "yes"] as const;

type Head = {
  v: number;
  at: number;
  fullLongest: number;
  roles: RoleFact[];
  pods: PodFact[];
  words: string[];
  people: { id: string[]; name: string[]; pod: number[]; tags: number[][]; inbox: number[]; leave: (string | null)[]; frozen: number[] };
  rows: {
    keyBytes: number; client: number[]; name: string[]; place: [number, string][]; vault: [number, string][]; aliases: [number, string[]][]; tags: number[][]; plan: number[];
    health: number[]; age: (number | null)[]; used: number[]; limit: (number | null)[]; own: number[]; loose: number[]; numbered: number[]; granted: number[]; full: number[]; free: (number | null)[]; longest: [number, number | null][];
  };
  /** Distinct cells: access, flags, progress. Cell 0 is the empty one. */
  values: [number, number, number][];
  ends: number;
  leases: [number, number, number][];
};

/** The same text once; lists hold its place. */
function dictionary() {
  const words: string[] = [];
  const places = new Map<string, number>();
  const place = (word: string): number => {
    const known = places.get(word);
    if (known !== undefined) return known;
    places.set(word, words.length);
    return words.push(word) - 1;
  };
  return { words, place };
}

/** Only the rows that have one. */
const sparse = <T>(values: readonly T[], there: (value: T) => boolean): [number, T][] => values.flatMap((value, at) => (there(value) ? [[at, value] as [number, T]] : []));

class Out {
  private bytes = new Uint8Array(1 << 16);
  private used = 0;
  private room(more: number): void {
    if (this.used + more <= this.bytes.length) return;
    const wider = new Uint8Array(Math.max(this.bytes.length * 2, this.used + more));
    wider.set(this.bytes);
    this.bytes = wider;
  }
  put(part: Uint8Array): void {
    this.room(part.length);
    this.bytes.set(part, this.used);
    this.used += part.length;
  }
  varint(value: number): void {
    this.room(5);
    let rest = value >>> 0;
    while (rest > 0x7f) {
      this.bytes[this.used++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.bytes[this.used++] = rest;
  }
  done(): Uint8Array {
    return this.bytes.slice(0, this.used);
  }
}

const fromKey = (key: string): Uint8Array => Uint8Array.from(atob(key.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
const toKey = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** Facts as bytes, not yet compressed. */
export function encodeFacts(facts: Facts): Uint8Array {
  const { cells, people, rows } = facts;
  const { words, place } = dictionary();
  const values: Head["values"] = [[0, 0, 0]];
  const known = new Map<number, number>([[0, 0]]);
  const planes = new Uint16Array(cells.access.length);
  const unused: number[] = [];
  const ends = new Out();
  let endCount = 0;
  let lastEnd = 0;
  for (let column = 0, at = 0; column < people.length; column += 1) {
    for (let row = 0; row < rows.length; row += 1, at += 1) {
      const cell = row * people.length + column;
      const access = cells.access[cell]!;
      const flags = cells.flags[cell]!;
      const progress = cells.progress[cell]!;
      // Exact below 2^53: 32 bits of access, 8 of flags, 4 of progress.
      const value = access * 4096 + flags * 16 + progress;
      let index = known.get(value);
      if (index === undefined) {
        index = values.push([access, flags, progress]) - 1;
        known.set(value, index);
      }
      planes[at] = index;
      if (access & HELD) unused.push(cells.unused[cell]!);
      if (cells.end[cell]! > 0) {
        ends.varint(at - lastEnd);
        ends.varint(cells.end[cell]!);
        lastEnd = at;
        endCount += 1;
      }
    }
  }
  if (values.length > 0xffff) throw new RangeError("more kinds of cells than the wire can name");
  const keys = rows.map((row) => fromKey(row.key));
  const keyBytes = keys[0]?.length ?? 8;
  const head: Head = {
    v: version, at: facts.at, fullLongest: facts.fullLongest, roles: [...facts.roles], pods: [...facts.pods], words,
    people: {
      id: people.map((one) => one.id), name: people.map((one) => one.name), pod: people.map((one) => one.pod), tags: people.map((one) => one.tags.map(place)),
      inbox: people.map((one) => inboxStates.indexOf(one.inbox)), leave: people.map((one) => one.leave), frozen: people.map((one) => Number(one.frozen)),
    },
    rows: {
      keyBytes, client: rows.map((row) => row.client), name: rows.map((row) => row.name),
      place: sparse(rows.map((row) => row.place), Boolean), vault: sparse(rows.map((row) => row.vault), Boolean), aliases: sparse(rows.map((row) => [...row.aliases]), (list) => list.length > 0),
      tags: rows.map((row) => row.tags.map(place)), plan: rows.map((row) => place(row.plan)), health: rows.map((row) => healths.indexOf(row.health)), age: rows.map((row) => row.age),
      used: rows.map((row) => row.tokensUsed), limit: rows.map((row) => row.tokensLimit), own: rows.map((row) => row.own), loose: rows.map((row) => row.loose),
      numbered: rows.map((row) => row.numbered), granted: rows.map((row) => row.granted), full: rows.map((row) => fulls.indexOf(row.fullAccess)), free: rows.map((row) => row.grantFree),
      longest: sparse(rows.map((row) => row.longest), (hours) => hours !== null),
    },
    values, ends: endCount, leases: [...cells.leases].map(([cell, lease]) => [cell, lease.access, lease.end]),
  };
  const text = new TextEncoder().encode(JSON.stringify(head));
  const out = new Out();
  const size = new Uint8Array(4);
  new DataView(size.buffer).setUint32(0, text.length);
  out.put(size);
  out.put(text);
  for (const key of keys) out.put(key);
  out.put(Uint8Array.from(planes));
  if (values.length > 256) out.put(Uint8Array.from(planes, (index) => index >> 8));
  out.put(Uint8Array.from(unused));
  out.put(ends.done());
  return out.done();
}

/** The bytes as facts. Throws a RangeError for what encodeFacts did not make. */
export function decodeFacts(bytes: Uint8Array): Facts {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headEnd = 4 + view.getUint32(0);
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(4, headEnd))) as Head;
  if (head.v !== version) throw new RangeError("facts of another release");
  let at = headEnd;
  const take = (length: number): Uint8Array => {
    if (at + length > bytes.length) throw new RangeError("facts are cut off");
    at += length;
    return bytes.subarray(at - length, at);
  };
  const count = head.rows.name.length;
  const width = head.people.id.length;
  const word = (place: number) => head.words[place] ?? "";
  const [places, vaults, aliases, longest] = [new Map(head.rows.place), new Map(head.rows.vault), new Map(head.rows.aliases), new Map(head.rows.longest)];
  const rows = head.rows.name.map((name, row): Row => ({
    key: toKey(take(head.rows.keyBytes)), client: head.rows.client[row]!, name, place: places.get(row) ?? "", vault: vaults.get(row) ?? "", aliases: aliases.get(row) ?? [],
    tags: head.rows.tags[row]!.map(word), plan: word(head.rows.plan[row]!), health: healths[head.rows.health[row]!]!, age: head.rows.age[row]!,
    tokensUsed: head.rows.used[row]!, tokensLimit: head.rows.limit[row]!, own: head.rows.own[row]!, loose: head.rows.loose[row]!,
    numbered: head.rows.numbered[row]!, granted: head.rows.granted[row]!, fullAccess: fulls[head.rows.full[row]!]!, grantFree: head.rows.free[row]!, longest: longest.get(row) ?? null,
  }));
  const people = head.people.id.map((id, column): Person => ({
    id, name: head.people.name[column]!, pod: head.people.pod[column]!, tags: head.people.tags[column]!.map(word), inbox: inboxStates[head.people.inbox[column]!]!, leave: head.people.leave[column]!, frozen: head.people.frozen[column] === 1,
  }));
  const cells = emptyCells(count * width);
  const low = take(count * width);
  const high = head.values.length > 256 ? take(count * width) : null;
  const access = Uint32Array.from(head.values, (value) => value[0]);
  const flags = Uint8Array.from(head.values, (value) => value[1]);
  const progress = Uint8Array.from(head.values, (value) => value[2]);
  let unusedAt = at;
  for (let column = 0, place = 0; column < width; column += 1) {
    for (let row = 0, cell = column; row < count; row += 1, cell += width, place += 1) {
      const index = high ? low[place]! | (high[place]! << 8) : low[place]!;
      if (index === 0) continue;
      cells.access[cell] = access[index]!;
      cells.flags[cell] = flags[index]!;
      cells.progress[cell] = progress[index]!;
      if (access[index]! & HELD) cells.unused[cell] = bytes[unusedAt++]!;
    }
  }
  at = unusedAt;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      if (byte === undefined || shift > 28) throw new RangeError("facts are cut off");
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  };
  for (let n = 0, place = 0; n < head.ends; n += 1) {
    place += varint();
    cells.end[(place % count) * width + Math.floor(place / count)] = varint();
  }
  for (const [cell, leaseAccess, end] of head.leases) cells.leases.set(cell, { access: leaseAccess, end } satisfies LeaseFact);
  return { at: head.at, fullLongest: head.fullLongest, roles: head.roles, pods: head.pods, people, rows, cells };
}
