import type { Metadata } from "next";
import { RecoverForm } from "#components/identity/recover-form.tsx";
import { Split } from "#components/shell/split.tsx";

export const metadata: Metadata = { title: "Way back" };

export default function RecoverPage() {
  return (
    <Split title="Back in with a new key" lead="For an owner who lost every key. Keys that approve changes in vaults are not touched by this.">
      <RecoverForm />
    </Split>
  );
}
