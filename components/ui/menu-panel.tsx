"use client";
import { Menu as Base } from "@base-ui/react/menu";
import { Check } from "lucide-react";
import type { ReactElement, ReactNode, RefObject } from "react";
import { cx } from "./class-names.ts";
import { landmarkOf } from "./landmark.ts";
import { Keys } from "./keys.tsx";
import { FLOAT, ITEM } from "./menu-class.ts";
import type { MenuEntry } from "./menu.tsx";

type PanelProps = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  anchor: RefObject<HTMLButtonElement | null>;
  labelledBy: string;
  entries: readonly MenuEntry[];
  align: "start" | "end";
  link: ((href: string) => ReactElement) | undefined;
};

/** What opens behind a `Menu`'s button: arrows and letters move, Enter takes, Escape returns to the button. */
export default function MenuPanel({ open, onOpenChange, anchor, labelledBy, entries, align, link }: PanelProps) {
  return (
    <Base.Root open={open} onOpenChange={(next) => onOpenChange(next)}>
      <Base.Portal container={landmarkOf(anchor.current)}>
        <Base.Positioner anchor={anchor} positionMethod="fixed" sideOffset={6} align={align} className="z-50 outline-none">
          <Base.Popup aria-labelledby={labelledBy} finalFocus={anchor} className={cx(FLOAT, "max-h-(--available-height) max-w-[min(340px,calc(100vw-16px))] min-w-[200px] overflow-y-auto")}>
            {entries.map((entry, index) => (
              // An entry is its place in the list.
              // eslint-disable-next-line react/no-array-index-key
              <Entry key={index} entry={entry} link={link} />
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

function Entry({ entry, link }: { entry: MenuEntry; link: PanelProps["link"] }) {
  if (entry.kind === "line") return <Base.Separator className="-mx-[5px] my-[5px] h-px bg-line" />;
  if (entry.kind === "link") {
    return (
      <Base.LinkItem className={cx(ITEM, "py-1")} {...(link ? { render: link(entry.href) } : { href: entry.href })} closeOnClick>
        <Inside {...entry} />
      </Base.LinkItem>
    );
  }
  if (entry.kind === "choice") {
    return (
      <Base.RadioGroup value={entry.value} onValueChange={(next: string) => entry.onChoose(next)}>
        <Base.GroupLabel className="px-2 py-1 text-12 text-text-3">{entry.label}</Base.GroupLabel>
        {entry.choices.map((choice) => (
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
  return (
    <Base.Item
      className={cx(ITEM, "py-1", entry.danger && "text-danger-text [&>svg]:text-danger-text", entry.disabledReason && "text-text-3")}
      aria-disabled={entry.disabledReason ? true : undefined}
      closeOnClick={!entry.disabledReason}
      onClick={() => {
        if (!entry.disabledReason) entry.run();
      }}
    >
      <Inside {...entry} detail={entry.disabledReason ?? entry.detail} />
    </Base.Item>
  );
}

function Inside({ icon, keys, detail, label }: { icon?: ReactNode; keys?: string | readonly string[]; detail?: ReactNode; label: string }) {
  return (
    <>
      {icon}
      <span className="min-w-0 flex-1">
        {label}
        {detail ? <span className="block text-12 text-pretty text-text-3">{detail}</span> : null}
      </span>
      {keys ? <Keys of={keys} className="ml-auto pl-3 max-thumb:hidden" /> : null}
    </>
  );
}
