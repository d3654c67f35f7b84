"use client";
import { Link2 } from "lucide-react";
import { useState } from "react";
import type { Action } from "#components/identity/step-up.ts";
import { ownFailure } from "#components/identity/words.ts";
import { Button } from "#components/ui/button.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import { Field } from "#components/ui/field.tsx";
import { Form } from "#components/ui/form.tsx";
import { Input } from "#components/ui/input.tsx";
import { Name } from "#components/ui/name.tsx";
import { Note } from "#components/ui/note.tsx";
import { Select } from "#components/ui/select.tsx";
import { Table, type Column } from "#components/ui/table.tsx";
import { calendarDate } from "#components/ui/time-text.ts";
import { RelativeTime } from "#components/ui/time.tsx";
import { toast } from "#components/ui/toast.tsx";
import type { GlassLinkLine } from "#lib/glass/links.ts";

const DAYS = [{ value: "30", label: "30 days" }, { value: "90", label: "90 days" }, { value: "365", label: "a year" }] as const;
export type LinkActions = { make: Action<{ id: string; link: string }>; revoke: Action<{ id: string }> };

/** Who holds a link to the client's own page. Without `actions` the list is only read. `formKey` is drawn with the page. */
export function GlassLinks({ clientId, links, suggested, formKey, actions }: { clientId: string; links: readonly GlassLinkLine[]; suggested: string; formKey: string; actions: LinkActions | null }) {
  const [shown, setShown] = useState<{ what: "make" } | { what: "revoke"; link: GlassLinkLine } | null>(null);
  const [open, setOpen] = useState(false);
  const [made, setMade] = useState<string | null>(null);
  const ask = (next: NonNullable<typeof shown>) => {
    setMade(null);
    setShown(next);
    setOpen(true);
  };
  const close = () => setOpen(false);
  const revoking = shown?.what === "revoke" ? shown.link : null;
  const columns: Column<GlassLinkLine>[] = [
    { id: "label", header: "For", width: "40%", value: (row) => row.label, cell: (row) => <span className="font-medium"><Name>{row.label}</Name></span> },
    { id: "by", header: "Made by", hideBelow: "thumb", cell: (row) => <span className="text-text-2"><bdi>{row.by}</bdi>, <RelativeTime at={row.createdAt} /></span> },
    { id: "until", header: "Until", value: (row) => row.expiresAt, cell: (row) => <span className="whitespace-nowrap">{calendarDate(row.expiresAt)}</span> },
    { id: "opened", header: "Last opened", value: (row) => row.openedAt, hideBelow: "thumb", cell: (row) => (row.openedAt === null ? <span className="text-text-3">never</span> : <RelativeTime at={row.openedAt} className="text-text-2" />) },
    { id: "act", header: "Do", silent: true, align: "end", cell: (row) => (actions ? <Button size="small" tone="danger" onClick={() => ask({ what: "revoke", link: row })} aria-label={`Take back the link for ${row.label}`}>Take back</Button> : null) },
  ];
  return (
    <section aria-labelledby="links-title" className="border-b border-line">
      <div className="flex flex-wrap items-start gap-3 px-gutter pt-5 pb-3">
        <div className="min-w-0 flex-1 basis-64">
          <h2 id="links-title">{links.length === 0 ? "They cannot see their page yet" : links.length === 1 ? "1 link is open" : `${links.length} links are open`}</h2>
          <p className="mt-0.5 max-w-[70ch] text-pretty text-text-2">{links.length === 0 ? (actions ? "Make a link and hand it to their admin: without an account it shows the page below, signed by their own vault, and nothing else." : "An owner of your organisation makes links and hands them to the client.") : "Whoever holds a link sees the page below without an account, and nothing else. That it was opened is noted once an hour."}</p>
        </div>
        {actions ? <Button tone="ink" icon={<Link2 aria-hidden />} onClick={() => ask({ what: "make" })}>Make a link</Button> : null}
      </div>
      {links.length === 0 ? null : <Table label="Open links" columns={columns} rows={links} rowId={(row) => row.id} loading={false} error={null} empty={null} />}
      {actions ? (
        <>
          <Dialog open={open && shown?.what === "make"} onOpenChange={close} title={made ? "Hand this link over" : "Make a link to their page"} description={made ? "It is shown only now: of its secret nothing is kept here." : "One for each person, so that one can be taken back without the others."} footer={made ? <Button tone="ink" onClick={close}>Done</Button> : undefined}>
            {made ? (
              <MadeLink link={made} />
            ) : (
              <Form<{ id: string; link: string }> action={actions.make} submit="Make the link" pending="Making" error={ownFailure("no_answer")} disabledReason={null} onDone={({ link }) => setMade(link)} aside={<Button onClick={close}>Not now</Button>} className="pb-2">
                <input type="hidden" name="clientId" value={clientId} />
                <input type="hidden" name="key" value={formKey} />
                <Field name="label" label="For whom"><Input defaultValue={suggested} autoComplete="off" dir="auto" maxLength={120} /></Field>
                <Field name="days" label="Open for"><Select choices={DAYS} defaultValue="90" /></Field>
              </Form>
            )}
          </Dialog>
          <Dialog open={open && revoking !== null} onOpenChange={close} title={revoking ? `Take back the link for ${revoking.label}?` : ""} description="It opens nothing from that moment. Who can open their vault does not change by that.">
            {revoking ? (
              <Form action={actions.revoke} submit="Take it back" pending="Taking back" tone="danger" error={ownFailure("no_answer")} disabledReason={null} onDone={() => { close(); toast({ state: "proven", words: "The link opens nothing now" }); }} aside={<Button onClick={close}>Leave it open</Button>} className="pb-2">
                <input type="hidden" name="id" value={revoking.id} />
              </Form>
            ) : null}
          </Dialog>
        </>
      ) : null}
    </section>
  );
}

function MadeLink({ link }: { link: string }) {
  const [copied, setCopied] = useState<"rest" | "copied" | "refused">("rest");
  const copy = () => {
    navigator.clipboard.writeText(link).then(() => setCopied("copied"), () => setCopied("refused"));
  };
  return (
    <div className="grid gap-3">
      <Field name="link" label="Link to their page"><Input mono readOnly value={link} onFocus={(event) => event.currentTarget.select()} /></Field>
      <div className="flex items-center gap-3">
        <Button onClick={copy}>Copy the link</Button>
        <output className="text-12 text-text-2">{copied === "copied" ? "Copied" : copied === "refused" ? "The browser refused; select the link and copy it" : ""}</output>
      </div>
      <Note>Whoever holds it sees who of you can reach this client. It changes nothing, and shows no other client.</Note>
    </div>
  );
}
