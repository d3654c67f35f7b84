"use client";
import { Dialog } from "@base-ui/react/dialog";
import { Command as Cmdk } from "cmdk";
import { Keyboard, Monitor, Moon, Search, Sun } from "lucide-react";
import { useRouter } from "next/navigation";
import { useMemo, useRef, useState } from "react";
import type { KeyboardEvent } from "react";
import { cx } from "#components/ui/class-names.ts";
import { BACKDROP, WINDOW } from "#components/ui/window-class.ts";
import { Keys } from "#components/ui/keys.tsx";
import { findCommands, markTyped } from "./command.ts";
import type { Command } from "./command.ts";
import { useCommandKey } from "./palette-button.tsx";
import { useShell } from "./shell-context.tsx";

/** Go anywhere, do anything, by typing. Places first, then deeds, then what the page adds. */
export default function Palette({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState("");
  const change = (next: boolean) => {
    if (!next) setTyped("");
    onOpenChange(next);
  };
  return (
    <Dialog.Root open={open} onOpenChange={change}>
      <Dialog.Portal>
        <Dialog.Backdrop className={BACKDROP} />
        <Dialog.Popup initialFocus={input} aria-label="Go to or do anything" className={cx(WINDOW, "top-[min(96px,10dvh)] left-1/2 max-h-[min(560px,calc(100dvh-112px))] w-[min(680px,calc(100vw-16px))] -translate-x-1/2 overflow-hidden rounded-window max-thumb:top-2")}>
          <Lines typed={typed} onType={setTyped} input={input} close={() => change(false)} />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Lines({ typed, onType, input, close }: { typed: string; onType: (typed: string) => void; input: React.RefObject<HTMLInputElement | null>; close: () => void }) {
  const router = useRouter();
  const commandKey = useCommandKey();
  const all = useAllCommands();
  const found = useMemo(() => findCommands(all, typed), [all, typed]);
  const groups = useMemo(() => [...Map.groupBy(found, (command) => command.group)], [found]);
  const first = found[0]?.id ?? "";
  const [at, setAt] = useState(first);
  const chosen = found.some((command) => command.id === at) ? at : first;

  const take = (command: Command, elsewhere: boolean) => {
    close();
    if ("run" in command) return command.run();
    if (elsewhere) window.open(command.href, "_blank", "noopener");
    else router.push(command.href);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    const command = found.find((one) => one.id === chosen);
    if (!command) return;
    event.preventDefault();
    take(command, true);
  };
  return (
    <Cmdk label="Go to or do anything" shouldFilter={false} loop value={chosen} onValueChange={setAt} onKeyDown={onKeyDown} className="flex min-h-0 flex-col">
      <div className="flex h-[52px] shrink-0 items-center gap-2.5 border-b border-line px-4">
        <Search className="size-4 text-text-3" strokeWidth={1.5} aria-hidden />
        <Cmdk.Input
          ref={input}
          value={typed}
          onValueChange={(next) => {
            onType(next);
            setAt("");
          }}
          placeholder="Go to or do anything"
          className="h-full min-w-0 flex-1 bg-transparent text-16 outline-none placeholder:text-text-3"
        />
        <button type="button" onClick={close} className="rounded-in">
          <span className="sr-only">Close</span>
          <Keys of="Esc" />
        </button>
      </div>
      <Cmdk.List className="min-h-0 overflow-y-auto overscroll-contain scroll-py-2 px-2 pt-1.5 pb-2">
        <Cmdk.Empty className="px-2.5 py-8 text-center text-text-2">
          Nothing here is called “<bdi>{typed.trim()}</bdi>”. Try fewer letters.
        </Cmdk.Empty>
        {groups.map(([group, commands]) => (
          <Cmdk.Group key={group} heading={group} className="[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-2.5 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-12 [&_[cmdk-group-heading]]:text-text-3">
            {commands.map((command) => (
              <Cmdk.Item
                key={command.id}
                value={command.id}
                onSelect={() => take(command, false)}
                className={cx(
                  "grid min-h-[38px] cursor-default grid-cols-[26px_minmax(0,1fr)_auto] items-center gap-3 rounded-box px-2.5 data-[selected=true]:bg-accent-soft max-thumb:min-h-11 [&>svg]:mx-auto [&>svg]:size-4 [&>svg]:stroke-[1.5] [&>svg]:text-text-2",
                  command.danger && "text-danger-text [&>svg]:text-danger-text",
                )}
              >
                {command.icon ?? <span />}
                <span className="truncate">
                  {markTyped(command.label, typed).map((piece, index) =>
                    piece.hit ? (
                      // A piece is its place in the label.
                      // eslint-disable-next-line react/no-array-index-key
                      <mark key={index} className="bg-transparent font-semibold text-inherit">
                        {piece.text}
                      </mark>
                    ) : (
                      piece.text
                    ),
                  )}
                  {command.detail ? <span className="ml-2 text-12 text-text-3">{command.detail}</span> : null}
                </span>
                {command.id === chosen && !command.keys ? <Keys of="↵" className="max-thumb:hidden" /> : command.keys ? <Keys of={command.keys} className="max-thumb:hidden" /> : <span />}
              </Cmdk.Item>
            ))}
          </Cmdk.Group>
        ))}
      </Cmdk.List>
      <div aria-hidden className="flex h-10 shrink-0 items-center gap-4 border-t border-line bg-sunken px-4 text-12 text-text-2 max-thumb:hidden [&>span]:inline-flex [&>span]:items-center [&>span]:gap-1.5">
        <span>
          <Keys of={["↑", "↓"]} /> choose
        </span>
        <span>
          <Keys of="↵" /> go
        </span>
        <span>
          <Keys of={[commandKey, "↵"]} /> in a new tab
        </span>
        <span className="ml-auto">
          <Keys of=">" /> only actions
        </span>
      </div>
    </Cmdk>
  );
}

function useAllCommands(): readonly Command[] {
  const { navigation, commands, theme, setTheme, singleKeys, setSingleKeys, openKeys } = useShell();
  return useMemo(() => {
    const places = navigation.map<Command>((item) => ({
      id: `go ${item.href}`,
      group: "Go to",
      label: item.label,
      icon: item.icon,
      href: item.href,
      ...(item.key && singleKeys ? { keys: ["G", item.key.toUpperCase()] } : {}),
    }));
    const look = ([["light", "Light theme", Sun], ["dark", "Dark theme", Moon], ["system", "Theme of this device", Monitor]] as const)
      .filter(([value]) => value !== theme)
      .map<Command>(([value, label, Icon]) => ({ id: `theme ${value}`, group: "Do", label, icon: <Icon aria-hidden />, words: ["theme", "appearance", "colour", "mode"], run: () => setTheme(value) }));
    const keys: Command[] = [
      { id: "keys list", group: "Do", label: "Show all keys", icon: <Keyboard aria-hidden />, words: ["shortcuts", "help", "keyboard"], run: openKeys, ...(singleKeys ? { keys: ["?"] } : {}) },
      {
        id: "keys switch",
        group: "Do",
        label: singleKeys ? "Switch single-letter keys off" : "Switch single-letter keys on",
        icon: <Keyboard aria-hidden />,
        words: ["shortcuts", "keyboard"],
        run: () => setSingleKeys(!singleKeys),
      },
    ];
    return [...places, ...commands, ...look, ...keys];
  }, [navigation, commands, theme, setTheme, singleKeys, setSingleKeys, openKeys]);
}
