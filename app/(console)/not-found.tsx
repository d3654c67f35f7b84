import type { Metadata } from "next";
import { FrontPageLink } from "#components/shell/front-page-link.tsx";
import { NotFound } from "#components/ui/states.tsx";

export const metadata: Metadata = { title: "Not found" };

/** Inside the frame: the navigation is the way on. */
export default function ConsoleNotFound() {
  return <NotFound actions={<FrontPageLink />} />;
}
