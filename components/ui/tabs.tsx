"use client";
import { Tabs as Base } from "@base-ui/react/tabs";
import type { ReactNode } from "react";

export type Tab<Value extends string> = { readonly value: Value; readonly label: string; readonly count?: number; readonly panel: ReactNode };

/** Sides of one thing on one page. Arrows move between them. For pages of their own take links (`TabLinks` of the shell). */
export function Tabs<Value extends string>({ label, tabs, value, defaultValue, onChange }: { label: string; tabs: readonly Tab<Value>[]; value?: Value; defaultValue?: Value; onChange?: (value: Value) => void }) {
  return (
    <Base.Root
      {...(value === undefined ? { defaultValue: defaultValue ?? tabs[0]?.value ?? null } : { value })}
      onValueChange={(next: Value) => onChange?.(next)}
    >
      <Base.List aria-label={label} className="flex gap-5 overflow-x-auto border-b border-line [scrollbar-width:none]">
        {tabs.map((tab) => (
          <Base.Tab
            key={tab.value}
            value={tab.value}
            className="relative flex h-9 items-center gap-1.5 rounded-in font-medium whitespace-nowrap text-text-2 hover:text-text focus-visible:-outline-offset-2 data-active:text-text data-active:after:absolute data-active:after:inset-x-0 data-active:after:bottom-0 data-active:after:h-0.5 data-active:after:bg-text"
          >
            {tab.label}
            {tab.count ? <span className="text-12 text-text-3">{tab.count.toLocaleString("en")}</span> : null}
          </Base.Tab>
        ))}
      </Base.List>
      {tabs.map((tab) => (
        <Base.Panel key={tab.value} value={tab.value} className="pt-3 focus-visible:outline-offset-4">
          {tab.panel}
        </Base.Panel>
      ))}
    </Base.Root>
  );
}
