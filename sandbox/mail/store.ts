/** Mails the sink took, as files: a restart loses none. Bounded, so that a runaway sender cannot fill the disk. */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import PostalMime from "postal-mime";

export type Received = { id: string; at: Date; from: string; to: string[]; subject: string; text: string; html: string; raw: string };

const keep = 500;
const idForm = /^\d{13}-[0-9a-f]{8}$/;

export class MailStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  #ids(): string[] {
    return readdirSync(this.#folder).filter((name) => name.endsWith(".eml")).map((name) => name.slice(0, -4)).filter((id) => idForm.test(id)).sort();
  }

  add(raw: Buffer, envelopeTo: readonly string[]): string {
    const id = `${Date.now()}-${crypto.randomUUID().slice(0, 8)}`;
    const file = join(this.#folder, `${id}.eml`);
    // Who it was for is in the envelope, not surely in the text.
    writeFileSync(`${file}.part`, Buffer.concat([Buffer.from(`X-Sink-To: ${envelopeTo.join(", ")}\r\n`), raw]), { mode: 0o600 });
    renameSync(`${file}.part`, file);
    for (const old of this.#ids().slice(0, -keep)) rmSync(join(this.#folder, `${old}.eml`), { force: true });
    return id;
  }

  async get(id: string): Promise<Received | undefined> {
    if (!idForm.test(id)) return undefined;
    let raw: Buffer;
    try {
      raw = readFileSync(join(this.#folder, `${id}.eml`));
    } catch {
      return undefined;
    }
    const mail = await PostalMime.parse(raw);
    const to = mail.headers.find(({ key }) => key === "x-sink-to")?.value.split(", ") ?? [];
    return { id, at: new Date(Number(id.slice(0, 13))), from: mail.from?.address ?? "", to, subject: mail.subject ?? "", text: mail.text ?? "", html: mail.html ?? "", raw: raw.toString("utf8") };
  }

  /** Newest first. */
  async list(): Promise<Received[]> {
    const all = await Promise.all(this.#ids().toReversed().map((id) => this.get(id)));
    return all.filter((mail) => mail !== undefined);
  }

  clear(): void {
    for (const id of this.#ids()) rmSync(join(this.#folder, `${id}.eml`), { force: true });
  }
}
