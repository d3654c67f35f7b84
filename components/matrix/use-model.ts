"use client";
import { useSyncExternalStore } from "react";
import type { MatrixModel } from "./model.ts";

/**
 * Draws anew when what `of` names changed, and not with every key that moves the focus: a bar that is drawn in vain costs the frame in
 * which the key should be seen. Without `of`: with each change.
 */
export function useModel(model: MatrixModel, of: (model: MatrixModel) => string | number = model.snapshot): void {
  const key = () => of(model);
  useSyncExternalStore(model.subscribe, key, key);
}
