import type { Metadata } from "next";
import { RetentionPart } from "#components/audit/retention-part.tsx";
import { publishedKey } from "#lib/audit/published-key.ts";
import { readRetention } from "#lib/audit/retention.ts";
import { holds } from "#lib/identity/actor.ts";
import { pageActor } from "#lib/identity/session.ts";
import { preview, setMonths } from "./actions.ts";

export const metadata: Metadata = { title: "Audit" };

export default async function AuditSettingsPage() {
  const actor = await pageActor("audit.read");
  const [{ months, events, oldest, effectiveAt }, key] = await Promise.all([readRetention(actor), publishedKey()]);
  return (
    <RetentionPart
      months={months}
      events={events}
      oldest={oldest?.getTime() ?? null}
      effectiveAt={effectiveAt?.getTime() ?? null}
      verifierKey={key.verifier_key}
      preview={holds(actor, "audit.retain") ? preview : null}
      set={setMonths}
    />
  );
}
