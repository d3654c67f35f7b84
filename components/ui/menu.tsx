"use client";
import { Menu as Base } from "@base-ui/react/menu";
import { Check } from "lucide-react";
import type { ReactElement, ReactNode } from "react";
import { cx } from "./class-names.ts";
import { Keys } from "./keys.tsx";
import { FLOAT, ITEM } from "./menu-class.ts";

/** Actions behind a button. `trigger` is a `Button` or `IconButton`; the children are the parts below. */
export function Menu({ trigger, children, align = "end", defaultOpen, open, onOpenChange }: { trigger: ReactElement; children: ReactNode; align?: "start" | "end"; defaultOpen?: boolean; open?: boolean; onOpenChange?: (open: boolean) => void }) {
  return (
    <Base.Root
      {...(defaultOpen === undefined ? {} : { defaultOpen })}
      {...(open === undefined ? {} : { open })}
      {...(onOpenChange === undefined ? {} : { onOpenChange: (next: boolean) => onOpenChange(next) })}
    >
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner sideOffset={6} align={align} className="z-50 outline-none">
          <Base.Popup className={cx(FLOAT, "max-h-(--available-height) max-w-[min(340px,calc(100vw-16px))] min-w-[200px] overflow-y-auto")}>{children}</Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

type ItemProps = { icon?: ReactNode; keys?: string | readonly string[]; detail?: ReactNode; danger?: boolean; children: ReactNode };

function Inside({ icon, keys, detail, children }: ItemProps) {
  return (
    <>
      {icon}
      <span className="min-w-0 flex-1">
        {children}
        {detail ? <span className="block text-12 text-pretty text-text-3">{detail}</span> : null}
      </span>
      {keys ? <Keys of={keys} className="ml-auto pl-3 max-thumb:hidden" /> : null}
    </>
  );
}

/** A verb with its object; an ellipsis when a question follows. With `disabledReason` it stays in reach and says why. */
export function MenuItem({ onSelect, disabledReason, danger, ...inside }: ItemProps & { onSelect: () => void; disabledReason?: string | null }) {
  return (
    <Base.Item
      className={cx(ITEM, "py-1", danger && "text-danger-text [&>svg]:text-danger-text", disabledReason && "text-text-3")}
      aria-disabled={disabledReason ? true : undefined}
      closeOnClick={!disabledReason}
      onClick={() => {
        if (!disabledReason) onSelect();
      }}
    >
      <Inside {...inside} detail={disabledReason ?? inside.detail} />
    </Base.Item>
  );
}

/** A place to go. `render` takes the framework's link, so that it opens in a new tab like any link. */
export function MenuLink({ render, ...inside }: ItemProps & { render: ReactElement }) {
  return (
    <Base.LinkItem className={cx(ITEM, "py-1")} render={render} closeOnClick>
      <Inside {...inside} />
    </Base.LinkItem>
  );
}

export function MenuSeparator() {
  return <Base.Separator className="-mx-[5px] my-[5px] h-px bg-line" />;
}

/** One of a few settings, the one in force ticked. */
export function MenuChoice<Value extends string>({ label, value, choices, onChange }: { label: string; value: Value; choices: readonly { value: Value; label: ReactNode; icon?: ReactNode }[]; onChange: (value: Value) => void }) {
  return (
    <Base.RadioGroup value={value} onValueChange={(next: Value) => onChange(next)} aria-label={label}>
      <div aria-hidden className="px-2 pt-1 pb-1 text-12 text-text-3">
        {label}
      </div>
      {choices.map((choice) => (
        <Base.RadioItem key={choice.value} value={choice.value} closeOnClick className={ITEM}>
          {choice.icon}
          <span className="min-w-0 flex-1">{choice.label}</span>
          <Base.RadioItemIndicator>
            <Check className="size-4 text-text" strokeWidth={1.75} aria-hidden />
          </Base.RadioItemIndicator>
        </Base.RadioItem>
      ))}
    </Base.RadioGroup>
  );
}
