// The break-glass in the custodians' browsers (docs/decisions/0054-break-glass-in-shares.md): made once and split, released share by
// share, put together only by whoever opens it, for as long as that takes.
import { InboxStop, newStatement, openInboxKey, tap, type Opener, type StoredCopy } from "#components/inbox/ceremony.ts";
import { openOne, type OpenedToken } from "#components/token/open.ts";
import { combine, releaseInfo, shareInfo, split } from "#lib/breakglass/split.ts";
import type { ToOpen, ToRelease } from "#lib/breakglass/opening.ts";
import type { Candidate, SetupForm } from "#lib/breakglass/setup.ts";
import { inboxKeyChallenge } from "#lib/protocol/inbox.ts";
import type { InboxStatement, SealedToken } from "#lib/protocol/messages.ts";
import type { Bytes } from "#lib/protocol/bytes.ts";

export type OwnKey = { readonly statement: InboxStatement; readonly copies: readonly StoredCopy[] };

/** A new key for the seat, stated with one touch of the maker's passkey, in a share for each custodian. Throws InboxStop. */
export async function makeGlass({ seat, passkeys }: SetupForm, custodians: readonly Candidate[]): Promise<object> {
  if (seat.console !== location.origin) throw new InboxStop("elsewhere");
  const { generateSealKey, seal } = await import("#lib/protocol/seal.ts");
  const pair = await generateSealKey("x-wing");
  const parts: Bytes[] = [];
  try {
    const statement = newStatement(pair.publicKey, seat, Math.floor(Date.now() / 1_000));
    const { credentialId, parts: assertion } = await tap(inboxKeyChallenge(statement), passkeys);
    const shares = [];
    for (const [i, { place, bytes }] of split(pair.privateKey, custodians.map((_, at) => at + 1)).entries()) {
      parts.push(bytes);
      const { id: custodian, keyId, statement: { kem, public_key } } = custodians[i]!;
      shares.push({ custodian, key_id: keyId, place, sealed: await seal({ kem, public_key }, shareInfo({ custodian, key: pair.publicKey, place }), bytes) });
    }
    return { statement, credential_id: credentialId, assertion, shares };
  } finally {
    pair.privateKey.fill(0);
    for (const bytes of parts) bytes.fill(0);
  }
}

async function unseal(own: OwnKey, privateKey: Bytes, info: Bytes, sealed: { kem: string; enc: string; ct: string }): Promise<Bytes> {
  const { open } = await import("#lib/protocol/seal.ts");
  const bytes = await open({ kem: own.statement.kem, privateKey }, info, sealed as SealedToken);
  if (bytes === null) throw new InboxStop("not_opened");
  return bytes;
}

/** The second: opens their own share, and seals it anew to whoever asked, for this opening alone. */
export async function releaseShare(own: OwnKey, opener: Opener, { opening, key, share, to }: ToRelease): Promise<object> {
  const privateKey = await openInboxKey(own.statement, own.copies, opener);
  try {
    const bytes = await unseal(own, privateKey, shareInfo({ custodian: own.statement.technician, key, place: share.place }), share.sealed);
    const { seal } = await import("#lib/protocol/seal.ts");
    const { kem, public_key } = to.statement;
    const sealed = await seal({ kem, public_key }, releaseInfo({ key, opening, place: share.place, to: to.id }), bytes);
    bytes.fill(0);
    return { id: opening, place: share.place, sealed };
  } finally {
    privateKey.fill(0);
  }
}

/** The asker: both shares make the key, the key opens the token. Throws InboxStop `not_opened` when what comes out is not what was sealed. */
export async function openGlass(own: OwnKey, opener: Opener, { opening, statement, mine, second, token }: ToOpen): Promise<OpenedToken> {
  const privateKey = await openInboxKey(own.statement, own.copies, opener);
  let key: Bytes | null = null;
  try {
    const me = own.statement.technician;
    const one = await unseal(own, privateKey, shareInfo({ custodian: me, key: statement.public_key, place: mine.place }), mine.sealed);
    const other = await unseal(own, privateKey, releaseInfo({ key: statement.public_key, opening, place: second.place, to: me }), second.sealed);
    key = combine({ place: mine.place, bytes: one }, { place: second.place, bytes: other });
    one.fill(0);
    other.fill(0);
    const opened = await openOne(statement, key, token);
    if (!("inside" in opened)) throw new InboxStop("not_opened");
    return opened;
  } finally {
    privateKey.fill(0);
    key?.fill(0);
  }
}
