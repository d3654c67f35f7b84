"use client";
import { Unexpected } from "#components/shell/unexpected.tsx";

/** Breaks inside the sheet stay inside it: navigation and keys go on working. */
export default function ConsoleError({ error, retry }: { error: unknown; retry: () => void }) {
  return <Unexpected thrown={error} retry={retry} />;
}
