import pg from "pg";
import { seedClients } from "../lib/client/testing/seed-clients.ts";
import { administrator, expect, found, sql, stranger, taken, test } from "./people.ts";
import { expectAccessible } from "./fixtures.ts";

/** An organisation with clients as they come. */
async function portfolio(page: Parameters<typeof found>[0]) {
  const { email } = await found(page);
  const [person] = await sql<{ msp_id: string; person_id: string }>("select msp_id, person_id from person where email = $1", [email]);
  const made = await administrator((client: pg.Client) => seedClients(client, { mspId: person!.msp_id, personId: person!.person_id }));
  return { ...person!, made };
}
