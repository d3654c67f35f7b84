"use client";
import { Download } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useEffect, useRef, useState, useTransition } from "react";
import { RefreshWhile } from "#components/shell/refresh-while.tsx";
import { Button } from "#components/ui/button.tsx";
import { buttonClass } from "#components/ui/button-class.ts";
import { Field } from "#components/ui/field.tsx";
import { Input } from "#components/ui/input.tsx";
import { Note } from "#components/ui/note.tsx";
import { Progress } from "#components/ui/progress.tsx";
import { Select } from "#components/ui/select.tsx";
import { Failure } from "#components/ui/states.tsx";
import { isTypedName } from "#components/ui/typed-name.ts";
import { toast } from "#components/ui/toast.tsx";
import type { Asking } from "#lib/client/connect-state.ts";
import { writeCsv } from "#lib/client/csv.ts";
import type { ImportState } from "#lib/client/import-state.ts";
import { ONE_KEY } from "#lib/client/request.ts";
import { exampleHead } from "#lib/client/sheet.ts";
import { spokenCode } from "#lib/protocol/crockford.ts";
import { offerDownload } from "./connect-download.ts";
import { CallList, PreviewRows, STATE, VERDICT } from "./connect-import-rows.tsx";
import { NO_ANSWER, type Action } from "./connect-words.ts";

type Made = { made: number; failed: number; left: number };
type Actions = { make: Action<Made>; call: Action<{ called: boolean }>; mail: Action<{ to: string }>; away: Action<{ importId: string }> };

/** The result as a sheet again: what was written, what became of it, and whom to call. */
const resultOf = ({ rows }: ImportState): string =>
  writeCsv([
    [...exampleHead, "state", "why", "code 1", "code 2", "called"],
    ...rows.map(({ cells, state, verdict, words, code1, code2, calledAt }) => [
      cells.name, cells.aliases, cells.tags, cells.region, cells.contactName, cells.contactPhone, cells.contactMail, cells.plan, cells.address,
      state === "none" && verdict ? VERDICT[verdict].words : STATE[state].words, words ?? "", code1 ? spokenCode(code1) : "", code2 ? spokenCode(code2) : "", calledAt === null ? "" : new Date(calledAt).toISOString(),
    ]),
  ]);

const FULL = [{ value: "never", label: "Never" }, { value: "leased", label: "For a time, ends by itself" }, { value: "yes", label: "Also without an end" }] as const;

