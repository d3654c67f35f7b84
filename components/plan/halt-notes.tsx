import Link from "next/link";
import { Note } from "#components/ui/note.tsx";

/** What is frozen, wherever a plan waits. */
export function HaltNotes({ halts, className }: { halts: readonly { words: string; vaults?: number }[]; className?: string }) {
  return halts.map(({ words, vaults }) => (
    <Note key={words} state="refused" title="Frozen." action={<Link href="/settings/incident" className="link">Incident</Link>} {...(className !== undefined && { className })}>
      <bdi>{words}</bdi>.{vaults === undefined ? "" : ` ${vaults === 1 ? "One vault of this plan waits" : `${vaults.toLocaleString("en")} vaults of this plan wait`} until it is lifted.`}
    </Note>
  ));
}
