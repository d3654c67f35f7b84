/** The head of the sheet that we offer as an example, and in which the result comes back. Pure, for the browser. */
export const exampleHead = ["name", "other names", "tags", "region", "contact", "phone", "mail", "plan", "address"] as const;
