/** The two MSPs of the demo and the people who work there. Made-up names; the odd ones are there on purpose (UX, "Data that breaks things"). */

export type MspId = "quillmoor" | "fernhill";

export interface Msp {
  id: MspId;
  name: string;
}

export const MSPS: readonly Msp[] = [
  { id: "quillmoor", name: "Quillmoor IT" },
  { id: "fernhill", name: "Fernhill Managed Services" },
];

export type Work = "owner" | "technician" | "finance" | "auditor";

export interface Person {
  /** Unique; what keys and ids are derived from. */
  id: string;
  msp: MspId;
  name: string;
  work: Work;
  /** Their hardware keys for approvals, by label; owners only. */
  signers: readonly string[];
  /** Away for now: still has tokens, uses none. */
  onLeave?: true;
}

const technician = (msp: MspId, id: string, name: string, more: { onLeave?: true } = {}): Person => ({ id, msp, name, work: "technician", signers: [], ...more });

export const PEOPLE: readonly Person[] = [
  { id: "ines", msp: "quillmoor", name: "Ines Halloran", work: "owner", signers: ["Desk", "Pocket"] },
  { id: "tobias", msp: "quillmoor", name: "Tobias Renner", work: "owner", signers: ["Safe"] },
  { id: "oskar", msp: "quillmoor", name: "Oskar Lund", work: "finance", signers: [] },
  { id: "tess", msp: "quillmoor", name: "Tess Quigley", work: "auditor", signers: [] },
  technician("quillmoor", "sarah", "Sarah Lindqvist"),
  technician("quillmoor", "jim", "Jim Okafor"),
  technician("quillmoor", "john", "John Meier"),
  technician("quillmoor", "priya", "Priya Raman"),
  technician("quillmoor", "tomas", "Tomás Ferreira"),
  technician("quillmoor", "aoife", "Aoife Brennan"),
  technician("quillmoor", "bjorn", "Bjørn Åkerlund"),
  technician("quillmoor", "mei-ling", "Mei-Ling Zhao"),
  technician("quillmoor", "kwame", "Kwame Asante"),
  technician("quillmoor", "zoe", "Zoë Hartmann"),
  technician("quillmoor", "lukasz", "Łukasz Wiśniewski"),
  technician("quillmoor", "nour", "نور الحسيني"),
  technician("quillmoor", "bartholomew", "Bartholomew Fitzgerald-Featherstonehaugh of Upper Wychwood Vale"),
  technician("quillmoor", "dana", "Dana Petrescu"),
  technician("quillmoor", "ravi", "Ravi Chandrasekar"),
  technician("quillmoor", "emil", "Emil Novotný"),
  technician("quillmoor", "hana", "Hana Kobayashi"),
  technician("quillmoor", "gudrun", "Guðrún Jónsdóttir"),
  technician("quillmoor", "marcus", "Marcus Bellamy", { onLeave: true }),
  technician("quillmoor", "chloe", "Chloé Marchand"),
  { id: "petronel", msp: "fernhill", name: "Petronel Vasc", work: "owner", signers: ["Desk"] },
  { id: "ingeborg", msp: "fernhill", name: "Ingeborg Sandvik", work: "owner", signers: ["Safe"] },
  technician("fernhill", "anselm", "Anselm Kirchhoff"),
  technician("fernhill", "wren", "Wren Abernathy"),
  technician("fernhill", "dalisay", "Dalisay Cruz"),
];

/** Throws for an id that nobody has. */
export function personById(id: string): Person {
  const person = PEOPLE.find((one) => one.id === id);
  if (person === undefined) throw new Error(`nobody in the cast is called ${JSON.stringify(id)}`);
  return person;
}
