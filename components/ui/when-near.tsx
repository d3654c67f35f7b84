"use client";
import { useEffect, useRef, useState } from "react";
import type { ReactNode } from "react";

/**
 * Draws its children once they come near the window (300 px), `placeholder` in their shape before. With lazy children, what lies
 * far below costs the first page nothing. Paper and find-in-page see the placeholder: not for words that must be found.
 */
export function WhenNear({ placeholder, children }: { placeholder: ReactNode; children: ReactNode }) {
  const [near, setNear] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (near || !place.current) return undefined;
    const watch = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) setNear(true);
      },
      { rootMargin: "300px" },
    );
    watch.observe(place.current);
    return () => watch.disconnect();
  }, [near]);
  return near ? children : <div ref={place}>{placeholder}</div>;
}
