/** What a client may be called and how it is reached, as forms and sheets give it. Pure, and for the browser too. */
import { z } from "zod";
import { isPlan } from "../billing/plan.ts";
import { isText } from "../protocol/schema.ts";

const wellFormed: (value: unknown) => boolean = isText;
/** Composed letters, without space around them: what looks the same is the same. Done before anything is kept or signed. */
export const tidy = (text: string): string => text.normalize("NFC").trim().replaceAll(/[ \t]+/g, " ");

const nameWords = "Write 1 to 120 letters, without control characters or signs that turn the direction of writing.";
/** The name stands in the client statement that signers sign (PROTOCOL 10.4), so the wire's rules for names hold. */
export const clientName = z.string().transform(tidy).refine(wellFormed, nameWords);

const optional = (most: number, words: string) => z.string().default("").transform(tidy).refine((text) => text === "" || (wellFormed(text) && text.length <= most), words);
const region = optional(60, "Write at most 60 letters.");
const contactName = optional(120, "Write at most 120 letters.");
const contactPhone = z.string().default("").transform(tidy).refine((text) => text === "" || /^\+?[0-9][0-9 ()/.x-]{3,39}$/.test(text), "Write a telephone number: digits, spaces, + ( ) / - and nothing else.");
const contactMail = z.string().default("").transform((text) => text.trim()).refine((text) => text === "" || (text.length <= 254 && /^[^\s@<>"',;:\\()[\]]+@[^\s@<>"',;:\\()[\]]+\.[^\s@<>"',;:\\()[\]]+$/.test(text)), "Write one mail address, such as it@acme.example.");
export const planChoice = z.string().refine(isPlan, "Choose a plan of the list.");

/** "pod-a, food": separated by commas, each once, in the order given. */
const words = (most: number, what: string) =>
  z.string().default("").transform((text) => [...new Set(text.split(",").map(tidy).filter((part) => part !== ""))])
    .refine((parts) => parts.length <= most && parts.every((part) => part.length <= 60 && wellFormed(part)), `Write at most ${most} ${what}, separated by commas, each of at most 60 letters.`);

export const clientShape = z.object({ name: clientName, aliases: words(10, "other names"), tags: words(20, "tags"), region, contactName, contactPhone, contactMail, plan: planChoice });

/** Of a client, as kept. */
export type ClientInput = z.output<typeof clientShape>;

/** How two names are compared: without case. */
export const nameKey = (name: string): string => tidy(name).toLowerCase();
