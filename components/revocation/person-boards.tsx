import Link from "next/link";
import { Note } from "#components/ui/note.tsx";
import { RelativeTime } from "#components/ui/time.tsx";
import { personWords } from "#lib/revocation/board-words.ts";
import type { RevocationListLine } from "#lib/revocation/show.ts";

/** What was taken away from somebody with a board, on their own page: the open ones, else the last. */
export function PersonBoards({ boards }: { boards: readonly RevocationListLine[] }) {
  const shown = boards.filter(({ closedAt }) => closedAt === null).concat(boards.filter(({ closedAt }) => closedAt !== null).slice(0, 1));
  return shown.map((board) => (
    <Note
      key={board.id} className="mx-gutter mb-4" state={board.closedAt !== null ? (board.apart === 0 ? "proven" : "attention") : board.reopenedAt !== null ? "refused" : "moving"}
      title={personWords(board)}
      action={<Link href={`/revocations/${board.id}`} className="link">Open the board</Link>}
    >
      {board.closedAt !== null ? <>Closed <RelativeTime at={board.closedAt} />, with a certificate.</> : <>Taken away <RelativeTime at={board.openedAt} />.</>}
    </Note>
  ));
}
