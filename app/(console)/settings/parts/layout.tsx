import { notFound } from "next/navigation";
import type { ReactNode } from "react";
import { env } from "#lib/env.ts";

/** Judged here and not in the page: behind its loading skeleton the answer would already have begun with 200. */
export default function PartsLayout({ children }: { children: ReactNode }) {
  if (!env().local) notFound();
  return children;
}
