/** A person's id as the 16 bytes that an authenticator keeps (WebAuthn user handle): opaque, no name, no address. Pure. */
import { b64u, fromHex } from "../protocol/bytes.ts";

export const userHandleOf = (personId: string): string => b64u(fromHex(personId.replaceAll("-", "")));
