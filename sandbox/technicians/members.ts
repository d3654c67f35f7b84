/**
 * The people of an MSP as they would have joined: their rights, pod, leave, the passkey that they registered, and for
 * technicians the inbox key that they stated with it. The console believes none of it: it judges each statement as it would one
 * that came from a browser.
 */
import { MSPS, PEOPLE, type MspId, type Work } from "../cast/people.ts";
import { PODS, podOf, tagsOf } from "../cast/portfolio.ts";
import type { Seed } from "../keys/derive.ts";
import { Technician, type Statement } from "./inbox.ts";

const DAY = 86_400_000;
/** Who is away has been for a week and stays for three more. */
const AWAY_SINCE_DAYS = 7;
const AWAY_UNTIL_DAYS = 21;

export interface Member {
  id: string;
  name: string;
  email: string;
  rights: readonly Work[];
  pod: string | null;
  tags: readonly string[];
  /** Dates, `2026-11-21`. */
  leave: { from: string; until: string } | null;
  /** COSE public key and id, b64u. A key in software that keeps no counter and can be copied by nobody but this machine. */
  passkey: { credential_id: string; public_key: string; label: string };
  /** Technicians only. */
  inbox: Pick<Statement, "statement" | "assertion" | "credential_id" | "wrapped"> | null;
}

export interface People {
  msp: { id: MspId; name: string };
  pods: readonly string[];
  members: readonly Member[];
}

const date = (milliseconds: number): string => new Date(milliseconds).toISOString().slice(0, 10);

/**
 * Everybody but the owner whose place is taken by whoever claims the demo: the first of the cast.
 * @param now Unix seconds
 */
export async function peopleOf(seed: Seed, { msp, console, now }: { msp: MspId; console: string; now: number }): Promise<People> {
  const everybody = PEOPLE.filter((person) => person.msp === msp);
  const claimer = everybody.find(({ work }) => work === "owner");
  const members = everybody.filter((person) => person !== claimer).map(async (person): Promise<Member> => {
    const technician = new Technician(seed, { person: person.id, console });
    const { credentialId, publicKey } = technician.passkey;
    const stated = person.work === "technician" ? await technician.state(now) : null;
    return {
      id: technician.id, name: person.name, email: `${person.id}@${msp}.example`, rights: [person.work], pod: podOf(person), tags: tagsOf(person),
      leave: person.onLeave === true ? { from: date(now * 1_000 - AWAY_SINCE_DAYS * DAY), until: date(now * 1_000 + AWAY_UNTIL_DAYS * DAY) } : null,
      passkey: { credential_id: credentialId, public_key: publicKey, label: "Belt" },
      inbox: stated && { statement: stated.statement, assertion: stated.assertion, credential_id: stated.credential_id, wrapped: stated.wrapped },
    };
  });
  return { msp: MSPS.find(({ id }) => id === msp)!, pods: PODS[msp], members: await Promise.all(members) };
}
