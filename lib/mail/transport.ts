/** Several SMTP servers in order: a mail goes through the first that takes it. No single mail provider stops the console. */
import { createTransport, type Transporter } from "nodemailer";
import { limits } from "../limits.ts";
import { isFinal } from "./backoff.ts";

export type Letter = { messageId: string; from: string; to: { name: string; address: string }; subject: string; text: string; html: string };
export type Sent = { transport: string };

/** `smtp://user:password@mail.example.com:587` is called "mail.example.com:587" on screen and in records. */
const nameOf = (url: string) => new URL(url).host;

export class Transports {
  readonly #list: { name: string; transporter: Transporter }[];

  constructor(urls: readonly string[]) {
    const times = { connectionTimeout: limits.mailTransportMs, greetingTimeout: limits.mailTransportMs, socketTimeout: limits.mailTransportMs };
    this.#list = urls.map((url) => {
      const { protocol, hostname, port, username, password } = new URL(url);
      const auth = username ? { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } } : {};
      const secure = protocol === "smtps:";
      // A password never travels in clear: with credentials, STARTTLS is required where the connection is not TLS already.
      const transporter = createTransport({ host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) || (secure ? 465 : 587), secure, requireTLS: !secure && username !== "", ...auth, ...times, disableFileAccess: true, disableUrlAccess: true });
      return { name: nameOf(url), transporter };
    });
  }

  /** Throws the last transport's error; a final refusal of one is not carried to the next. */
  async send(letter: Letter): Promise<Sent> {
    let last: unknown = new Error("There is no mail transport.");
    for (const { name, transporter } of this.#list) {
      try {
        await transporter.sendMail(letter);
        return { transport: name };
      } catch (error) {
        last = error;
        if (isFinal(error)) break;
      }
    }
    throw last;
  }

  close(): void {
    for (const { transporter } of this.#list) transporter.close();
  }
}
