"use client";
import { Dialog } from "@base-ui/react/dialog";
import { Command as Cmdk } from "cmdk";
import { Building2, Grid3x3, Keyboard, Monitor, Moon, ScrollText, Search, Sun, UserRound, UserRoundX } from "lucide-react";
import { useRouter } from "next/navigation";
import { useMemo, useRef, useState } from "react";
import type { KeyboardEvent, ReactNode } from "react";
import { cx } from "#components/ui/class-names.ts";
import { BACKDROP, WINDOW } from "#components/ui/window-class.ts";
import { Keys } from "#components/ui/keys.tsx";
import { findCommands, isDeed, markTyped, onlyDeeds } from "./command.ts";
import type { Command } from "./command.ts";
import { kindsInWords, moreWords, nameCommands } from "./found-names.ts";
import { useCommandKey } from "./palette-button.tsx";
import { useShell } from "./shell-context.tsx";
import { useNames, type Names } from "./use-names.ts";

/** Go anywhere, do anything, by typing. Places first, then deeds, then what the page adds, then other pages; clients and technicians by name, from the server, last. */
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
  const { names: finds } = useShell();
  const kinds = kindsInWords(finds);
  const names = useNames(typed, kinds !== "");
  // What the page knows stands first and stays there: a line must not slip away under Enter when names arrive.
  const found = useMemo(() => {
    const named = names.found ? nameCommands(names.found).filter((command) => !onlyDeeds(typed) || isDeed(command)) : [];
    return [...findCommands(all, typed), ...named.map((command) => ({ ...command, icon: ICONS[command.group] }))];
  }, [all, typed, names.found]);
  const groups = useMemo(() => [...Map.groupBy(found, (command) => command.group)], [found]);
  const ids = [...found.map(({ id }) => id), ...(names.state === "failed" ? [AGAIN] : [])];
  const [at, setAt] = useState(ids[0] ?? "");
  const chosen = ids.includes(at) ? at : (ids[0] ?? "");

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
        {found.length === 0 && names.state !== "asking" && names.state !== "failed" ? (
          <p className="px-2.5 py-8 text-center text-text-2">
            Nothing here is called “<bdi>{typed.trim()}</bdi>”. Try fewer letters.
          </p>
        ) : null}
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
                <span className="flex min-w-0 items-baseline gap-2">
                  <bdi className="min-w-0 truncate">{markTyped(command.label, typed).map((piece, index) =>
                    piece.hit ? (
                      // A piece is its place in the label.
                      // eslint-disable-next-line react/no-array-index-key
                      <mark key={index} className="bg-transparent font-semibold text-inherit">
                        {piece.text}
                      </mark>
                    ) : (
                      piece.text
                    ),
                  )}</bdi>
                  {command.detail ? <bdi className={cx("truncate text-12 text-text-3", command.group === "Clients" || command.group === "Technicians" ? "max-w-1/2 shrink-0" : "min-w-0 flex-1")}>{command.detail}</bdi> : null}
                </span>
                {command.id === chosen && !command.keys ? <Keys of="↵" className="max-thumb:hidden" /> : command.keys ? <Keys of={command.keys} className="max-thumb:hidden" /> : <span />}
              </Cmdk.Item>
            ))}
          </Cmdk.Group>
        ))}
        {names.state === "asking" ? <p className="px-2.5 py-2 text-12 text-text-3">Looking among {kinds}…</p> : null}
        {names.found && names.state === "found" && moreWords(names.found) ? <p className="px-2.5 py-2 text-12 text-text-3">{moreWords(names.found)}</p> : null}
        {names.state === "failed" ? (
          <Cmdk.Group heading="Names">
            <Cmdk.Item value={AGAIN} onSelect={names.again} className="flex min-h-[38px] cursor-default items-center gap-3 rounded-box px-2.5 text-attention-text data-[selected=true]:bg-accent-soft max-thumb:min-h-11">
              Names of {kinds} could not be looked up. {names.why} Look again
            </Cmdk.Item>
          </Cmdk.Group>
        ) : null}
      </Cmdk.List>
      <p role="status" className="sr-only">{spoken(typed, found.length, names, kinds)}</p>
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

const AGAIN = "names again";
const ICONS: Readonly<Record<string, ReactNode>> = { Clients: <Building2 aria-hidden />, Technicians: <UserRound aria-hidden />, Do: <UserRoundX aria-hidden />, "In the matrix": <Grid3x3 aria-hidden />, Audit: <ScrollText aria-hidden /> };

/** What a screen reader hears once all there is stands there; nothing while letters are still typed. */
function spoken(typed: string, count: number, { state, found, why }: Names, kinds: string): string {
  if (typed.trim() === "" || state === "asking") return "";
  const results = count === 0 ? "Nothing found." : count === 1 ? "1 result." : `${count} results.`;
  return state === "failed" ? `${results} Names of ${kinds} could not be looked up. ${why}` : `${results} ${found ? moreWords(found) : ""}`.trim();
}

function useAllCommands(): readonly Command[] {
  const { navigation, pages, commands, theme, setTheme, singleKeys, setSingleKeys, openKeys } = useShell();
  return useMemo(() => {
    const places = navigation.map<Command>((item) => ({
      id: `go ${item.href}`,
      group: "Go to",
      label: item.label,
      icon: item.icon,
      href: item.href,
      ...(item.key && singleKeys ? { keys: ["G", item.key.toUpperCase()] } : {}),
    }));
    const besides = pages.map<Command>(({ href, label, under, words }) => ({ id: `go ${href}`, group: "More pages", label, detail: under, icon: navigation.find((item) => item.label === under)?.icon, ...(words && { words }), href }));
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
    return [...places, ...commands, ...look, ...keys, ...besides];
  }, [navigation, pages, commands, theme, setTheme, singleKeys, setSingleKeys, openKeys]);
}
