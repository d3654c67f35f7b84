"use client";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { Fragment, lazy, Suspense, useState } from "react";
import { NO_ANSWER } from "#components/request/no-answer.ts";
import type { OwnPasskey } from "#components/inbox/ceremony.ts";
import { Fingerprint } from "#components/inbox/fingerprint.tsx";
import type { Action } from "#components/inbox/words.ts";
import { useDeed, type Deed } from "#components/plan/use-deed.ts";
import { RefreshWhile } from "#components/shell/refresh-while.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { Box } from "#components/ui/box.tsx";
import { Button } from "#components/ui/button.tsx";
import { buttonClass } from "#components/ui/button-class.ts";
import { Dialog } from "#components/ui/dialog.tsx";
import { Field } from "#components/ui/field.tsx";
import { Form } from "#components/ui/form.tsx";
import type { State } from "#components/ui/glyph.tsx";
import { Input } from "#components/ui/input.tsx";
import { Name } from "#components/ui/name.tsx";
import { Note } from "#components/ui/note.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { Empty, Failure } from "#components/ui/states.tsx";
import { Table, type Column } from "#components/ui/table.tsx";
import { RelativeTime } from "#components/ui/time.tsx";
import type { SetupForm } from "#lib/breakglass/setup.ts";
import type { GlassKey, GlassRow, GlassView, OpeningLine } from "#lib/breakglass/view.ts";
import { glassWords, openingWords } from "#lib/breakglass/words.ts";
import type { OwnKey } from "./ceremony.ts";
import type { OpeningActions } from "./opening-card.tsx";

// What makes, opens and splits keys is fetched when something is to be made or opened.
const OpeningCard = lazy(async () => ({ default: (await import("./opening-card.tsx")).OpeningCard }));
const SetupDialog = lazy(async () => ({ default: (await import("./setup-dialog.tsx")).SetupDialog }));

export type GlassActions = OpeningActions & { ask: Deed<{ id: string }>; setUp: Action<{ id: string; fingerprint: string }>; plan: Deed<{ planId: string; leftOut: number }> };
type Props = { view: GlassView; self: string; owner: boolean; own: OwnKey | null; passkeys: readonly OwnPasskey[]; setup: SetupForm | null; actions: GlassActions };

