import type { Metadata } from "next";
import { Alone } from "#components/shell/alone.tsx";
import { FrontPageLink } from "#components/shell/front-page-link.tsx";
import { NotFound } from "#components/ui/states.tsx";

export const metadata: Metadata = { title: "Not found" };

export default function NotFoundPage() {
  return (
    <Alone>
      <NotFound actions={<FrontPageLink />} />
    </Alone>
  );
}
