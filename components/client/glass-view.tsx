"use client";
import { Download, Printer, RotateCw } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { ExactTime } from "#components/ui/time.tsx";
import { Failure, LoadingRows } from "#components/ui/states.tsx";
import { exactTime } from "#components/ui/time-text.ts";
import { canVerify, digestWords, judgeVaultWord, keepsake, shortKey, verifyGlass, type GlassAnswer, type VaultWord } from "#lib/glass/statement.ts";
import { GlassVaultPart, peopleOf } from "./glass-vault.tsx";

/** What this browser found out by itself; `unable`: it knows no Ed25519, so nothing was checked. */
type Checked = { of: GlassAnswer; able: boolean; own: boolean; words: ReadonlyMap<string, VaultWord> };

async function check(answer: GlassAnswer): Promise<Checked> {
  const able = await canVerify();
  const own = able ? await verifyGlass(answer) : true;
  const words = await Promise.all(answer.statement.vaults.map(async (vault): Promise<[string, VaultWord]> => {
    const signed = answer.vaults.find((one) => one.vault === vault.vault)?.signed ?? null;
    return [vault.vault, able ? await judgeVaultWord(vault, signed) : { kind: "none" }];
  }));
  return { of: answer, able, own, words: new Map(words) };
}

const WIDTHS = ["minmax(0,1fr)", "120px"] as const;
const count = (people: number) => (people === 1 ? "One person or program" : `${people} people and programs`);

/**
 * A client's own page. Everything drawn stands in statements whose signatures are checked here, before anything is drawn: the
 * vault's own, and the console's. `again`: absent in the MSP's own preview.
 */
export function GlassView({ answer, again, asking }: { answer: GlassAnswer; again?: () => void; asking?: boolean }) {
  const [checked, setChecked] = useState<Checked | null>(null);
  useEffect(() => {
    let stale = false;
    const run = async () => {
      const found = await check(answer);
      if (!stale) setChecked(found);
    };
    void run();
    return () => {
      stale = true;
    };
  }, [answer]);
  if (checked === null) return <LoadingRows what="and checking the signatures" rows={4} widths={WIDTHS} className="-mx-6 max-thumb:-mx-4" />;
  if (!checked.own) {
    return <Failure as={again ? "h1" : "h2"} className="-mx-5" failure={{ code: "altered", title: "This page was altered on its way", detail: "What came is not what the console signed. None of it is shown.", remedy: "Look at your vault’s own page instead, and tell whoever looks after your vault." }} actions={again ? <Button onClick={again}>Try again</Button> : undefined} />;
  }
  return <Drawn checked={checked} {...(again && { again })} asking={asking ?? false} />;
}

function Drawn({ checked, again, asking }: { checked: Checked; again?: () => void; asking: boolean }) {
  const { statement, key } = checked.of;
  const { msp, client, vaults } = statement;
  const Title = again ? "h1" : "h2";
  const alive = vaults.filter(({ condition }) => condition !== "ended");
  const people = alive.reduce((sum, vault) => sum + peopleOf(vault, checked.words.get(vault.vault) ?? { kind: "none" }).length, 0);
  const blind = alive.length > 0 && alive.every(({ probe }) => probe.result === "blind");
  const save = () => {
    const url = URL.createObjectURL(new Blob([keepsake(checked.of)], { type: "application/json" }));
    const link = Object.assign(document.createElement("a"), { href: url, download: `who-can-reach-us-${new Date(statement.at * 1000).toISOString().slice(0, 10)}.json` });
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <>
      <div className="flex flex-wrap justify-between gap-x-6 gap-y-1 text-text-2">
        <p className="min-w-0"><bdi className="font-semibold text-text [overflow-wrap:anywhere]">{client.name}</bdi>{client.place ? <>, <bdi>{client.place}</bdi></> : null}</p>
        <p className="text-right max-thumb:text-left"><ExactTime at={statement.at * 1000} />{again ? <span className="block">no account needed{statement.until === null ? "" : `; link open until ${exactTime(statement.until * 1000).slice(4, 15).replace(",", "")}`}</span> : null}</p>
      </div>
      <Title className="mt-7 mb-2.5 text-[32px] leading-[38px] font-semibold tracking-[-0.028em] text-balance max-thumb:text-[26px] max-thumb:leading-8">Who at <bdi>{msp.name}</bdi> can reach your vault{vaults.length > 1 ? "s" : ""}</Title>
      <p className="max-w-[62ch] text-16 text-pretty text-text-2">
        {alive.length === 0 ? (
          vaults.length === 0 ? "No vault of yours is connected to them yet." : "Nobody, through them: the connection has ended."
        ) : (
          <>
            <b className="font-semibold text-text">{people === 0 ? "Nobody there" : count(people)}</b> {people === 1 ? "holds" : people === 0 ? "holds" : "hold"} a token of their own. The dashboard of <bdi>{msp.name}</bdi> holds one more{alive.length > 1 ? " in each vault" : ""}, {blind ? <>and it <b className="font-semibold text-text">can read nothing</b>.</> : <>which must read nothing; below stands what was last shown of that.</>}
          </>
        )}
      </p>
      {vaults.map((vault) => (
        <GlassVaultPart key={vault.vault} vault={vault} word={checked.words.get(vault.vault) ?? { kind: "none" }} able={checked.able} said={checked.of.vaults.find((one) => one.vault === vault.vault)} msp={msp.name} several={vaults.length > 1} preview={!again} now={statement.at} />
      ))}
      <footer className="mt-8 grid grid-cols-[minmax(0,1fr)_auto] gap-6 border-t border-line pt-4 text-12 text-text-3 max-thumb:grid-cols-1">
        <p className="[overflow-wrap:anywhere]">
          {checked.able ? "The rest of this page is signed by the console of " : "This browser cannot check signatures. The page says it is signed by the console of "}<bdi>{msp.name}</bdi>, {msp.origin}, with its key <span className="mono" data-hint={key}>Ed25519 {shortKey(key)}</span>, over <span className="mono">{digestWords(statement)}</span>. It proves that they said so; your vault’s own signature proves who can open it.
        </p>
        <p className="flex flex-wrap items-start gap-2 print:hidden">
          {again ? <Button size="small" icon={<RotateCw aria-hidden />} onClick={again} pending={asking ? "Asking" : null}>Check again</Button> : null}
          <Button size="small" icon={<Download aria-hidden />} onClick={save}>Keep a copy</Button>
          <Button size="small" icon={<Printer aria-hidden />} onClick={() => window.print()}>Print</Button>
        </p>
      </footer>
    </>
  );
}

