"use client";
import { CreditCard } from "lucide-react";
import { useDeed, type Deed } from "#components/role/use-deed.ts";
import { Button } from "#components/ui/button.tsx";
import type { PayingAccount } from "#lib/billing/portal.ts";

/** Opens the payment provider's page of cards and past invoices: a button for each paying account. */
export function PaymentDetails({ accounts, open }: { accounts: readonly PayingAccount[]; open: Deed<{ url: string }> }) {
  const { busy, run } = useDeed(open);
  if (accounts.length === 0) return <Button icon={<CreditCard aria-hidden />} disabledReason="They are there with the first subscription.">Payment details</Button>;
  return accounts.map(({ id, currency }) => (
    <Button key={id} icon={<CreditCard aria-hidden />} pending={busy ? "Opening" : null} onClick={() => run({ account: id }, ({ url }) => window.location.assign(url))}>
      {accounts.length > 1 && currency ? `Payment details, ${currency}` : "Payment details"}
    </Button>
  ));
}
