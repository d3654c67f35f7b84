"use client";
/** Whatever question is open over the matrix; each is fetched with the first one. */
import { lazy, Suspense } from "react";
import type { CellDeeds } from "./drift-deeds.tsx";
import type { Ask } from "./hands.ts";
import type { MatrixModel } from "./model.ts";
import type { Action } from "./given-views.ts";
import type { MakePlan } from "./use-plan.ts";
import type { View } from "./use-matrix.ts";

export type Asked = { what: Exclude<Ask, "find"> | "rules" | "views"; cell: number } | null;

const loadDialogs = () => import("./dialogs.tsx");
const EndDialog = lazy(async () => ({ default: (await loadDialogs()).EndDialog }));
const ReasonDialog = lazy(async () => ({ default: (await loadDialogs()).ReasonDialog }));
const LikeDialog = lazy(async () => ({ default: (await loadDialogs()).LikeDialog }));
const LeaveDialog = lazy(async () => ({ default: (await loadDialogs()).LeaveDialog }));
const loadRules = () => import("./rules-windows.tsx");
const RulesDialog = lazy(async () => ({ default: (await loadRules()).RulesDialog }));
const ViewsDialog = lazy(async () => ({ default: (await loadRules()).ViewsDialog }));
const Inspector = lazy(async () => ({ default: (await import("./inspector.tsx")).Inspector }));
const Review = lazy(async () => ({ default: (await import("./review.tsx")).Review }));

type Props = { model: MatrixModel; asked: Asked; onClose: () => void; views: readonly View[]; search: string; openSearch: (search: string) => void; reload: () => void; plan: MakePlan; deeds: CellDeeds; actions: { nameView: Action; forgetView: Action; setRule: Action; forgetRule: Action } };

export function Dialogs({ model, asked, onClose, views, search, openSearch, reload, plan, deeds, actions }: Props) {
  const what = asked?.what;
  const shared = { model, open: true, onClose };
  return (
    <Suspense>
      {what === "end" ? <EndDialog {...shared} /> : null}
      {what === "reason" ? <ReasonDialog {...shared} /> : null}
      {what === "like" ? <LikeDialog {...shared} /> : null}
      {what === "leave" ? <LeaveDialog {...shared} /> : null}
      {what === "rules" ? <RulesDialog {...shared} save={actions.setRule} forget={actions.forgetRule} onChanged={reload} /> : null}
      {what === "views" ? <ViewsDialog open onClose={onClose} views={views} search={search} save={actions.nameView} forget={actions.forgetView} onChanged={reload} onOpen={openSearch} canSave={model.canStage} /> : null}
      {what === "inspect" ? <Inspector model={model} cell={asked!.cell} deeds={deeds} open onOpenChange={(open) => open || onClose()} /> : null}
      {what === "review" ? <Review model={model} open onOpenChange={(open) => open || onClose()} plan={plan} /> : null}
    </Suspense>
  );
}
