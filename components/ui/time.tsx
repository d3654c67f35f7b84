"use client";
import { createContext, use, useSyncExternalStore } from "react";
import type { ReactNode } from "react";
import { exactTime, relativeTime } from "./time-text.ts";

const ServerNow = createContext<number | null>(null);

/** Gives the moment at which the server drew the page, so that the first drawing in the browser says the same words. */
export function ServerTime({ now, children }: { now: number; children: ReactNode }) {
  return <ServerNow value={now}>{children}</ServerNow>;
}

/** A time as its distance from now, kept current; the exact time with the zone is in the hint. `at`: epoch milliseconds. */
export function RelativeTime({ at, className }: { at: number; className?: string }) {
  const serverNow = use(ServerNow);
  const now = useSyncExternalStore(subscribe, currentTick, () => serverNow ?? at);
  const zone = useSyncExternalStore(noChange, ownZone, () => "UTC");
  const exact = zone === "UTC" ? exactTime(at) : `${exactTime(at, zone)} (${exactTime(at).slice(-12)})`;
  return (
    <time dateTime={new Date(at).toISOString()} data-hint={exact} className={className}>
      {relativeTime(at, now)}
    </time>
  );
}

/** The exact time as text, in UTC: for records and proofs. */
export function ExactTime({ at, className }: { at: number; className?: string }) {
  return (
    <time dateTime={new Date(at).toISOString()} className={className}>
      {exactTime(at)}
    </time>
  );
}

// One clock for every time on the page. It stands while the tab is hidden and while nobody looks at it.
const TICK = 5000;
const watchers = new Set<() => void>();
let tick = 0;
let timer: ReturnType<typeof setInterval> | undefined;

function advance(): void {
  if (document.hidden) return;
  tick = Date.now();
  for (const watcher of watchers) watcher();
}
function subscribe(watcher: () => void): () => void {
  watchers.add(watcher);
  if (watchers.size === 1) {
    tick = Date.now();
    timer = setInterval(advance, TICK);
    document.addEventListener("visibilitychange", advance);
  }
  return () => {
    watchers.delete(watcher);
    if (watchers.size > 0) return;
    clearInterval(timer);
    document.removeEventListener("visibilitychange", advance);
  };
}
function currentTick(): number {
  if (tick === 0) tick = Date.now();
  return tick;
}
function noChange(): () => void {
  return () => undefined;
}
function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}
