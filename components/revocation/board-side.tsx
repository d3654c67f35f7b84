"use client";
import { Download } from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";
import { Digest } from "#components/plan/digest.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { buttonClass } from "#components/ui/button-class.ts";
import { cx } from "#components/ui/class-names.ts";
import { Glyph } from "#components/ui/glyph.tsx";
import { KeyValues } from "#components/ui/key-values.tsx";
import { ExactTime } from "#components/ui/time.tsx";
import { certifiedWords } from "#lib/revocation/board-words.ts";
import type { RevocationView } from "#lib/revocation/show.ts";
import { Contact } from "./board-lists.tsx";

const Card = ({ children, className }: { children: ReactNode; className?: string }) => <section className={cx("rounded-box border border-line bg-surface px-4 py-3.5", className)}>{children}</section>;
const rows = (count: number) => (count === 1 ? "1 row" : `${count} rows`);

function CertificateCard({ view }: { view: RevocationView }) {
  const { certificate, tally, count, tap } = view;
  const facts = [
    { key: "person", label: "Person", value: <bdi>{view.name}</bdi> },
    { key: "at", label: "At", value: <bdi>{view.msp}</bdi> },
    ...(tap ? [{ key: "by", label: "Signed by", value: <><bdi>{tap.by}</bdi>, key “{tap.key}”</> }, { key: "tap", label: tap.taps === 1 ? "One tap" : `${tap.taps} taps, first`, value: <ExactTime at={tap.at} /> }] : []),
    { key: "vaults", label: "Vaults", value: certificate ? (count.apart === 0 ? `${count.vaults}, each by its own signed list` : `${count.vaultsGone} of ${count.vaults}, each by its own signed list`) : `${count.vaults}, ${tally.accepted} receipts verified` },
    ...(tally.apart > 0 ? [{ key: "apart", label: "Set apart", value: `${rows(tally.apart)}, unproven` }] : []),
    ...(view.own.length > 0 ? [{ key: "own", label: "Not ours", value: view.own.length === 1 ? <>1 row at <bdi>{view.own[0]!.client}</bdi></> : rows(view.own.length) }] : []),
    ...(certificate && view.lastProof ? [{ key: "last", label: "Last proof", value: <><bdi>{view.lastProof.client}</bdi>, {new Date(view.lastProof.at).toISOString().slice(11, 19)}</> }] : []),
  ];
  return (
    <section aria-labelledby="certificate-title" className={cx("rounded-box bg-surface px-5 py-4", certificate ? "border border-ok-solid" : "border border-dashed border-line-strong")}>
      <div className="mb-0.5 flex items-center justify-between gap-3">
        <h2 id="certificate-title" className="text-14 font-semibold">Certificate of removal</h2>
        {certificate ? <Badge state="proven">issued{certificate.number > 1 ? `, no. ${certificate.number}` : ""}</Badge> : <Badge>draft, {tally.absent} of {tally.total}</Badge>}
      </div>
      <p className="text-pretty text-text-2">
        {certificate ? <>On <ExactTime at={certificate.issuedAt} /> {certifiedWords(view.count)} <bdi>{view.name}</bdi>.</> : <>Cannot be issued yet. It will say that {tally.apart === 0 ? "every vault" : "every vault but those set apart"} was read and held no token we gave to <bdi>{view.name}</bdi>.</>}
      </p>
      <div className="my-3 border-y border-line py-1.5"><KeyValues of={facts} /></div>
      {certificate ? <Digest groups={certificate.digest} remark="of what is certified" /> : tap ? <Digest groups={tap.digest} remark="of the signed plan" /> : null}
      <div className="mt-3 border-t border-line pt-3">
        {certificate ? (
          <div className="grid gap-2.5">
            <p className="flex items-start gap-2"><Glyph state="proven" className="mt-[3px]" /><span>Anyone can check it without us, offline.</span></p>
            <div className="flex flex-wrap gap-2">
              <a href={`/revocations/${view.id}/certificate`} download className={buttonClass({ tone: "sign" })}><Download aria-hidden className="size-3.5" />Certificate</a>
              <a href="/revocations/checker" download className={buttonClass({ tone: "plain" })}><Download aria-hidden className="size-3.5" />Page that checks it</a>
            </div>
          </div>
        ) : <p className="flex items-start gap-2 text-text-2"><Glyph state="moving" className="mt-[3px]" /><span>Issued by itself when the last vault is proven{tally.apart === 0 ? null : " or set apart"}</span></p>}
      </div>
    </section>
  );
}

