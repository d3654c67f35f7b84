"use client";
import { Note } from "#components/ui/note.tsx";

/** Where the window is, when the browser did not show it. The link opens it once. */
export function OpenedNote({ url }: { url: string }) {
  return (
    <Note state="moving" title="The signing window is open." className="mt-3 max-w-[64ch]">
      Nothing to see? Your browser may have held it back: <a className="link" href={url} target="_blank" rel="noopener noreferrer">open it here</a>, within two minutes. What becomes of it stands below.
    </Note>
  );
}
