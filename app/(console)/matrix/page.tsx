import type { Metadata } from "next";
import { Matrix } from "#components/matrix/matrix.tsx";
import "#components/matrix/matrix.css";
import { holds } from "#lib/identity/actor.ts";
import { pageActor } from "#lib/identity/session.ts";
import { HaltBanner } from "../halt-banner.tsx";
import { acceptChange, forgetRule, forgetView, makePlan, nameView, saveStaged, setRule } from "./actions.ts";

export const metadata: Metadata = { title: "Matrix" };

export default async function MatrixPage() {
  const actor = await pageActor("matrix.read");
  return (
    <>
      {/* Asked for with the first bytes of the page. React's own preload() becomes a hint that only its script reads, 200 ms later. */}
      <link rel="preload" as="fetch" href="/api/matrix" crossOrigin="anonymous" />
      <link rel="preload" as="fetch" href="/api/matrix/draft" crossOrigin="anonymous" />
      <HaltBanner actor={actor} />
      <Matrix canStage={holds(actor, "matrix.stage")} save={saveStaged} makePlan={makePlan} nameView={nameView} forgetView={forgetView} setRule={setRule} forgetRule={forgetRule} acceptDrift={holds(actor, "drift.settle") ? acceptChange : null} />
    </>
  );
}