function SeenCard({ view }: { view: RevocationView }) {
  const { seen } = view;
  const share = seen.entries === 0 ? 0 : (seen.changed / seen.entries) * 100;
  return (
    <Card>
      <h2 className="text-14 font-semibold">What could have been copied</h2>
      {seen.read === 0 ? <p className="mt-0.5 text-pretty text-text-2">What was opened is being looked up in the vaults’ logs.</p> : (
        <>
          <p className="mt-0.5 text-pretty text-text-2">{seen.entries === 0 ? "No entry was opened" : `${seen.entries.toLocaleString("en")} ${seen.entries === 1 ? "entry" : "entries"} opened at ${seen.clients === 1 ? "1 client" : `${seen.clients} clients`}`}{seen.read < seen.of ? `, by the ${seen.read} of ${seen.of} logs looked up so far` : ""}.</p>
          {seen.entries > 0 ? (
            <>
              <div aria-hidden className="keeps-colour mt-2 flex h-2 gap-px overflow-hidden rounded-in bg-active"><span className="bg-text-2" style={{ width: `${share}%` }} /><span className="flex-1 bg-attention-solid" /></div>
              <p className="mt-1 flex justify-between gap-2 text-12"><span className="text-text-2">{seen.changed.toLocaleString("en")} changed since</span><strong className="font-semibold text-attention-text">{seen.unchanged.toLocaleString("en")} not changed</strong></p>
            </>
          ) : null}
          <Link href={`/revocations/${view.id}/rotation`} className={buttonClass({ tone: "plain", wide: true, className: "mt-3" })}>Open the rotation list</Link>
        </>
      )}
    </Card>
  );
}

/** Beside the board: what will be certified, what may have been copied, and what only the client can end. */
export function BoardSide({ view }: { view: RevocationView }) {
  return (
    <aside aria-label="Certificate" className="grid content-start gap-4 border-l border-line bg-sunken p-5 max-rail:border-t max-rail:border-l-0 max-thumb:px-gutter">
      <CertificateCard view={view} />
      <SeenCard view={view} />
      {view.own.length > 0 ? (
        <Card>
          <h2 className="text-14 font-semibold">Not ours to remove <span className="font-normal text-text-3">{view.own.length}</span></h2>
          <ul className="mt-1 grid gap-3">
            {view.own.map((one) => (
              <li key={`${one.clientId} ${one.scope}`} className="[content-visibility:auto] [contain-intrinsic-size:auto_72px]">
                <p className="text-pretty"><b className="font-semibold"><bdi>{one.client}</bdi></b> <span className="text-text-2">made a row “<bdi>{one.name}</bdi>” itself, token <span className="mono text-12">{one.scope}</span>. Only they can end it{view.certificate ? "; the certificate names it" : ""}.</span></p>
                <Contact contact={one.contact} className="mt-1" />
              </li>
            ))}
          </ul>
        </Card>
      ) : null}
      {view.apart.length > 0 ? (
        <Card>
          <h2 className="text-14 font-semibold">Set apart, unproven <span className="font-normal text-text-3">{view.apart.length}</span></h2>
          <ul className="mt-1 grid gap-2">{view.apart.map((one) => <li key={`${one.clientId} ${one.scope}`} className="text-pretty"><b className="font-semibold"><bdi>{one.client}</bdi></b> <span className="text-text-2">token <span className="mono text-12">{one.scope}</span>: <bdi>{one.words}</bdi></span></li>)}</ul>
        </Card>
      ) : null}
    </aside>
  );
}
