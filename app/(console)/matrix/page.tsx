import type { Metadata } from "next";
import { preload } from "react-dom";
import { Matrix } from "#components/matrix/matrix.tsx";
import "#components/matrix/matrix.css";
import { holds } from "#lib/identity/actor.ts";
import { pageActor } from "#lib/identity/session.ts";
import { forgetRule, forgetView, nameView, saveStaged, setRule } from "./actions.ts";

export const metadata: Metadata = { title: "Matrix" };

export default async function MatrixPage() {
  const actor = await pageActor("matrix.read");
  // Asked for together with the script, not after it.
  preload("/api/matrix", { as: "fetch", crossOrigin: "anonymous" });
  preload("/api/matrix/draft", { as: "fetch", crossOrigin: "anonymous" });
  return <Matrix canStage={holds(actor, "matrix.stage")} save={saveStaged} nameView={nameView} forgetView={forgetView} setRule={setRule} forgetRule={forgetRule} />;
}
