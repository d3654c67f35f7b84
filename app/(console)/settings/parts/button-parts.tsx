"use client";
import { Copy, KeyRound, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { Button, IconButton } from "#components/ui/button.tsx";
import type { ButtonTone } from "#components/ui/button-class.ts";
import { Keys } from "#components/ui/keys.tsx";
import { Segmented } from "#components/ui/segmented.tsx";

const TONES: readonly { tone: ButtonTone; name: string; words: string; key: string }[] = [
  { tone: "ink", name: "Ink", words: "Save", key: "S" },
  { tone: "plain", name: "Plain", words: "Open", key: "O" },
  { tone: "sign", name: "Sign", words: "Sign", key: "↵" },
  { tone: "danger", name: "Danger", words: "End", key: "E" },
  { tone: "quiet", name: "Quiet", words: "Undo", key: "Z" },
];

export function ButtonParts() {
  const [view, setView] = useState<"hide" | "highlight">("hide");
  return (
    <div className="grid gap-4">
      <div className="grid grid-cols-[48px_repeat(4,auto)] items-center justify-start gap-x-2 gap-y-2.5 max-thumb:grid-cols-[repeat(4,auto)]">
        {["", "rest", "keys", "off", "pending"].map((head, index) => (
          <span key={head} className={index === 0 ? "max-thumb:hidden" : "text-12 text-text-3"}>
            {head}
          </span>
        ))}
        {TONES.map(({ tone, name, words, key }) => (
          <div key={tone} className="contents">
            <span className="text-12 text-text-3 max-thumb:hidden">{name}</span>
            <Button tone={tone} icon={tone === "sign" ? <KeyRound aria-hidden /> : undefined}>
              {words}
            </Button>
            <Button tone={tone} keys={<Keys of={key} on="fill" />}>
              {words}
            </Button>
            <Button tone={tone} disabledReason="Nothing has changed since you opened this.">
              {words}
            </Button>
            <Button tone={tone} pending="Wait…">
              {words}
            </Button>
          </div>
        ))}
      </div>
      <div className="flex flex-wrap items-center gap-2">
        <Button size="small">Small 24</Button>
        <Button>Normal 28</Button>
        <Button size="large">Large 36</Button>
      </div>
      <div className="flex flex-wrap items-center gap-2">
        <IconButton label="Copy" icon={<Copy aria-hidden />} hintKeys="C" />
        <IconButton label="Add" icon={<Plus aria-hidden />} tone="plain" />
        <IconButton label="Delete" icon={<Trash2 aria-hidden />} tone="danger" disabledReason="The last owner cannot be removed." />
        <Segmented
          label="What the filter does"
          value={view}
          onChange={setView}
          choices={[
            { value: "hide", label: "Hide" },
            { value: "highlight", label: "Highlight" },
          ]}
        />
      </div>
    </div>
  );
}
