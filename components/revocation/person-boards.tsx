import Link from "next/link";
import { Note } from "#components/ui/note.tsx";
import { RelativeTime } from "#components/ui/time.tsx";
import type { RevocationListLine } from "#lib/revocation/show.ts";

/** What was taken away from somebody with a board, on their own page: the open ones, else the last. */
export function PersonBoards({ boards }: { boards: readonly RevocationListLine[] }) {
  const shown = boards.filter(({ closedAt }) => closedAt === null).concat(boards.filter(({ closedAt }) => closedAt !== null).slice(0, 1));
  return shown.map((board) => (
    <Note
      key={board.id} className="mx-gutter mb-4" state={board.closedAt !== null ? "proven" : board.reopenedAt !== null ? "refused" : "moving"}
      title={board.closedAt !== null ? `Gone from ${board.total === 1 ? "1 vault" : `${board.total} vaults`}.` : `${board.open} of ${board.total} tokens may still read.`}
      action={<Link href={`/revocations/${board.id}`} className="link">Open the board</Link>}
    >
      {board.closedAt !== null ? <>Closed <RelativeTime at={board.closedAt} />, with a certificate.</> : <>Taken away <RelativeTime at={board.openedAt} />.</>}
    </Note>
  ));
}
