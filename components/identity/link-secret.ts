"use client";
import { useSyncExternalStore } from "react";

const follow = (changed: () => void) => {
  addEventListener("hashchange", changed);
  return () => removeEventListener("hashchange", changed);
};

/** The secret of a one-time link: null while the page is drawn on the server, "" when the link holds none of the right form. */
export function useLinkSecret(): string | null {
  return useSyncExternalStore(
    follow,
    () => (/^#[A-Za-z0-9_-]{43}$/.test(location.hash) ? location.hash.slice(1) : ""),
    () => null,
  );
}
