"use client";
import { Search } from "lucide-react";
import { useId, useState } from "react";
import type { KeyboardEvent, RefObject } from "react";
import { Chip } from "#components/ui/chip.tsx";
import type { Facts } from "#lib/matrix/facts.ts";
import { parseQuery, tokensOf, termOf, writeQuery, writeTerm, type Term } from "#lib/matrix/query.ts";
import { suggest, type Suggestion } from "#lib/matrix/suggest.ts";

/** The one bar: terms as chips, what is typed beside them, suggestions below. Typing finds at once; Enter makes a chip of it. */
export function FindBar({ facts, query, typed, onQuery, onTyped, field, onLeave }: { facts: Facts; query: string; typed: string; onQuery: (query: string) => void; onTyped: (text: string) => void; field: RefObject<HTMLInputElement | null>; onLeave: () => void }) {
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const [caret, setCaret] = useState(0);
  const id = useId();
  const { terms, problems } = parseQuery(query);
  const offered = open ? suggest(facts, typed, caret) : [];
  const commit = (text: string) => {
    onQuery([query.trim(), text.trim()].filter(Boolean).join(" "));
    onTyped("");
    setActive(-1);
  };
  const take = ({ text, from, to, done }: Suggestion) => {
    const next = typed.slice(0, from) + text + typed.slice(to);
    if (done) commit(next);
    else onTyped(next);
    setCaret(next.length);
    setActive(-1);
    field.current?.focus();
  };
  const drop = (index: number) => onQuery(writeQuery(terms.filter((_, at) => at !== index)));
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "ArrowDown" && offered.length > 0) setActive((active + 1) % offered.length);
    else if (event.key === "ArrowUp" && offered.length > 0) setActive((active <= 0 ? offered.length : active) - 1);
    else if (event.key === "Enter") {
      const chosen = offered[active];
      if (chosen) take(chosen);
      else if (typed.trim() !== "") commit(typed);
      else onLeave();
    } else if (event.key === "Tab" && offered[Math.max(0, active)] && typed !== "" && !event.shiftKey && active >= 0) take(offered[active]!);
    else if (event.key === "Escape") {
      if (open && offered.length > 0 && active >= 0) setActive(-1);
      else onLeave();
    } else if (event.key === "Backspace" && typed === "" && terms.length > 0) {
      onTyped(writeTerm(terms.at(-1)!));
      drop(terms.length - 1);
    } else return;
    event.preventDefault();
  };
  const wrongNow = tokensOf(typed).map(({ text }) => termOf(text)).find((one): one is { text: string; why: string } => "why" in one && caret > 0 && typed.endsWith(" "));
  return (
    <search className="mx-find" aria-label="Find in the matrix">
      <Search className="size-4 shrink-0 text-text-3" strokeWidth={1.5} aria-hidden />
      <Chips terms={terms} onDrop={drop} />
      {problems.map((problem) => (
        <Chip key={problem.text} blamed removeLabel={`Take “${problem.text}” off`} onRemove={() => onQuery(writeQuery(terms))}>
          <span data-hint={problem.why}>{problem.text}</span>
        </Chip>
      ))}
      <input
        ref={field}
        value={typed}
        role="combobox"
        aria-label="Find: client, tag, plan, technician, role, state"
        aria-expanded={offered.length > 0}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={active >= 0 ? `${id}-${active}` : undefined}
        autoComplete="off"
        spellCheck={false}
        dir="auto"
        placeholder={terms.length === 0 ? "client: tag: plan: tech: role: state: unused: free:" : ""}
        onChange={(event) => {
          onTyped(event.target.value);
          setCaret(event.target.selectionStart ?? event.target.value.length);
          setActive(-1);
          setOpen(true);
        }}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onKeyDown={onKeyDown}
      />
      <div id={`${id}-list`} role="listbox" aria-label="Suggestions" className="mx-sugg" hidden={offered.length === 0}>
        {offered.map((one, at) => (
          // Options of a combobox are reached by the field's arrows, never by Tab.
          // eslint-disable-next-line jsx-a11y/click-events-have-key-events
          <div key={one.text} id={`${id}-${at}`} role="option" aria-selected={at === active} tabIndex={-1} onPointerDown={(event) => event.preventDefault()} onClick={() => take(one)}>
            <bdi>{one.label}</bdi>
            <span className="de">{one.detail}</span>
          </div>
        ))}
      </div>
      {wrongNow ? <span className="sr-only" role="status">{wrongNow.why}</span> : null}
    </search>
  );
}

function Chips({ terms, onDrop }: { terms: readonly Term[]; onDrop: (index: number) => void }) {
  return terms.map((term, at) => (
    // The same term may stand twice; its place is its identity.
    // eslint-disable-next-line react/no-array-index-key
    <Chip key={`${at} ${writeTerm(term)}`} {...(term.key && { qualifier: `${term.not ? "−" : ""}${term.key}` })} removeLabel={`Take ${writeTerm(term)} off`} onRemove={() => onDrop(at)}>
      {term.key ? term.value : `${term.not ? "−" : ""}${term.value}`}
    </Chip>
  ));
}
