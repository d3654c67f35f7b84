// Crockford base32 (no I, L, O, U): what two people read to each other over the telephone.
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** Five bits a letter, most significant first; the byte count must be a multiple of five. 10 bytes give 16 letters. */
export function crockford(bytes: Uint8Array): string {
  if (bytes.length % 5 !== 0) throw new RangeError("not a multiple of five bytes");
  let text = "";
  let buffer = 0;
  let bits = 0;
  for (const byte of bytes) {
    buffer = ((buffer << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET[(buffer >> bits) & 31]!;
    }
  }
  return text;
}

/** The code of a hash: its first 80 bits, 16 letters (PROTOCOL 8 and 10). */
export function code80(hash: Uint8Array): string {
  return crockford(hash.subarray(0, 10));
}

/** In groups of four with spaces, for reading aloud. */
export function spokenCode(code: string): string {
  return code.replace(/(.{4})(?=.)/g, "$1 ");
}

/**
 * What a person typed, as the alphabet spells it: case, spaces and hyphens do not matter, I and L are 1, O is 0.
 * Null when something else is in it.
 */
export function readCode(typed: string): string | null {
  const plain = typed.toUpperCase().replace(/[\s-]/g, "").replace(/[IL]/g, "1").replace(/O/g, "0");
  return /^[0-9A-HJKMNP-TV-Z]+$/.test(plain) ? plain : null;
}
