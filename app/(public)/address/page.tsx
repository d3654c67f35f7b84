import type { Metadata } from "next";
import { AddressForm } from "#components/identity/address-form.tsx";
import { Split } from "#components/shell/split.tsx";

export const metadata: Metadata = { title: "Your address" };

export default function AddressPage() {
  return (
    <Split title="Is this your address?" lead="Mails about your keys, and the way back when they are lost, go there. Saying so signs nobody in.">
      <AddressForm />
    </Split>
  );
}
