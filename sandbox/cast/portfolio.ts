/** What the MSP's own files say of its clients and people: what tells two of one name apart, tags, regions, pods. Pure data. */
import type { Client } from "./clients.ts";
import type { PatternId } from "./patterns.ts";
import { mspOfPattern } from "./patterns.ts";
import { LETTERS, ROLES, type Role } from "./roles.ts";
import type { MspId, Person } from "./people.ts";

/** Other names that people search for, and for two of one name the place. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  "harbour-leith": ["Leith"],
  "harbour-cork": ["Cork"],
  waterworks: ["Lower Ostrander Water", "MWC"],
  maktaba: ["Nakheel Library"],
  "sum-analytics": ["Sum"],
  elmstead: ["EHT"],
  "quillmoor-own": ["our own vault"],
};

const GROUPS: Readonly<Record<PatternId, { region: string; tags: readonly string[] }>> = {
  health: { region: "East", tags: ["health", "regulated"] },
  public: { region: "Borders", tags: ["public", "regulated"] },
  food: { region: "Coast", tags: ["food"] },
  north: { region: "Overseas", tags: ["abroad"] },
  works: { region: "West", tags: ["works", "around the clock"] },
  craft: { region: "West", tags: ["craft"] },
  own: { region: "Home", tags: ["own"] },
  fernhill: { region: "Vale", tags: ["key account"] },
};

/** As the MSP would write it into its list of clients. */
export interface PortfolioClient {
  /** The cast's id: unique, and the only thing that no client of a real MSP has. */
  id: string;
  name: string;
  aliases: readonly string[];
  tags: readonly string[];
  region: string;
  contact: { name: string; phone: string; mail: string };
  plan: string;
}

export function portfolioOf(client: Client): PortfolioClient {
  const { id, name, plan, admin, pattern } = client;
  return { id, name, aliases: ALIASES[id] ?? [], ...GROUPS[pattern], contact: { ...admin, mail: `it@${id}.example` }, plan };
}

/** The MSP that a client belongs to. */
export const mspOf = (client: Client): MspId => mspOfPattern(client.pattern);

/** Every role with the letter that the matrix draws for it, in the dictionary's order. */
export const ROLE_LETTERS: readonly { name: Role; letter: string }[] = ROLES.map((name) => ({ name, letter: Object.keys(LETTERS).find((letter) => LETTERS[letter] === name)! }));

/** In the order of the matrix's columns. */
export const PODS: Readonly<Record<MspId, readonly string[]>> = { quillmoor: ["Pod A", "Pod B", "Night"], fernhill: ["Pod A"] };

const POD_B = new Set(["kwame", "zoe", "lukasz", "nour", "bartholomew", "dana", "ravi", "marcus"]);
const NIGHT = new Set(["emil", "hana", "gudrun"]);
const TAGS: Readonly<Record<string, readonly string[]>> = { marcus: ["web"], zoe: ["senior"], priya: ["senior"], kwame: ["senior"], chloe: ["identity"] };

export function podOf({ id, msp, work }: Person): string | null {
  if (work !== "technician") return null;
  if (msp === "fernhill") return "Pod A";
  return NIGHT.has(id) ? "Night" : POD_B.has(id) ? "Pod B" : "Pod A";
}

export const tagsOf = ({ id }: Person): readonly string[] => TAGS[id] ?? [];
