"use client";
import { Clock, Copy, Eye, KeyRound, Minus, Plus } from "lucide-react";
import dynamic from "next/dynamic";
import { useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { KeyValues } from "#components/ui/key-values.tsx";
import { Keys } from "#components/ui/keys.tsx";
import { Menu, MenuItem, MenuSeparator } from "#components/ui/menu.tsx";
import { Banner, Note } from "#components/ui/note.tsx";
import { toast } from "#components/ui/toast.tsx";

const Dialog = dynamic(async () => (await import("#components/ui/dialog.tsx")).Dialog);
const Drawer = dynamic(async () => (await import("#components/ui/dialog.tsx")).Drawer);
const TypedConfirmation = dynamic(async () => (await import("#components/ui/typed-confirmation.tsx")).TypedConfirmation);
const Popover = dynamic(async () => (await import("#components/ui/popover.tsx")).Popover);

type Window = "dialog" | "drawer" | "typed" | null;

const done = (words: string) => () => toast({ state: "staged", words, action: { label: "Undo", run: () => undefined } });

export function FloatingParts() {
  const [open, setOpen] = useState<Window>(null);
  const [asked, setAsked] = useState<ReadonlySet<Window>>(new Set());
  const show = (what: Window) => {
    setAsked(new Set([...asked, what]));
    setOpen(what);
  };
  const change = (next: boolean) => setOpen(next ? open : null);
  return (
    <div className="grid gap-4">
      <div className="flex flex-wrap gap-2">
        <Menu align="start" trigger={<Button>Give a role</Button>}>
          <MenuItem icon={<Plus aria-hidden />} keys="1" onSelect={done("Networking staged")}>
            Networking
          </MenuItem>
          <MenuItem icon={<Eye aria-hidden />} keys="F" onSelect={done("Full access staged")}>
            Full access
          </MenuItem>
          <MenuItem icon={<Clock aria-hidden />} keys="E" onSelect={done("End date staged")}>
            End date…
          </MenuItem>
          <MenuItem icon={<Copy aria-hidden />} keys="C" disabledReason="Select a cell first." onSelect={() => undefined}>
            Copy the pattern
          </MenuItem>
          <MenuSeparator />
          <MenuItem icon={<Minus aria-hidden />} keys="⌫" danger onSelect={done("A removal staged")}>
            Revoke
          </MenuItem>
        </Menu>
        <Popover trigger={<Button>What is a lock?</Button>} title="Price for life">
          The price of the first charge holds as long as the subscription lives.
        </Popover>
        <Button onClick={() => show("dialog")}>A question…</Button>
        <Button onClick={() => show("drawer")}>A panel…</Button>
        <Button tone="danger" onClick={() => show("typed")}>
          Remove a person…
        </Button>
      </div>
      <div className="flex flex-wrap gap-2">
        <Button size="small" onClick={() => toast({ state: "staged", words: "7 grants staged for Jim", action: { label: "Undo", run: () => undefined } })}>
          Staged
        </Button>
        <Button size="small" onClick={() => toast({ state: "proven", words: "Proven in 44 of 44 vaults" })}>
          Proven
        </Button>
        <Button size="small" onClick={() => toast({ state: "moving", words: "Kingsferry waits for its primary" })}>
          Moving
        </Button>
        <Button size="small" onClick={() => toast({ state: "refused", words: "Redcastle refused: it moved meanwhile", action: { label: "Retry 1", run: () => undefined } })}>
          Refused
        </Button>
      </div>
      <Note state="attention" title="Harbour Street changed it.">
        Their admin removed Tomás. Accept, or put him back.
      </Note>
      <Note state="none" title="No hardware key at hand?">
        This computer or your phone can hold one.
      </Note>
      <div className="overflow-hidden rounded-box border border-line">
        <Banner state="refused" title="Changes are stopped.">
          The record cannot be written.
        </Banner>
      </div>
      {asked.has("dialog") ? (
        <Dialog
          open={open === "dialog"}
          onOpenChange={change}
          title="Send the invitation again?"
          description="The first link stops working. It was not opened yet."
          footer={
            <>
              <Button size="large" onClick={() => setOpen(null)} keys={<Keys of="Esc" on="fill" />}>
                Leave it
              </Button>
              <Button size="large" tone="ink" onClick={() => setOpen(null)}>
                Send it again
              </Button>
            </>
          }
        />
      ) : null}
      {asked.has("drawer") ? (
        <Drawer open={open === "drawer"} onOpenChange={change} title="Municipal Waterworks Cooperative of the Lower Wexcombe Valley" description="Team 100, renews in 61 d">
          <KeyValues
            lined
            of={[
              { key: "tokens", label: "Tokens", value: "52 of 101" },
              { key: "people", label: "People with access", value: "10" },
              { key: "seen", label: "Read back", value: "14:01:48" },
            ]}
          />
        </Drawer>
      ) : null}
      {asked.has("typed") ? (
        <TypedConfirmation
          open={open === "typed"}
          onOpenChange={change}
          title="Remove John Meier from 37 vaults?"
          name="John Meier"
          keep="Keep him"
          confirm="Sign the removal"
          icon={<KeyRound aria-hidden />}
          tone="sign"
          pending={null}
          onConfirm={() => {
            setOpen(null);
            toast({ state: "moving", words: "37 removals are on their way" });
          }}
        >
          He loses every token at once. Nobody else is touched. A board stays open until each vault was read again.
        </TypedConfirmation>
      ) : null}
    </div>
  );
}
