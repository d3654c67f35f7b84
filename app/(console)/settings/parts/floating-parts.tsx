"use client";
import { Clock, Copy, Eye, KeyRound, Minus, Plus } from "lucide-react";
import { useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { Dialog, Drawer } from "#components/ui/dialog.tsx";
import { KeyValues } from "#components/ui/key-values.tsx";
import { Keys } from "#components/ui/keys.tsx";
import { Menu } from "#components/ui/menu.tsx";
import { Banner, Note } from "#components/ui/note.tsx";
import { Popover } from "#components/ui/popover.tsx";
import { toast } from "#components/ui/toast.tsx";
import { TypedConfirmation } from "#components/ui/typed-confirmation.tsx";

type Window = "dialog" | "drawer" | "typed" | null;

const done = (words: string) => () => toast({ state: "staged", words, action: { label: "Undo", run: () => undefined } });

export function FloatingParts() {
  const [open, setOpen] = useState<Window>(null);
  const change = (next: boolean) => setOpen(next ? open : null);
  return (
    <div className="grid gap-4">
      <div className="flex flex-wrap gap-2">
        <Menu
          align="start"
          trigger={<Button>Give a role</Button>}
          entries={[
            { kind: "deed", label: "Networking", icon: <Plus aria-hidden />, keys: "1", run: done("Networking staged") },
            { kind: "deed", label: "Full access", icon: <Eye aria-hidden />, keys: "F", run: done("Full access staged") },
            { kind: "deed", label: "End date…", icon: <Clock aria-hidden />, keys: "E", run: done("End date staged") },
            { kind: "deed", label: "Copy the pattern", icon: <Copy aria-hidden />, keys: "C", run: () => undefined, disabledReason: "Select a cell first." },
            { kind: "line" },
            { kind: "deed", label: "Revoke", icon: <Minus aria-hidden />, keys: "⌫", danger: true, run: done("A removal staged") },
          ]}
        />
        <Popover trigger={<Button>What is a lock?</Button>} title="Price for life">
          The price of the first charge holds as long as the subscription lives.
        </Popover>
        <Button onClick={() => setOpen("dialog")}>A question…</Button>
        <Button onClick={() => setOpen("drawer")}>A panel…</Button>
        <Button tone="danger" onClick={() => setOpen("typed")}>
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
    </div>
  );
}