/** The way in when nobody else is there: who keeps it, which clients have it, what was opened, and whether it still works. */
export function GlassPage({ view, self, owner, own, passkeys, setup, actions }: Props) {
  const router = useRouter();
  const [making, setMaking] = useState(false);
  const [asked, setAsked] = useState<{ row: GlassRow; drill: boolean } | null>(null);
  const [shownAsk, setShownAsk] = useState(false);
  const plan = useDeed(actions.plan, ({ planId }) => router.push(`/plans/${planId}`));
  const { key, rows, openings, custodian } = view;
  const open = openings.filter(({ state }) => state !== "over");
  const over = openings.filter(({ state }) => state === "over");
  const moving = rows.some(({ state }) => state === "underway");
  const alarms = rows.filter(({ alarmAt }) => alarmAt !== null);
  const missing = rows.filter(({ state }) => state === "none").length;
  const rotate = rows.filter(({ state }) => state === "rotate" || state === "former").length;
  const ask = (row: GlassRow, drill: boolean) => { setAsked({ row, drill }); setShownAsk(true); };
  const columns: Column<GlassRow>[] = [
    { id: "client", header: "Client", width: "34%", cell: (row) => <Link href={`/clients/${row.clientId}`} className="font-medium hover:underline"><Name>{row.client}</Name></Link>, value: (row) => row.client },
    { id: "state", header: "State", width: "210px", cell: (row) => <Badge state={glassWords(row).state}>{glassWords(row).words}</Badge>, value: (row) => glassWords(row).words },
    { id: "sealed", header: "Sealed", align: "end", width: "110px", cell: (row) => (row.sealedAt === null ? null : <RelativeTime at={row.sealedAt} className="text-text-2" />), value: (row) => row.sealedAt, hideBelow: "rail" },
    { id: "until", header: "Until", align: "end", width: "110px", cell: (row) => (row.handOverId === null ? null : row.until === null ? <span className="text-text-3">no end</span> : <RelativeTime at={row.until} className="text-text-2" />), value: (row) => row.until, hideBelow: "rail" },
    { id: "used", header: "Last used", align: "end", width: "110px", cell: (row) => (row.usedAt === null ? (row.sealedAt === null ? null : <span className="text-text-3">never</span>) : <RelativeTime at={row.usedAt} className={row.alarmAt === null ? "text-text-2" : "text-danger-text"} />), value: (row) => row.usedAt, hideBelow: "thumb" },
    { id: "tried", header: "Last tried", align: "end", width: "120px", cell: (row) => (row.handOverId === null ? null : <span className={row.drillDue ? "text-attention-text" : "text-text-2"}>{row.triedAt === null ? "never" : <RelativeTime at={row.triedAt} />}</span>), value: (row) => row.triedAt, hideBelow: "thumb" },
    { id: "act", header: "Do", silent: true, align: "end", width: "150px", cell: (row) => (custodian && (row.state === "sealed" || row.state === "rotate") ? <span className="flex justify-end gap-1.5"><Button size="small" onClick={() => ask(row, true)} aria-label={`Try it: ${row.client}`}>Try it…</Button><Button size="small" tone="danger" onClick={() => ask(row, false)} aria-label={`Open: ${row.client}`}>Open…</Button></span> : null) },
  ];
  return (
    <>
      <RefreshWhile active={open.length > 0 || moving} everyMs={3_000} />
      {alarms.length > 0 ? (
        <Note state="refused" className="mx-gutter mt-4" title={alarms.length === 1 ? "A break-glass token was used, and nobody had opened it." : `${alarms.length.toLocaleString("en")} break-glass tokens were used, and nobody had opened them.`}>
          {alarms.slice(0, 5).map((row, at) => <Fragment key={row.vaultRef}>{at === 0 ? null : ", "}<bdi>{row.client}</bdi> <RelativeTime at={row.alarmAt!} /></Fragment>)}{alarms.length > 5 ? `, and ${alarms.length - 5} more` : ""}. Somebody has the token who should not: rotate it now, and call the client.
        </Note>
      ) : null}
      <div className="grid grid-cols-2 items-start gap-4 px-gutter py-5 max-rail:grid-cols-1">
        <KeyBox glassKey={key} owner={owner} make={setup ? () => setMaking(true) : null} />
        <Box title="Every client" why="One sealed row with full access in each vault. The manager of this console can read none of them.">
          <p>{rows.length === 0 ? (key === null ? "First the key." : "No client is connected yet, or you keep no share.") : `${rows.filter(({ state }) => state === "sealed").length} of ${rows.length} clients have a sealed token.`}</p>
          <p className="mt-1 text-text-2">{view.lastDrillAt === null ? "It was never tried." : <>Last tried <RelativeTime at={view.lastDrillAt} />.</>} A try is due every {view.drillDays} days; it opens the sealed token and shows it to nobody.</p>
          {owner && key?.state === "endorsed" && missing + rotate > 0 ? (
            <div className="mt-3">
              <Button tone="ink" pending={plan.busy ? "Making the plan" : null} onClick={() => plan.run({})}>{missing > 0 && rotate > 0 ? `Plan ${missing} new and ${rotate} to rotate` : missing > 0 ? `Plan it for ${missing === 1 ? "1 client" : `${missing} clients`}` : `Plan the rotation of ${rotate === 1 ? "1 client" : `${rotate} clients`}`}</Button>
            </div>
          ) : null}
          {plan.failed ? <Failure as="h3" failure={plan.failed} className="mt-2 -ml-5" /> : null}
        </Box>
      </div>
      {open.length > 0 ? (
        <section aria-labelledby="open-title">
          <h2 id="open-title" className="px-gutter pb-1">Being opened</h2>
          <ul className="border-t border-line"><Suspense fallback={<li><Skeleton className="m-5 h-24" /></li>}>{open.map((line) => <OpeningCard key={line.id} line={line} self={self} custodian={custodian} owner={owner} own={own} passkeys={passkeys} actions={actions} />)}</Suspense></ul>
        </section>
      ) : null}
      {rows.length > 0 ? (
        <section aria-labelledby="rows-title" className="pt-4">
          <h2 id="rows-title" className="px-gutter pb-1">Clients</h2>
          <Table label="Break-glass by client" columns={columns} rows={rows} rowId={({ vaultRef }) => vaultRef} loading={false} error={null} empty={<Empty title="No client is connected">Connect one first.</Empty>} />
        </section>
      ) : null}
      {over.length > 0 ? <History lines={over} /> : null}
      {setup && making ? <Suspense><SetupDialog close={() => setMaking(false)} form={setup} self={self} setUp={actions.setUp} again={key !== null} /></Suspense> : null}
      <Dialog open={shownAsk} onOpenChange={setShownAsk} title={asked === null ? "" : asked.drill ? `Try the break-glass of ${asked.row.client}` : `Open the break-glass of ${asked.row.client}`} description={asked?.drill ? "A second custodian releases their share, and your browser opens the sealed token without showing it. Owners are told." : "It reads everything there. Owners and custodians are mailed now, the client when it is opened; then its token is rotated."}>
        {asked === null ? null : (
          <Form action={actions.ask} submit={asked.drill ? "Ask for a try" : "Ask to open it"} tone={asked.drill ? "ink" : "danger"} pending="Telling everybody" error={NO_ANSWER} disabledReason={null} aside={<Button onClick={() => setShownAsk(false)}>Leave it closed</Button>} className="pb-2" onDone={() => { setShownAsk(false); router.refresh(); }}>
            <input type="hidden" name="vaultRef" value={asked.row.vaultRef} />
            <input type="hidden" name="drill" value={asked.drill ? "yes" : "no"} />
            <Field name="reason" label="Why"><Input autoComplete="off" dir="auto" maxLength={120} defaultValue={asked.drill ? "Drill" : ""} /></Field>
          </Form>
        )}
      </Dialog>
    </>
  );
}

