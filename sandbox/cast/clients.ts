/**
 * The reference portfolio (SPEC 7): fifty clients and the MSP's own vault, and the two clients of a second, small MSP. Pure
 * data, with UX's "data that breaks things" in it: two clients with one name, accents, right to left, a name that a
 * spreadsheet would run, a name of sixty letters, a client without a free token, one without an adopted row.
 */
import type { Numbering } from "./roles.ts";
import type { PatternId } from "./patterns.ts";
import type { Plan } from "./plans.ts";

export interface ClientAdmin {
  name: string;
  phone: string;
}

/** How this client's admin answers a connect request. */
export type Manner =
  /** Gives what is asked and hands over every row inside it. */
  | "trusting"
  /** Names only the roles' numbers, leases full access, lets the MSP read its own part of the log. */
  | "careful"
  /** Hands nobody over: the rows stay the client's own. */
  | "keeps";

export interface Client {
  /** Unique, for addresses and files. */
  id: string;
  name: string;
  plan: Plan;
  /** Tokens in use once the MSP is connected: owner, the MSP's row, people, programs. */
  tokens: number;
  pattern: PatternId;
  numbering: Numbering;
  manner: Manner;
  admin: ClientAdmin;
  /** A row that the client made for somebody of the MSP under another name and never hands over. */
  ownRow?: string;
}

const FIRST = ["Rowan", "Imogen", "Petra", "Marek", "Rhona", "Yuki", "Leontine", "Osei", "Dagny", "Florian", "Nadezhda", "Ewan", "Soraya", "Ignatius", "Maeve"];
const LAST = ["Petrie", "Sarkis", "Ivers", "Tolliver", "Keel", "Brandt", "Achterberg", "Nwosu", "Hallgrim", "Zeller", "Orlov", "Tait", "Vaziri"];

/** 15 and 13 share no factor, so 195 clients in a row have 195 names. The numbers lie in ranges kept for fiction (Ofcom). */
function admin(index: number): ClientAdmin {
  return { name: `${FIRST[index % FIRST.length]!} ${LAST[index % LAST.length]!}`, phone: `+44 ${index % 2 === 0 ? "20 7946 0" : "131 496 0"}${String(100 + index * 7).padStart(3, "0")}` };
}

type Row = readonly [id: string, name: string, plan: Plan, tokens: number, pattern: PatternId, more?: Partial<Pick<Client, "numbering" | "manner" | "ownRow">>];

