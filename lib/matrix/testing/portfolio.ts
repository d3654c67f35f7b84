/**
 * A made-up portfolio of any size, the same for the same seed, with the data that breaks things (60-letter names, right-to-left
 * names, two clients of one name, limits, failover, silence, drift, leave, an expired grant, five roles, a name that begins with "=").
 */
import { emptyCells, flag, FULL, HELD, unusedStep, type Facts, type Health, type Person, type Row } from "../facts.ts";

/** Mulberry32: small, seeded, good enough to make up names. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b_79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const roles = [["Networking", "N"], ["Monitoring", "M"], ["Backup", "B"], ["Servers", "S"], ["Web", "W"], ["Identity", "I"], ["Cloud", "C"], ["Telephony", "T"]] as const;
const pods = ["Pod A", "Pod B", "Night desk", "Field"];
const given = ["Sarah", "Jim", "John", "Priya", "Tomás", "Aoife", "Bjørn", "Mei-Ling", "Kwame", "Zoë", "Łukasz", "نور", "Bartholomew", "Dana", "Ravi", "Emil", "Hana", "Guðrún", "Marcus", "Chloé", "Oskar", "Tess"];
const family = ["Lindqvist", "Okafor", "Meier", "Raman", "Ferreira", "Brennan", "Åsheim", "Zhao", "Asante", "van der Heijden", "Wiśniewski", "الحسيني", "Fitzgerald-Montgomery-Castellanos", "Petrescu", "Chandrasekaran", "Novotný", "Kobayashi", "Jónsdóttir", "Bell", "Marchetti", "Lund", "Quigley"];
const firsts = ["Acme", "Birchgate", "Copperbeck", "Dunmore", "Elmstead", "Foxglove", "Gallowgate", "Harbour Street", "Juniper Row", "Kingsferry", "Thistledown", "Bellwether", "Cedar & Salt", "Marrow & Thyme", "Saltmarsh", "Tamarind Tree", "Wexcombe", "Ångström", "Château Vermeil", "Düsterwald", "Umber Street", "Municipal", "Ashcroft", "Bramling", "Corvid", "Dovetail", "Eastmoor", "Fennel", "Granary", "Hollin"];
const seconds = ["Dental Group", "Primary Care", "Joinery", "Veterinary Partners", "Housing Trust", "Pharmacies", "Physiotherapy", "Clinic", "Opticians", "Marine", "Care Homes", "Books", "Restaurants", "Catering", "Breweries", "Foods", "Grain", "Precision", "Hotels", "Maschinenbau", "Studios", "Waterworks", "Legal", "Logistics", "Architects", "Motors", "Schools", "Printing", "Dairy", "Insurance"];
const places = ["Leith", "Cork", "Bath", "Lund", "Graz", "Ghent", "Porto", "Split", "Brno", "Turku"];
const ugly = ["=1+1 Accounting", "مكتبة النخيل", "Municipal Waterworks Cooperative of the Upper Rhine Valley AG", "Harbour Street Clinic", "Harbour Street Clinic", "Château Vermeil Hôtels"];
const plans = [["team-10", 11], ["team-10", 11], ["team-25", 26], ["team-25", 26], ["team-100", 101]] as const;

const hex = (random: () => number, count: number) => Array.from({ length: count }, () => Math.floor(random() * 16).toString(16)).join("");
const uuid = (random: () => number) => `${hex(random, 8)}-${hex(random, 4)}-7${hex(random, 3)}-8${hex(random, 3)}-${hex(random, 12)}`;
const key = (random: () => number) => btoa(String.fromCharCode(...Array.from({ length: 8 }, () => Math.floor(random() * 256)))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** `clients` rows by `technicians` columns, about a quarter of the cells held, in patterns as pods make them. `at` in ms. */
export function portfolio({ clients, technicians, seed = 7, at = Date.UTC(2026, 10, 21, 12) }: { clients: number; technicians: number; seed?: number; at?: number }): Facts {
  const random = seeded(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const people = Array.from({ length: technicians }, (_, column): Person => {
    const turn = Math.floor(column / given.length);
    return {
      id: uuid(random), name: `${given[column % given.length]} ${family[(column + turn * 7) % family.length]}`, pod: Math.min(pods.length - 1, Math.floor((column / technicians) * pods.length)), tags: column % 5 === 0 ? ["senior"] : [],
      inbox: column % 13 === 12 ? "none" : column % 17 === 16 ? "waiting" : "endorsed", leave: column === 16 ? "2026-12-01" : null, frozen: false,
    };
  });
  const rows = Array.from({ length: clients }, (_, row): Row => {
    const [plan, limit] = pick(plans);
    const name = ugly[row] ?? `${pick(firsts)} ${pick(seconds)}`;
    const health: Health = row === 8 ? "failover" : row === 21 ? "silent" : row === 9 ? "lapsed" : "ok";
    return {
      key: key(random), client: row, name, place: name === "Harbour Street Clinic" ? places[row % places.length]! : row > 40 ? pick(places) : "", vault: "", aliases: row % 9 === 0 ? [`${name.split(" ")[0]!.toLowerCase()}.example`] : [],
      tags: [`pod-${"abcd"[row % 4]}`, ...(row % 31 === 0 ? ["internal"] : []), ...(row % 6 === 0 ? ["vip"] : [])], plan, health, age: health === "silent" ? 65 : Math.floor(random() * 2),
      tokensUsed: 0, tokensLimit: limit, own: row === 3 ? 1 : row % 7 === 0 ? 2 : 0, loose: row % 50 === 3 ? 1 : 0, numbered: 0xff, granted: row % 23 === 5 ? 0x3f : 0xff, fullAccess: row % 11 === 4 ? "never" : "yes", grantFree: null, longest: null,
    };
  });
  const cells = emptyCells(clients * technicians);
  const minute = Math.floor(at / 60_000);
  const used = Array.from({ length: clients }, () => 1);
  for (let row = 0; row < clients; row += 1) {
    const pod = row % pods.length;
    for (let column = 0; column < technicians; column += 1) {
      const cell = row * technicians + column;
      const own = people[column]!.pod === pod;
      const skill = 1 << (column % roles.length);
      const full = column % 11 === 3 && own;
      if (!full && !(own && random() < 0.72) && random() > 0.05) continue;
      const second = random() < 0.25 ? 1 << Math.floor(random() * roles.length) : 0;
      cells.access[cell] = (HELD | (full ? FULL | skill : skill | second)) >>> 0;
      const days = random() < 0.9 ? random() * 6 : random() * 200;
      cells.unused[cell] = unusedStep(days);
      if (random() < 0.004) cells.flags[cell] = flag.unclaimed | flag.neverUsed;
      if (random() < 0.01) cells.end[cell] = minute + Math.floor(random() * 6 * 1440);
      used[row]! += 1;
    }
  }
  const set = (row: number, column: number, access: number, more: { flags?: number; end?: number } = {}) => {
    if (row >= clients || column >= technicians) return;
    const cell = row * technicians + column;
    cells.access[cell] = access >>> 0;
    cells.flags[cell] = more.flags ?? 0;
    cells.end[cell] = more.end ?? 0;
  };
  set(0, 0, HELD | 0x1f); // five roles
  set(1, 1, HELD | 1, { end: minute - 60 }); // expired, not gone yet
  set(2, 2, HELD | 4, { flags: flag.drift | flag.gone }); // changed by its own admin
  set(3, 0, HELD | 1, { flags: flag.own });
  if (technicians > 7) {
    set(0, 7, HELD | 1, { flags: flag.leased });
    cells.leases.set(7, { access: (HELD | 2) >>> 0, end: minute + 1440 });
  }
  return {
    at, fullLongest: 12, roles: roles.map(([name, letter]) => ({ id: uuid(random), name, letter, longest: null })), pods: pods.map((name) => ({ id: uuid(random), name })), people,
    rows: rows.map((row, at) => ({ ...row, tokensUsed: row.tokensLimit === null ? used[at]! : at % 20 === 0 ? row.tokensLimit : Math.min(row.tokensLimit, used[at]!) })), cells,
  };
}
