import Link from "next/link";
import { buttonClass } from "#components/ui/button-class.ts";
import { Banner } from "#components/ui/note.tsx";

/** Over every page until the link in the first mail was used. */
export function AddressBanner({ email }: { email: string }) {
  return (
    <Banner state="attention" title="Your address is not proven yet." action={<Link href="/settings/you" className={buttonClass({ size: "small" })}>Your address</Link>}>
      Open the link in the mail to <bdi>{email}</bdi>: what is said about your keys goes there.
    </Banner>
  );
}
