"use client";
import { useState } from "react";
import type { PlanView } from "#lib/plan/show.ts";
import { ticketText } from "#lib/plan/ticket-text.ts";

/** The plan as plain text on the clipboard, as it stands at this moment. */
export function CopyForTicket({ plan }: { plan: PlanView }) {
  const [words, setWords] = useState("Copy for a ticket");
  const copy = () => navigator.clipboard.writeText(ticketText(plan, location.origin, Date.now())).then(() => setWords("Copied"), () => setWords("The browser refused"));
  return <button type="button" className="link text-12" aria-live="polite" onClick={() => void copy()}>{words}</button>;
}