export function ConnectImport({ sheet, asking, actions }: { sheet: ImportState; asking: Asking; actions: Actions }) {
  const router = useRouter();
  const [busy, start] = useTransition();
  const [running, setRunning] = useState<{ total: number; done: number; since: number } | null>(null);
  const [failed, setFailed] = useState<typeof NO_ANSWER | null>(null);
  const [want, setWant] = useState({ people: String(Math.max(1, asking.technicians)), fullAccess: "leased", leaseDays: "90", cosign: "1", log: "all" });
  const [typed, setTyped] = useState("");
  const asked = sheet.rows.filter(({ state }) => state !== "none" && state !== "failed");
  const waiting = sheet.rows.filter(({ state }) => state === "none" || state === "failed");
  const ready = waiting.filter(({ verdict, state }) => verdict === "new" && state === "none").length;
  const open = asked.filter(({ state }) => state === "asked" || state === "held" || state === "refused").length;
  const toConfirm = asked.filter(({ state }) => state === "unconfirmed").length;
  const stopped = useRef(false);
  useEffect(() => () => void (stopped.current = true), []);

  /** Portion by portion; a closed tab stops after the portion that is under way, and the page goes on when it is opened again. */
  const make = () =>
    start(async () => {
      setFailed(null);
      const since = performance.now();
      setRunning({ total: ready, done: 0, since });
      for (let done = 0; !stopped.current; ) {
        const data = new FormData();
        for (const [key, value] of Object.entries({ ...want, entries: "no", importId: sheet.id, roles: JSON.stringify(asking.roles.map(({ name }) => name)), oneSigner: typed })) data.set(key, value);
        const outcome = await actions.make(null, data).catch(() => ({ ok: false as const, failure: NO_ANSWER }));
        if (!outcome.ok) {
          setFailed(outcome.failure);
          break;
        }
        const { made, failed: wrong, left } = outcome.value;
        done += made + wrong;
        setRunning({ total: Math.max(ready, done + left), done, since });
        if (left === 0 || made + wrong === 0) break;
      }
      setRunning(null);
      router.refresh();
    });
  const away = () =>
    start(async () => {
      const data = new FormData();
      data.set("importId", sheet.id);
      const outcome = await actions.away(null, data).catch(() => ({ ok: false as const, failure: NO_ANSWER }));
      if (!outcome.ok) toast({ state: "refused", words: `${outcome.failure.title}. ${outcome.failure.remedy}` });
      router.refresh();
    });
  const one = asking.signers.length === 1;
  const off = sheet.cancelledAt !== null ? "This sheet was put away." : asking.signers.length === 0 ? "Enrol a signing key first." : one && !isTypedName(typed, ONE_KEY) ? "Say that one key is enough, or enrol a second one." : ready === 0 ? "No row is new." : null;
  return (
    <>
      <RefreshWhile active={open > 0 || toConfirm > 0} everyMs={3_000} />
      {asked.length > 0 ? (
        <section aria-labelledby="call-title" className="border-t border-line">
          <div className="flex flex-wrap items-end gap-x-6 gap-y-3 px-gutter pt-4 pb-3">
            <div className="min-w-0 flex-1 basis-72">
              <h2 id="call-title" className="mb-2">Whom to call</h2>
              <Progress label="Connected clients" noun="connected" total={asked.length} perSecond={null} parts={[{ state: "proven", count: asked.filter(({ state }) => state === "connected").length }, { state: "moving", count: toConfirm }, { state: "refused", count: asked.filter(({ state }) => state === "refused" || state === "stopped").length }]} footer={`${open} wait for their tap, ${toConfirm} for code 2`} />
            </div>
            {toConfirm > 0 ? <Link className={buttonClass({ tone: "sign" })} href="/clients/confirm">Confirm {toConfirm === 1 ? "the one that answered" : `the ${toConfirm} that answered`}</Link> : null}
            <Button icon={<Download aria-hidden />} onClick={() => offerDownload(`${sheet.fileName.replace(/\.[^.]*$/, "")}-result.csv`, resultOf(sheet))}>Result file</Button>
          </div>
          <CallList rows={asked} importId={sheet.id} call={actions.call} mail={actions.mail} />
        </section>
      ) : null}
      {waiting.length > 0 ? (
        <section aria-labelledby="preview-title" className="border-t border-line">
          <div className="px-gutter pt-4 pb-4">
            <h2 id="preview-title">{asked.length > 0 ? "Not asked" : "What would be asked"}</h2>
            <p className="mt-0.5 max-w-[72ch] text-pretty text-text-2">{ready === 0 ? "None of these rows can be asked as it stands." : `${ready === 1 ? "1 row is" : `${ready.toLocaleString("en")} rows are`} new; the others stay as they are until the sheet or the clients here change. Nothing is made before you press.`}</p>
            {sheet.startedAt === null && ready > 0 ? (
              <div className="mt-3 grid max-w-[860px] gap-4 thumb:grid-cols-3">
                <Field name="people" label="People at each, at most" error={null}><Input inputMode="numeric" value={want.people} onChange={(event) => setWant({ ...want, people: event.target.value })} /></Field>
                <Field name="fullAccess" label="Full access" error={null}><Select choices={FULL} value={want.fullAccess as "leased"} onChange={(fullAccess) => setWant({ ...want, fullAccess })} /></Field>
                <Field name="leaseDays" label="Longest time limit, in days" error={null}><Input inputMode="numeric" value={want.leaseDays} onChange={(event) => setWant({ ...want, leaseDays: event.target.value })} /></Field>
              </div>
            ) : null}
            {one && ready > 0 ? (
              <div className="mt-3 grid max-w-[560px] gap-3">
                <Note state="attention" title="Only one signing key." action={<Link className="link" href="/settings/signing-keys">Enrol a second</Link>}>If it is lost, nobody can approve or revoke at any of these clients until they connect anew.</Note>
                <Field name="oneSigner" label={<>To go on with one, type <bdi className="font-semibold select-text">{ONE_KEY}</bdi></>} error={null}><Input value={typed} onChange={(event) => setTyped(event.target.value)} autoComplete="off" spellCheck={false} /></Field>
              </div>
            ) : null}
            {failed ? <Failure failure={failed} className="-mx-5" /> : null}
            {running ? (
              <div className="mt-4 max-w-[560px]"><Progress label="Requests made" noun="requests made" total={running.total} parts={[{ state: "proven", count: running.done }]} perSecond={running.done === 0 ? null : running.done / ((performance.now() - running.since) / 1_000)} footer="You may close this page: it goes on where it stopped when you open it again." /></div>
            ) : (
              <div className="mt-4 flex flex-wrap gap-2">
                <Button tone="ink" pending={busy ? "Making them" : null} disabledReason={off} onClick={make}>{ready === 1 ? "Make 1 request" : `Make ${ready.toLocaleString("en")} requests`}</Button>
                {sheet.cancelledAt === null ? <Button tone="quiet" onClick={away}>Put this sheet away</Button> : null}
              </div>
            )}
          </div>
          <div className="border-t border-line"><PreviewRows rows={waiting} /></div>
        </section>
      ) : null}
    </>
  );
}
