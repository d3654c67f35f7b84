/** What a person writes down about a client: the form's shape and its wording. Pure, and for the browser too. */
import { z } from "zod";
import { isPlan } from "../billing/plan.ts";
import { isText } from "../protocol/schema.ts";

/** Names as the wire takes them (PROTOCOL 1): the name is signed with the client statement. */
const name = z.string().trim().min(1, "Type the client’s name.").refine(isText, "At most 120 characters, without control or direction characters.");
const line = (longest: number) => z.string().trim().max(longest, `At most ${longest} characters.`).refine((text) => text === "" || isText(text), "Without control or direction characters.");

/** "pod-a, health": up to `most` words, repeats dropped, in the order they were typed. */
const words = (most: number, longest: number) =>
  z.string().max(4_000).transform((text, context): string[] => {
    const list = [...new Set(text.split(",").map((word) => word.trim()).filter(Boolean))];
    if (list.length > most) context.addIssue({ code: "custom", message: `At most ${most}, separated by commas.` });
    else if (!list.every((word) => word.length <= longest && isText(word))) context.addIssue({ code: "custom", message: `Each at most ${longest} characters, without control or direction characters.` });
    else return list;
    return z.NEVER;
  });

export const clientDetails = z.object({
  name,
  aliases: words(10, 120),
  tags: words(20, 40),
  region: line(60),
  contactName: line(120),
  contactPhone: line(40).refine((text) => text === "" || /^[+0-9 ().\-/x]{3,}$/.test(text), "Digits, spaces, + and - only."),
  contactMail: z.string().trim().toLowerCase().max(254, "An address has at most 254 letters.").refine((text) => text === "" || z.email().safeParse(text).success, "This is no mail address. It looks like name@example.com."),
  plan: z.string().refine(isPlan, "Choose a plan."),
  payer: z.enum(["msp", "client"], "Choose who pays."),
});
export type ClientDetails = z.output<typeof clientDetails>;

/** How a field is called in records and in sentences. */
export const detailWords: { readonly [K in keyof ClientDetails]: string } = {
  name: "name", aliases: "other names", tags: "tags", region: "region", contactName: "contact’s name", contactPhone: "contact’s telephone", contactMail: "contact’s mail address", plan: "plan", payer: "payer",
};
