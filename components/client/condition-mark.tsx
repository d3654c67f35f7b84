import { Glyph } from "#components/ui/glyph.tsx";
import { conditionOf, type ConditionKind, type Standing } from "#lib/client/condition.ts";

const PLAIN: Record<ConditionKind, Standing> = {
  ok: { state: "connected", health: "ok", words: null, stoppedWords: null, endedBy: null },
  unread: { state: "connected", health: "unread", words: null, stoppedWords: null, endedBy: null },
  failover: { state: "connected", health: "failover", words: null, stoppedWords: null, endedBy: null },
  lapsed: { state: "connected", health: "lapsed", words: null, stoppedWords: null, endedBy: null },
  silent: { state: "connected", health: "silent", words: null, stoppedWords: null, endedBy: null },
  lying: { state: "connected", health: "lying", words: null, stoppedWords: null, endedBy: null },
  ended: { state: "ended", health: "ended", words: null, stoppedWords: null, endedBy: "client" },
  stopped: { state: "stopped", health: null, words: null, stoppedWords: null, endedBy: null },
  unconfirmed: { state: "unconfirmed", health: null, words: null, stoppedWords: null, endedBy: null },
  asking: { state: "asking", health: null, words: null, stoppedWords: null, endedBy: null },
};

/** How a vault stands: shape and word. */
export function ConditionMark({ kind, className }: { kind: ConditionKind; className?: string }) {
  const { shape, word } = conditionOf(PLAIN[kind]);
  return (
    <span className={`flex items-center gap-1.5 whitespace-nowrap ${className ?? ""}`}>
      <Glyph state={shape} />
      {kind === "ended" ? "Ended" : word}
    </span>
  );
}