const KEY: Record<GlassKey["state"], { state: State; words: string }> = { waits: { state: "attention", words: "Waits for a signer" }, endorsed: { state: "proven", words: "Endorsed" }, differs: { state: "refused", words: "Read differently" }, over: { state: "refused", words: "Past its end" } };

function KeyBox({ glassKey, owner, make }: { glassKey: GlassKey | null; owner: boolean; make: (() => void) | null }) {
  if (glassKey === null) {
    return (
      <Box title="The key" why="Nobody holds it whole: it is kept in shares, and any two of its custodians open it together.">
        <p className="text-text-2">It has not been made yet. Without it, a client whose signers are all away stays closed until their own admin helps.</p>
        {make ? <Button tone="ink" className="mt-3" onClick={make}>Make the key…</Button> : null}
      </Box>
    );
  }
  const stale = glassKey.custodians.filter((one) => one.stale);
  const able = glassKey.custodians.length - stale.length;
  return (
    <Box title="The key" why="Nobody holds it whole: any two of its custodians open it together." aside={<Badge state={KEY[glassKey.state].state}>{KEY[glassKey.state].words}</Badge>}>
      <Fingerprint letters={glassKey.fingerprint} />
      <p className="mt-1 text-12 text-text-3">Made <RelativeTime at={glassKey.madeAt} /> by <bdi>{glassKey.madeBy}</bdi>{glassKey.endorsedBy === null ? "" : <>, endorsed by <bdi>{glassKey.endorsedBy}</bdi></>}; counts until {new Date(glassKey.notAfter).toISOString().slice(0, 10)}.</p>
      <ul aria-label="Custodians" className="mt-3 grid gap-1">
        {glassKey.custodians.map(({ id, name, triedAt, stale: gone, self }) => (
          <li key={id} className="flex flex-wrap items-center justify-between gap-x-3">
            <span><bdi>{name}</bdi>{self ? <span className="text-text-3"> (you)</span> : null}</span>
            {gone ? <Badge state="attention">Their inbox key changed</Badge> : <span className="text-12 text-text-3">{triedAt === null ? "share never tried" : <>share tried <RelativeTime at={triedAt} /></>}</span>}
          </li>
        ))}
      </ul>
      {able < 2 ? <Note state="refused" className="mt-3" title="It cannot be opened any more.">Fewer than two custodians hold a share that they can open. Make a new key.</Note> : stale.length > 0 ? <Note state="attention" className="mt-3" title={stale.length === 1 ? "One share is lost." : `${stale.length} shares are lost.`}>Who made a new inbox key, or was frozen, can open theirs no more. Make a new key before another is lost.</Note> : null}
      {glassKey.state === "waits" && owner ? <p className="mt-3"><Link className={buttonClass({})} href="/settings/endorse">Endorse it</Link></p> : null}
      {make && glassKey.state !== "waits" ? <Button className="mt-3" onClick={make}>Make a new key…</Button> : null}
    </Box>
  );
}

function History({ lines }: { lines: readonly OpeningLine[] }) {
  const columns: Column<OpeningLine>[] = [
    { id: "client", header: "Client", width: "22%", cell: (line) => <Name>{line.client}</Name>, value: (line) => line.client },
    { id: "what", header: "What", width: "190px", cell: (line) => (line.openedAt === null ? <span className="text-text-3">{openingWords(line).words}</span> : <Badge state={openingWords(line).state}>{openingWords(line).words}</Badge>), value: (line) => openingWords(line).words },
    { id: "who", header: "By", cell: (line) => <span className="text-text-2"><bdi>{line.askedBy}</bdi>{line.secondBy === null ? "" : <> with <bdi>{line.secondBy}</bdi></>}</span> },
    { id: "why", header: "Why", width: "20%", cell: (line) => <Name>{line.reason}</Name>, hideBelow: "thumb" },
    { id: "end", header: "Ended", width: "20%", cell: (line) => (line.closedAt === null ? <span className="text-text-3">by itself, <RelativeTime at={line.endsAt} /></span> : <span className="text-text-2">closed by <bdi>{line.closedBy}</bdi>, <RelativeTime at={line.closedAt} /></span>), value: (line) => line.closedAt ?? line.endsAt, hideBelow: "rail" },
    { id: "at", header: "Asked", align: "end", width: "110px", cell: (line) => <RelativeTime at={line.askedAt} className="text-text-3" />, value: (line) => line.askedAt },
  ];
  return (
    <section aria-labelledby="history-title" className="pt-4">
      <h2 id="history-title" className="px-gutter pb-1">What was opened</h2>
      <Table label="Openings that are over" columns={columns} rows={lines} rowId={({ id }) => id} loading={false} error={null} empty={<Empty title="Nothing was opened">Each opening stands here for good.</Empty>} />
    </section>
  );
}
