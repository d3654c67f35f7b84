import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { ShareTable } from "#components/billing/share-table.tsx";
import { readShares } from "#lib/contract/owed.ts";
import { pageActor } from "#lib/identity/session.ts";

export const metadata: Metadata = { title: "Contract" };

export default async function ContractPage() {
  const actor = await pageActor("contract.read");
  const shares = await readShares(actor);
  if (shares === null) notFound();
  return (
    <section aria-labelledby="contract-title">
      <div className="px-gutter pt-4 pb-3">
        <h2 id="contract-title">What your contract brings you</h2>
        <p className="max-w-[72ch] text-pretty text-text-2">By the month of payment, net of tax, less what was credited. Each payment is cut to the cent by itself. Confidential: finance alone sees it, and no export or mail holds it.</p>
      </div>
      <ShareTable lines={shares.map((line) => ({ month: line.month, currency: line.currency, paid: line.paid.toString(), share: line.share.toString() }))} />
    </section>
  );
}
