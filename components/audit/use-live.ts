"use client";
import { useEffect, useRef, useState } from "react";
import { listenLive } from "#components/matrix/live.ts";
import type { AuditLine } from "#lib/audit/line.ts";
import type { AuditPage } from "#lib/audit/list.ts";

/** Lines kept of what came while somebody followed: a page that follows for a day must not grow without end. */
export const followed = 400;

export type Live = { on: boolean; set: (on: boolean) => void; fresh: readonly AuditLine[]; waiting: number };
/** Follows what comes in, through the browser's one stream: it says that something came, and what it is is asked for here. */
export function useLive(query: string, page: AuditPage | null, newest: boolean): Live {
  const [on, setOn] = useState(false);
  const [fresh, setFresh] = useState<{ of: AuditPage | null; lines: readonly AuditLine[] }>({ of: page, lines: [] });
  const following = on && newest;
  const shown = fresh.of === page ? fresh.lines : [];
  const last = useRef<string | null>(null);
  useEffect(() => {
    const top = shown[0] ?? page?.lines[0];
    last.current = top ? `${top.at}.${top.id}` : null;
  });
  useEffect(() => {
    if (!following) return undefined;
    let asking = false;
    let again = false;
    let over = false;
    const ask = async () => {
      if (asking) {
        again = true;
        return;
      }
      asking = true;
      const response = await fetch(`/api/audit?${new URLSearchParams({ q: query, ...(last.current && { after: last.current }) }).toString()}`).catch(() => null);
      if (response?.ok && !over) {
        const { lines } = (await response.json()) as { lines: AuditLine[] };
        if (lines.length > 0) setFresh((before) => ({ of: page, lines: [...lines, ...(before.of === page ? before.lines : [])].slice(0, followed) }));
      }
      asking = false;
      if (again && !over) {
        again = false;
        void ask();
      }
    };
    const deaf = listenLive(({ audit, missed }) => {
      if (audit || missed) void ask();
    });
    void ask();
    return () => {
      over = true;
      deaf();
    };
  }, [following, query, page]);
  return { on: following, set: setOn, fresh: shown, waiting: shown.length };
}
