"use client";
import type { RefObject } from "react";
import { QueryBar } from "#components/find/query-bar.tsx";
import type { Facts } from "#lib/matrix/facts.ts";
import { matrixLanguage } from "#lib/matrix/query.ts";
import { suggest } from "#lib/matrix/suggest.ts";

/** The matrix's qualifier bar. Typing finds at once. */
export function FindBar({ facts, ...rest }: { facts: Facts; query: string; typed: string; onQuery: (query: string) => void; onTyped: (text: string) => void; field: RefObject<HTMLInputElement | null>; onLeave: () => void }) {
  return (
    <QueryBar
      {...rest} language={matrixLanguage} suggest={(text, caret) => suggest(facts, text, caret)} className="mx-find"
      label="Find in the matrix" fieldLabel="Find: client, tag, plan, technician, role, state" placeholder="client: tag: plan: tech: role: state: unused: free:"
    />
  );
}