const rows: readonly Row[] = [
  ["acme-dental", "Acme Dental Group", "Team 25", 26, "health"],
  ["birchgate", "Birchgate Primary Care", "Team 25", 17, "health"],
  ["copperbeck", "Copperbeck Joinery", "Team 10", 8, "health"],
  ["dunmore", "Dunmore Veterinary Partners", "Team 25", 18, "health"],
  ["foxglove", "Foxglove Pharmacies", "Team 25", 22, "health", { manner: "careful" }],
  ["gallowgate", "Gallowgate Physiotherapy", "Team 10", 6, "health"],
  ["harbour-leith", "Harbour Street Clinic", "Team 10", 9, "health"],
  ["juniper", "Juniper Row Opticians", "Team 10", 8, "health"],
  ["kingsferry", "Kingsferry Marine", "Team 25", 16, "health"],
  ["elmstead", "Elmstead Housing Trust", "Team 100", 61, "public", { manner: "careful" }],
  ["thistledown", "Thistledown Care Homes", "Team 100", 74, "public"],
  ["hollin-bridge", "Hollin Bridge Academy", "Team 100", 38, "public", { manner: "careful" }],
  ["bellwether", "Bellwether Books", "Team 10", 9, "food"],
  ["cedar-salt", "Cedar & Salt Restaurants", "Team 10", 10, "food", { numbering: "mixed" }],
  ["marrow-thyme", "Marrow & Thyme Catering", "Team 10", 5, "food"],
  ["saltmarsh", "Saltmarsh Breweries", "Team 10", 8, "food", { ownRow: "John, backup" }],
  ["tamarind", "Tamarind Tree Foods", "Team 10", 8, "food"],
  ["wexcombe", "Wexcombe Grain", "Team 10", 7, "food"],
  ["orchard-bay", "Orchard Bay Fisheries", "Team 10", 6, "food"],
  ["fenwick", "Fenwick Orchard Cider", "Team 10", 7, "food"],
  ["angstrom", "Ångström Precision AB", "Team 10", 7, "north"],
  ["vermeil", "Château Vermeil Hôtels", "Team 25", 19, "north", { numbering: "late" }],
  ["dusterwald", "Düsterwald Maschinenbau GmbH", "Team 100", 46, "north", { numbering: "late", manner: "careful" }],
  ["harbour-cork", "Harbour Street Clinic", "Team 10", 7, "north"],
  ["umber-street", "Umber Street Studios", "Team 10", 6, "north"],
  ["lindqvist-ost", "Lindqvist & Øst Arkitekter", "Team 10", 7, "north"],
  ["novak-stavby", "Novák Stavby s.r.o.", "Team 10", 8, "north"],
  ["laka-ogrody", "Łąka Ogrody Sp. z o.o.", "Team 10", 6, "north"],
  ["redcastle", "Redcastle Broadcasting", "Team 25", 18, "north"],
  ["waterworks", "Municipal Waterworks Cooperative of the Lower Ostrander Vale", "Team 100", 52, "works", { numbering: "mixed" }],
  ["maktaba", "مكتبة النخيل", "Team 10", 6, "craft"],
  ["sum-analytics", "=Sum Analytics", "Team 25", 11, "craft"],
  ["eastmarch", "Eastmarch Logistics", "Team 25", 14, "craft"],
  ["glasshouse", "Glasshouse Architects", "Team 10", 9, "craft"],
  ["greyfriars", "Greyfriars Chambers", "Team 10", 8, "craft", { manner: "careful" }],
  ["rosewater", "Rosewater Cosmetics", "Team 10", 7, "craft"],
  ["alder-finch", "Alder & Finch Solicitors", "Team 10", 8, "craft", { manner: "careful" }],
  ["pennard", "Pennard Tiles", "Team 10", 11, "craft"],
  ["pinon-creek", "Piñon Creek Ranch Supplies", "Team 10", 6, "craft"],
  ["basalt-quarry", "Basalt Quarry Works", "Team 10", 6, "craft", { numbering: "late" }],
  ["bramble-lane", "Bramble Lane Nurseries", "Team 10", 7, "craft"],
  ["blue-heron", "Blue Heron Kayaks", "Team 10", 5, "craft"],
  ["ironbark", "Ironbark Timber", "Team 10", 7, "craft"],
  ["cobalt-lantern", "Cobalt Lantern Films", "Team 10", 6, "craft", { manner: "keeps" }],
  ["maplewick", "Maplewick Insurance Brokers", "Team 25", 20, "health", { numbering: "late" }],
  ["oakmere", "Oakmere Credit Union", "Team 25", 21, "health", { numbering: "mixed", manner: "careful" }],
  ["silverthorn", "Silverthorn Legal", "Team 25", 12, "public", { manner: "careful" }],
  ["quarrystone", "Quarrystone Accountants", "Team 25", 17, "public"],
  ["lumen-ridge", "Lumen Ridge Solar", "Team 25", 13, "north"],
  ["calloway", "Calloway Freight", "Team 25", 15, "works"],
  ["quillmoor-own", "Quillmoor IT", "Pro", 23, "own"],
  ["ostrander-rail", "Ostrander Rail Freight", "MME", 64, "fernhill"],
  ["halden-biotech", "Halden Biotech Group", "Enterprise", 140, "fernhill", { manner: "careful" }],
];

export const CLIENTS: readonly Client[] = rows.map(([id, name, plan, tokens, pattern, more], index) => ({
  id, name, plan, tokens, pattern, numbering: "usual", manner: "trusting", admin: admin(index), ...more,
}));

/** Throws for an id that no client has. */
export function clientById(id: string): Client {
  const client = CLIENTS.find((one) => one.id === id);
  if (client === undefined) throw new Error(`no client of the cast is called ${JSON.stringify(id)}`);
  return client;
}
