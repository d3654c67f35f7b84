/**
 * What a step-up is for, as exact text. The challenge is bound to it, and the verb derives it again from what it is about to
 * do: a tap for one deed serves no other. Pure; page and server build the same text.
 */
import { inOrder } from "./permission.ts";

export const deeds = {
  addKey: () => "passkey.add",
  removeKey: (credentialId: string) => `passkey.remove ${credentialId}`,
  invite: (email: string, rights: readonly string[]) => `member.invite ${email.trim().toLowerCase()} ${inOrder(rights).join("+")}`,
  setRights: (personId: string, rights: readonly string[]) => `member.rights ${personId} ${inOrder(rights).join("+")}`,
  thaw: (personId: string) => `member.thaw ${personId}`,
  inviteAgain: (personId: string) => `member.invite_again ${personId}`,
  changeAddress: (email: string) => `address.change ${email.trim().toLowerCase()}`,
} as const;

/** Longest text: an address of 254 letters, and rights. */
export const deedLength = 400;
