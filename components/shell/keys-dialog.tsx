"use client";
import { Fragment } from "react";
import { Dialog } from "#components/ui/dialog.tsx";
import { Keys } from "#components/ui/keys.tsx";
import { Switch } from "#components/ui/switch.tsx";
import { useCommandKey } from "./palette-button.tsx";
import { useShell } from "./shell-context.tsx";
import type { KeysHelp } from "./shell-context.tsx";

/** All keys that do something here, and the switch for single letters. */
export default function KeysDialog({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const { navigation, keysHelp, singleKeys, setSingleKeys } = useShell();
  const command = useCommandKey();
  const everywhere: KeysHelp[] = [
    { group: "Everywhere", keys: [command, "K"], words: "go to or do anything" },
    { group: "Everywhere", keys: ["?"], words: "this list" },
    { group: "Everywhere", keys: ["Alt", "T"], words: "to the last remark" },
    { group: "Everywhere", keys: ["Esc"], words: "close what is open" },
  ];
  const places = navigation.flatMap<KeysHelp>((item) => (item.key ? [{ group: "Go to", keys: ["G", item.key.toUpperCase()], words: item.label }] : []));
  const lists: KeysHelp[] = [
    { group: "In a list", keys: ["↑", "↓"], words: "move" },
    { group: "In a list", keys: ["↵"], words: "open" },
  ];
  const groups = [...Map.groupBy([...everywhere, ...places, ...lists, ...keysHelp], (line) => line.group)];
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Keys"
      description="The same letters everywhere."
      width={560}
      strip={
        <Switch checked={singleKeys} onChange={setSingleKeys} help={`Off, if you use speech input or press keys by accident. ${command} K stays.`}>
          Single letters do something
        </Switch>
      }
    >
      <div className="grid grid-cols-2 gap-x-8 gap-y-5 pb-4 max-thumb:grid-cols-1">
        {groups.map(([group, lines]) => (
          <section key={group}>
            <h3 className="mb-1.5 text-12 font-normal text-text-3">{group}</h3>
            <dl className="grid grid-cols-[minmax(64px,auto)_minmax(0,1fr)] items-center gap-x-3 gap-y-2">
              {lines.map((line) => (
                <Fragment key={line.keys.join(" ")}>
                  <dt>
                    <Keys of={line.keys} />
                  </dt>
                  <dd className="text-text-2">{line.words}</dd>
                </Fragment>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
