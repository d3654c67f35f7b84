"use client";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { Button } from "#components/ui/button.tsx";

/** One of several pages of a list; nothing where one holds it all. */
export function Pages({ page, pages, matching, noun, go }: { page: number; pages: number; matching: number; noun: string; go: (page: number) => void }) {
  if (pages <= 1) return null;
  return (
    <nav aria-label="Pages" className="flex items-center gap-2 border-t border-line px-gutter py-2.5">
      <span className="text-12 text-text-3">{`${matching.toLocaleString("en")} ${noun}, page ${page} of ${pages.toLocaleString("en")}`}</span>
      <span className="ml-auto flex gap-2">
        <Button size="small" icon={<ChevronLeft aria-hidden />} disabledReason={page === 1 ? "This is the first page." : null} onClick={() => go(page - 1)}>Previous</Button>
        <Button size="small" icon={<ChevronRight aria-hidden />} disabledReason={page === pages ? "This is the last page." : null} onClick={() => go(page + 1)}>Next</Button>
      </span>
    </nav>
  );
}
