import type { Metadata } from "next";
import { Alone } from "#components/shell/alone.tsx";
import { FrontPageLink } from "#components/shell/front-page-link.tsx";
import { Forbidden } from "#components/ui/states.tsx";

export const metadata: Metadata = { title: "Not for your role" };

export default function ForbiddenPage() {
  return (
    <Alone>
      <Forbidden actions={<FrontPageLink />} />
    </Alone>
  );
}
