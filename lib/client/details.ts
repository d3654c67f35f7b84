/** What a person writes down about a client, as the form for changing it takes it. Pure, and for the browser too. */
import { z } from "zod";
import { clientShape } from "./shape.ts";

export const clientDetails = clientShape.extend({ payer: z.enum(["msp", "client"], "Choose who pays.") });
export type ClientDetails = z.output<typeof clientDetails>;

/** How a field is called in records and in sentences. */
export const detailWords: { readonly [K in keyof ClientDetails]: string } = {
  name: "name", aliases: "other names", tags: "tags", region: "region", contactName: "contact’s name", contactPhone: "contact’s telephone", contactMail: "contact’s mail address", plan: "plan", payer: "payer",
};
