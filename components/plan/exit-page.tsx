"use client";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { buttonClass } from "#components/ui/button-class.ts";
import { Field } from "#components/ui/field.tsx";
import type { Outcome } from "#components/ui/failure.ts";
import { Form } from "#components/ui/form.tsx";
import { Input } from "#components/ui/input.tsx";
import { Note } from "#components/ui/note.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { ExactTime } from "#components/ui/time.tsx";
import type { ExitPreview, ExitVault } from "#lib/plan/exit.ts";
import type { EndedVault } from "#lib/receipt/certificate.ts";

type Action = (previous: Outcome<{ planId: string }> | null, data: FormData) => Promise<Outcome<{ planId: string }>>;
const NO_ANSWER = { code: "no_answer", title: "No answer came", detail: "Whether the exit was frozen is not known; nothing was signed.", remedy: "Look at Plans, then try again." };
const reach = ({ scopes, all_access }: { scopes: string; all_access: boolean }): string => (all_access ? "full access" : scopes === "" ? "no role" : scopes.replaceAll(",", " "));

function Before({ vault }: { vault: ExitVault }) {
  if (vault.before === null) return <Note state="attention" title="Nothing can be learned of it now.">{vault.words} Its exit can be planned when it answers.</Note>;
  const { statement, credentials, own } = vault.before;
  const rows = statement.statement.agents;
  return (
    <div className="grid grid-cols-2 gap-x-10 gap-y-5 max-thumb:grid-cols-1">
      <section aria-label="What is removed">
        <h3 className="mb-1 font-semibold text-danger-text">Removed, with one tap</h3>
        <ul className="grid gap-1">
          <li>Our own row in the vault</li>
          <li>{credentials.length === 1 ? "1 signing key of ours" : `${credentials.length} signing keys of ours`}{credentials.length > 0 ? <span className="text-text-2">: {credentials.map(({ label, person }) => `${label} (${person})`).join(", ")}</span> : null}</li>
          <li>{rows.length === 1 ? "1 token that we manage" : `${rows.length} tokens that we manage`}</li>
        </ul>
        {rows.length > 0 ? <ul className="mt-1 ml-4 grid gap-0.5 text-text-2">{rows.map((row) => <li key={row.uid}><bdi>{row.name}</bdi>, <span className="mono text-12">{reach(row)}</span></li>)}</ul> : null}
      </section>
      <section aria-label="What stays">
        <h3 className="mb-1 font-semibold">Stays as it is</h3>
        <ul className="grid gap-1">
          <li>Every entry of the client, and every scope on it</li>
          <li>{own.length === 0 ? "Their own people: no tokens besides the owners’" : own.length === 1 ? "1 row of their own" : `${own.length} rows of their own`}</li>
        </ul>
        {own.length > 0 ? <ul className="mt-1 ml-4 grid gap-0.5 text-text-2">{own.map((row) => <li key={row.uid}><bdi>{row.name}</bdi>, <span className="mono text-12">{reach(row)}</span></li>)}</ul> : null}
        <p className="mt-2 text-12 text-pretty text-text-3">Somebody of yours shall keep their token? The client’s owner takes the row over first, on the page of their own vault; it then stays.</p>
      </section>
    </div>
  );
}

/** The end of a client's connections: what goes, what stays, the proof, the certificate. */
export function ExitPage({ preview, ended, action }: { preview: ExitPreview; ended: readonly EndedVault[]; action: Action }) {
  const router = useRouter();
  const open = preview.vaults.filter(({ state }) => state !== "ended");
  return (
    <>
      <PageHeader
        crumbs={<><Link href="/clients" className="link">Clients</Link> / <Link href={`/clients/${preview.clientId}`} className="link"><bdi>{preview.name}</bdi></Link></>}
        title={<>Exit of <bdi>{preview.name}</bdi></>}
        sub={open.length === 0 ? "No connection is left." : "One tap ends it at the vault itself. It cannot be taken back; only the client can connect again."}
      />
      {ended.length > 0 ? (
        <section aria-labelledby="ended-title" className="border-t border-line px-gutter py-4">
          <h2 id="ended-title" className="mb-2">Ended</h2>
          <ul className="grid gap-2">
            {ended.map((one) => (
              <li key={one.vaultRef}>
                <Note
                  state="proven" title={<bdi>{one.vaultName}</bdi>}
                  action={one.certificate ? <a className={buttonClass({ size: "small" })} href={`/clients/${preview.clientId}/exit/certificate?vault=${one.vaultRef}&plan=${one.planId}`} download>Certificate</a> : null}
                >
                  {one.words ?? "Ended by you, and proven: the vault’s receipt, and its primary’s signed refusal of our token."} {one.endedAt === null ? null : <ExactTime at={one.endedAt} className="text-text-3" />}
                </Note>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      {open.map((vault) => (
        <section key={vault.vaultRef} aria-label={`Vault ${vault.vaultName ?? ""}`} className="border-t border-line px-gutter py-4">
          <h2 className="mb-3"><bdi>{vault.vaultName ?? vault.name}</bdi></h2>
          <Before vault={vault} />
        </section>
      ))}
      {open.length === 0 ? null : (
        <section aria-labelledby="exit-next" className="border-t border-line px-gutter py-4">
          <h2 id="exit-next" className="mb-1">The proof</h2>
          <p className="mb-3 max-w-[64ch] text-pretty text-text-2">The vault’s receipt, and after it its primary’s signed refusal of our token. Both go into a certificate with the statement above, which anybody can check without us.</p>
          {preview.planId === null ? (
            <Form action={action} submit="Freeze the exit" pending="Freezing" error={NO_ANSWER} disabledReason={open.some(({ before }) => before !== null) ? null : "No vault of this client answers now."} onDone={({ planId }) => router.push(`/plans/${planId}`)} className="max-w-[420px]">
              <input type="hidden" name="clientId" value={preview.clientId} />
              <Field name="reason" label="Reason" optional help="Stands in the plan, on the signing page and in the records.">
                <Input autoComplete="off" maxLength={120} placeholder="Contract ends on 30 November" />
              </Field>
            </Form>
          ) : (
            <Link href={`/plans/${preview.planId}`} className={buttonClass({ tone: "ink" })}>To the exit’s plan</Link>
          )}
        </section>
      )}
    </>
  );
}
