"use client";
import { Search } from "lucide-react";
import { useId, useState } from "react";
import type { KeyboardEvent, RefObject } from "react";
import { cx } from "#components/ui/class-names.ts";
import { Chip } from "#components/ui/chip.tsx";
import { parseQuery, termOf, tokensOf, writeQuery, writeTerm, type Language, type Term } from "#lib/find/language.ts";
import type { Suggestion } from "#lib/find/suggest.ts";

export type QueryBarProps<Key extends string> = {
  language: Language<Key>;
  /** What could be meant by what is typed, with the caret at a place. */
  suggest: (text: string, caret: number) => readonly Suggestion[];
  query: string;
  typed: string;
  onQuery: (query: string) => void;
  onTyped: (text: string) => void;
  field: RefObject<HTMLInputElement | null>;
  onLeave: () => void;
  /** The accessible names of the region and of the field. */
  label: string;
  fieldLabel: string;
  placeholder: string;
  className?: string;
  /** What a chip says for a value, such as the name for an id. */
  show?: (term: Term<string>) => string;
  /** The field got the focus: what is suggested may be fetched now. */
  onFocus?: () => void;
};

const asWritten = ({ value }: Term<string>): string => value;

/** The one bar: terms as chips, what is typed beside them, suggestions below. Enter makes a chip of what is typed. */
export function QueryBar<Key extends string>({ language, suggest, query, typed, onQuery, onTyped, field, onLeave, label, fieldLabel, placeholder, className, show = asWritten, onFocus }: QueryBarProps<Key>) {
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const [caret, setCaret] = useState(0);
  const id = useId();
  const { terms, problems } = parseQuery(language, query);
  const offered = open ? suggest(typed, caret) : [];
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
  const wrongNow = tokensOf(typed).map(({ text }) => termOf(language, text)).find((one): one is { text: string; why: string } => "why" in one && caret > 0 && typed.endsWith(" "));
  return (
    <search className={cx("relative flex min-w-0 items-center gap-1.5", className)} aria-label={label}>
      <Search className="size-4 shrink-0 text-text-3" strokeWidth={1.5} aria-hidden />
      <Chips terms={terms} onDrop={drop} show={show} />
      {problems.map((problem) => (
        <Chip key={problem.text} blamed removeLabel={`Take “${problem.text}” off`} onRemove={() => onQuery(writeQuery(terms))}>
          <span data-hint={problem.why}>{problem.text}</span>
        </Chip>
      ))}
      <input
        ref={field}
        value={typed}
        role="combobox"
        aria-label={fieldLabel}
        className="h-7 min-w-[60px] flex-1 border-0 bg-transparent text-13 text-text outline-none placeholder:text-text-3"
        aria-expanded={offered.length > 0}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={active >= 0 ? `${id}-${active}` : undefined}
        autoComplete="off"
        spellCheck={false}
        dir="auto"
        placeholder={terms.length === 0 ? placeholder : ""}
        onChange={(event) => {
          onTyped(event.target.value);
          setCaret(event.target.selectionStart ?? event.target.value.length);
          setActive(-1);
          setOpen(true);
        }}
        onFocus={() => {
          setOpen(true);
          onFocus?.();
        }}
        onBlur={() => setOpen(false)}
        onKeyDown={onKeyDown}
      />
      <div id={`${id}-list`} role="listbox" aria-label="Suggestions" className="absolute top-[calc(100%+8px)] left-0 z-30 max-w-[min(480px,90vw)] min-w-[300px] rounded-box bg-raised p-[5px] shadow-float" hidden={offered.length === 0}>
        {offered.map((one, at) => (
          // Options of a combobox are reached by the field's arrows, never by Tab.
          // eslint-disable-next-line jsx-a11y/click-events-have-key-events
          <div key={one.text} id={`${id}-${at}`} role="option" aria-selected={at === active} tabIndex={-1} className="flex cursor-pointer items-baseline gap-2.5 rounded-[4px] px-2 py-1 hover:bg-hover aria-selected:bg-hover" onPointerDown={(event) => event.preventDefault()} onClick={() => take(one)}>
            <bdi>{one.label}</bdi>
            <span className="ml-auto truncate text-12 text-text-3">{one.detail}</span>
          </div>
        ))}
      </div>
      {wrongNow ? <span className="sr-only" role="status">{wrongNow.why}</span> : null}
    </search>
  );
}

function Chips({ terms, onDrop, show }: { terms: readonly Term<string>[]; onDrop: (index: number) => void; show: (term: Term<string>) => string }) {
  return terms.map((term, at) => (
    // The same term may stand twice; its place is its identity.
    // eslint-disable-next-line react/no-array-index-key
    <Chip key={`${at} ${writeTerm(term)}`} {...(term.key && { qualifier: `${term.not ? "−" : ""}${term.key}` })} removeLabel={`Take ${writeTerm(term)} off`} onRemove={() => onDrop(at)}>
      {term.key ? show(term) : `${term.not ? "−" : ""}${term.value}`}
    </Chip>
  ));
}
