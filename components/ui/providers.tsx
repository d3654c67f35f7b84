"use client";
import { CSPProvider } from "@base-ui/react/csp-provider";
import type { ReactNode } from "react";
import { HintLayer } from "./hint.tsx";
import { ServerTime } from "./time.tsx";
import { ToastHost } from "./toast.tsx";

/**
 * What every page has once. Base UI's own style elements are off: React would set them through innerHTML, which the page's
 * Trusted Types refuse; the one rule that matters stands in globals.css.
 */
export function Providers({ nonce, now, children }: { nonce: string | undefined; now: number; children: ReactNode }) {
  return (
    <CSPProvider {...(nonce === undefined ? {} : { nonce })} disableStyleElements>
      <ServerTime now={now}>{children}</ServerTime>
      <HintLayer />
      <ToastHost />
    </CSPProvider>
  );
}
