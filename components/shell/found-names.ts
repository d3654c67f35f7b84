/** What the server found by name, as lines of the palette. Pure. */
import { writeTerm } from "#lib/find/language.ts";
import type { FoundClient, FoundNames, FoundTechnician } from "#lib/find/by-name.ts";
import { scoreCommand, type Command } from "./command.ts";

/** Of so many of each kind, the best, everything that can be done with them stands there; of the others where they are. */
const WHOLE = 2;
/** A name inside a sentence keeps its direction to itself. */
const apart = (name: string) => `\u2068${name}\u2069`;
const matrix = (key: "client" | "tech", name: string) => `/matrix?${new URLSearchParams({ q: writeTerm({ key, value: name, not: false }) }).toString()}`;
const joined = (...words: readonly (string | null | false)[]) => words.filter(Boolean).join(", ");

const clientLine = ({ id, name, place, ended }: FoundClient): Command => ({ id: `client ${id}`, group: "Clients", label: name, detail: joined(place, ended ? "ended" : null) || "client", href: `/clients/${id}` });
const technicianLine = ({ id, name, pod, works, frozen, clients }: FoundTechnician): Command => ({
  id: `technician ${id}`, group: "Technicians", label: name, href: `/technicians/${id}`,
  detail: joined(works ? "technician" : "not a technician any more", pod, frozen && "frozen", clients === 0 ? "no client" : clients === 1 ? "1 client" : `${clients.toLocaleString("en")} clients`),
});

/** Lines for all that was found: the clients and technicians themselves, then what can be done with the best of them. */
export function nameCommands({ clients, technicians, may }: FoundNames): Command[] {
  const [places, people] = [clients?.list ?? [], technicians?.list ?? []];
  const [bestPlaces, bestPeople] = [places.filter(({ ended }) => !ended).slice(0, WHOLE), people.slice(0, WHOLE)];
  return [
    ...people.map(technicianLine),
    ...places.map(clientLine),
    ...(may.remove ? bestPeople.filter((one) => one.clients > 0).map((one): Command => ({ id: `remove ${one.id}`, group: "Do", label: `Remove ${apart(one.name)} everywhere…`, detail: "opens a board; nothing is sent before its tap", danger: true, deed: true, href: `/technicians/${one.id}?away=1` })) : []),
    ...(may.matrix ? bestPeople.map((one): Command => ({ id: `column ${one.id}`, group: "In the matrix", label: `What ${apart(one.name)} can reach`, detail: "their column", href: matrix("tech", one.name) })) : []),
    ...(may.matrix ? bestPlaces.map((one): Command => ({ id: `row ${one.id}`, group: "In the matrix", label: `Who can reach ${apart(one.name)}`, detail: one.place ?? "its row", href: matrix("client", one.name) })) : []),
    ...(may.audit ? bestPeople.map((one): Command => ({ id: `did ${one.id}`, group: "Audit", label: `What ${apart(one.name)} did`, detail: "the last 24 hours", href: `/audit?${new URLSearchParams({ q: `since:24h person:${one.id}` }).toString()}` })) : []),
    ...(may.audit ? bestPlaces.map((one): Command => ({ id: `happened ${one.id}`, group: "Audit", label: `What happened at ${apart(one.name)}`, detail: one.place ?? "the last 24 hours", href: `/audit?${new URLSearchParams({ q: `since:24h client:${one.id}` }).toString()}` })) : []),
  ];
}

/** What was found for a shorter or other text, as far as it still answers, so that lines do not flicker while somebody types on. */
export function stillAnswers(found: FoundNames, typed: string): FoundNames {
  const answers = ({ name, place }: { name: string; place: string | null }) => scoreCommand({ label: name, words: place === null ? [] : [place] }, typed) > 0;
  return {
    ...found,
    clients: found.clients && { list: found.clients.list.filter(answers), more: false },
    technicians: found.technicians && { list: found.technicians.list.filter(({ name }) => answers({ name, place: null })), more: false },
  };
}

/** That there are others, in words; empty: there are none. */
export function moreWords({ clients, technicians }: FoundNames): string {
  const kinds = [clients?.more ? "clients" : "", technicians?.more ? "technicians" : ""].filter(Boolean).join(" and ");
  return kinds && `There are more ${kinds} of that name: type more letters.`;
}

/** Of what kinds this person finds names, in words; empty: of none. */
export const kindsInWords = ({ clients, technicians }: { clients: boolean; technicians: boolean }): string => [clients ? "clients" : "", technicians ? "technicians" : ""].filter(Boolean).join(" and ");
