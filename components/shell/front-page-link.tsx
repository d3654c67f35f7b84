import Link from "next/link";
import { buttonClass } from "#components/ui/button-class.ts";

/** The way on from a page that is not there, or not for whoever asked. */
export function FrontPageLink() {
  return (
    <Link href="/" className={buttonClass({})}>
      Go to the front page
    </Link>
  );
}
