/**
 * Self-signed X.509 certificates (RFC 5280), made at start: Node makes keys and signatures but no certificates, and a machine
 * need not have a program that does. P-256 and ECDSA with SHA-256, one name, nothing more than a TLS server needs.
 */
import { generateKeyPairSync, randomBytes, sign } from "node:crypto";

export interface Certificate {
  /** PEM. */
  cert: string;
  /** PEM, PKCS #8. */
  key: string;
}

const NAME = /^[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*$/;
const IPV4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

/** Tag, length, content (X.690 8.1); lengths to 65,535. */
function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const head = length < 128 ? [tag, length] : length < 256 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from(head), content]);
}
const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts);
const bits = (bytes: Uint8Array): Buffer => der(0x03, Buffer.of(0), bytes);
/** Object identifiers, already in their DER content. */
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, "hex"));
const ECDSA_SHA256 = sequence(oid("2a8648ce3d040302"));
const COMMON_NAME = "550403";
const ALTERNATIVE_NAME = "551d11";

/** UTCTime to 2049, as RFC 5280 4.1.2.5 asks. */
function time(at: Date): Buffer {
  const year = at.getUTCFullYear();
  if (year < 1950 || year > 2049) throw new RangeError("1950 to 2049");
  return der(0x17, Buffer.from(`${at.toISOString().replace(/[-:T]/g, "").slice(2, 14)}Z`));
}

/** A certificate for one host name or IPv4 address, valid between two moments. Throws a RangeError for another kind of name. */
export function selfSigned({ name, from, to }: { name: string; from: Date; to: Date }): Certificate {
  const address = IPV4.exec(name);
  if (address === null && !NAME.test(name)) throw new RangeError("a host name or an IPv4 address");
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const subject = sequence(der(0x31, sequence(oid(COMMON_NAME), der(0x0c, Buffer.from(name)))));
  const alternative = address === null ? der(0x82, Buffer.from(name)) : der(0x87, Buffer.from(address.slice(1).map(Number)));
  const extensions = der(0xa3, sequence(sequence(oid(ALTERNATIVE_NAME), der(0x04, sequence(alternative)))));
  // A positive number without a leading zero octet.
  const serial = randomBytes(16);
  serial[0] = (serial[0]! & 0x3f) | 0x40;
  const body = sequence(
    der(0xa0, der(0x02, Buffer.of(2))), // version 3
    der(0x02, serial),
    ECDSA_SHA256,
    subject,
    sequence(time(from), time(to)),
    subject,
    publicKey.export({ type: "spki", format: "der" }),
    extensions,
  );
  const whole = sequence(body, ECDSA_SHA256, bits(sign("sha256", body, privateKey)));
  const lines = whole.toString("base64").match(/.{1,64}/g)!.join("\n");
  return { cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`, key: privateKey.export({ type: "pkcs8", format: "pem" }) as string };
}
