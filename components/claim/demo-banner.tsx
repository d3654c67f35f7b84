import Link from "next/link";
import { Banner } from "#components/ui/note.tsx";

/** On every page of a claimed demo. It stays: what is shown is made up, and how to be rid of it is always at hand: on a phone, where no command is typed, for screen readers only. */
export function DemoBanner({ settled }: { settled: boolean }) {
  return (
    <Banner state="none" title="This is a demo:" action={settled ? undefined : <Link href="/claim/progress" className="font-medium underline">See it connect</Link>}>
      its clients and people are made up<span className="max-thumb:sr-only">, on this machine. For real use, stop it and run <code className="mono">npm run demo -- remove</code></span>.
    </Banner>
  );
}
