import type { Metadata } from "next";
import { GlassPage } from "#components/client/glass-page.tsx";

export const metadata: Metadata = { title: "Who can reach your vault", robots: { index: false, follow: false, noarchive: true }, referrer: "no-referrer" };

/** The same empty sheet for everybody: what it shows comes with the link's secret, which never reaches a log. */
export default function Glass() {
  return <GlassPage />;
}
