"use client";
import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { cx } from "./class-names.ts";

/** An object's id: shown in the mono face, copied with one press. `what` names the object for a screen reader ("plan"). */
export function CopyableId({ id, what, className }: { id: string; what: string; className?: string }) {
  const [state, setState] = useState<"rest" | "copied" | "refused">("rest");
  useEffect(() => {
    if (state === "rest") return undefined;
    const timer = setTimeout(() => setState("rest"), 2000);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = () => {
    navigator.clipboard.writeText(id).then(
      () => setState("copied"),
      () => setState("refused"),
    );
  };
  return (
    <span className={cx("-mx-1 inline-flex max-w-full items-center", className)}>
      <button
        type="button"
        onClick={copy}
        aria-label={`Copy the id of this ${what}, ${id}`}
        data-hint="Copy the id"
        className="group inline-flex h-5 max-w-full items-center gap-1.5 rounded-in px-1 text-text-3 hover:bg-hover hover:text-text"
      >
        <span className="mono min-w-0 truncate">{id}</span>
        {state === "copied" ? <Check className="size-3 text-ok-text" strokeWidth={2} aria-hidden /> : <Copy className="size-3 opacity-60 group-hover:opacity-100" strokeWidth={1.75} aria-hidden />}
      </button>
      <output className={state === "refused" ? "ml-2 text-12 text-danger-text" : "sr-only"}>
        {state === "copied" ? "Copied" : state === "refused" ? "The browser refused; select the id and copy it" : ""}
      </output>
    </span>
  );
}
