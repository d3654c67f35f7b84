import type { Metadata } from "next";
import Link from "next/link";
import { Alone } from "#components/shell/alone.tsx";
import { buttonClass } from "#components/ui/button-class.ts";
import { Forbidden } from "#components/ui/states.tsx";

export const metadata: Metadata = { title: "Not for your role" };

export default function ForbiddenPage() {
  return (
    <Alone>
      <Forbidden
        actions={
          <Link href="/" className={buttonClass({})}>
            Go to the front page
          </Link>
        }
      />
    </Alone>
  );
}
