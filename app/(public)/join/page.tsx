import type { Metadata } from "next";
import { JoinForm } from "#components/identity/join-form.tsx";
import { Split } from "#components/shell/split.tsx";

export const metadata: Metadata = { title: "Join" };

export default function JoinPage() {
  return (
    <Split title="You are invited" lead="Join with a passkey: a hardware key, this computer or your phone. There is no password.">
      <JoinForm />
    </Split>
  );
}
