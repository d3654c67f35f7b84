import type { Metadata } from "next";
import Link from "next/link";
import { ConnectConfirmList } from "#components/client/connect-confirm-list.tsx";
import { RefreshWhile } from "#components/shell/refresh-while.tsx";
import { WindowList } from "#components/signing/window-list.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { pageActor } from "#lib/identity/session.ts";
import { listConfirmable } from "#lib/signing/confirm-list.ts";
import { listWindows } from "#lib/signing/windows.ts";
import { openConfirm } from "./actions.ts";

export const metadata: Metadata = { title: "Confirm clients" };

export default async function ConfirmPage() {
  const actor = await pageActor("client.connect");
  const [lines, windows] = await Promise.all([listConfirmable(actor), listWindows(actor, "confirm")]);
  return (
    <>
      <RefreshWhile active={lines.some(({ state }) => state !== "confirmed")} everyMs={5_000} />
      <PageHeader
        crumbs={<><Link href="/clients" className="link">Clients</Link><span aria-hidden>/</span><span>Confirm</span></>}
        title="Whose vault is whose"
        sub="Each client reads the second code from the page of their own vault. You compare it in the signing window and say so for all of them with one tap."
      />
      <ConnectConfirmList lines={lines} confirm={openConfirm} />
      <WindowList windows={windows} />
    </>
  );
}
