import type { Metadata } from "next";
import Link from "next/link";
import { buttonClass } from "#components/ui/button-class.ts";
import { NotFound } from "#components/ui/states.tsx";

export const metadata: Metadata = { title: "Not found" };

/** Inside the frame: the navigation is the way on. */
export default function ConsoleNotFound() {
  return (
    <NotFound
      actions={
        <Link href="/" className={buttonClass({})}>
          Go to the front page
        </Link>
      }
    />
  );
}
