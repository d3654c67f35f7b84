/** The hardware keys with which the cast's owners approve: on the signing origin, used for nothing else (PROTOCOL 6). */
import type { Enrol, Endorsement, InboxStatement, Signer } from "../../lib/protocol/messages.ts";
import { endorseChallenge, endorsementOf } from "../../lib/protocol/inbox.ts";
import { PEOPLE, type MspId } from "../cast/people.ts";
import type { Seed } from "../keys/derive.ts";
import { SoftwareKey } from "../keys/software-key.ts";

export interface OwnersKey {
  person: string;
  label: string;
  key: SoftwareKey;
}

/** Every key of an MSP's owners. `origin`: the signing origin. */
export function ownersKeys(seed: Seed, msp: MspId, origin: string): OwnersKey[] {
  return PEOPLE.filter((person) => person.msp === msp).flatMap(({ id, name, signers }) =>
    signers.map((label) => ({ person: name, label, key: new SoftwareKey(seed, { holder: `signer/${id}/${label}`, origin }) })),
  );
}

/** As a connect request lists them, with their proofs of possession for `console`. */
export function asSigners(keys: readonly OwnersKey[], console: string): Signer[] {
  return keys.map(({ person, label, key }) => key.signer({ msp: console, person, label }));
}

/** A signer's word that these keys belong to the people they name. */
export function endorse({ key }: OwnersKey, statements: readonly InboxStatement[]): { endorsement: Endorsement; assertion: Enrol; credential_id: string } {
  const endorsement = endorsementOf(statements);
  return { endorsement, assertion: key.assert(endorseChallenge(endorsement)), credential_id: key.credentialId };
}
