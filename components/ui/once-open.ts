"use client";
import { useState } from "react";

/** True from the first time `open` is, and ever after: what was opened once stays mounted, so that it can close in its own time. */
export function useOnceOpen(open: boolean): boolean {
  const [seen, setSeen] = useState(open);
  if (open && !seen) setSeen(true);
  return open || seen;
}
