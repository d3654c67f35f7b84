"use client";
import { ChangeSign } from "#components/ui/change-sign.tsx";
import { buttonClass } from "#components/ui/button-class.ts";
import { Glyph } from "#components/ui/glyph.tsx";
import { KeyValues } from "#components/ui/key-values.tsx";
import { Name } from "#components/ui/name.tsx";
import { Note } from "#components/ui/note.tsx";
import { Empty } from "#components/ui/states.tsx";
import { Table, type Column } from "#components/ui/table.tsx";
import { calendarDate } from "#components/ui/time-text.ts";
import { ExactTime, RelativeTime } from "#components/ui/time.tsx";
import type { ConditionKind } from "#lib/client/condition.ts";
import { grantSentences, listWords } from "#lib/client/grant-words.ts";
import { lettersOf } from "#lib/client/rows.ts";
import { shortKey, type GlassAnswer, type GlassPerson, type GlassVault, type VaultWord } from "#lib/glass/statement.ts";
import { isBaseUrl } from "#lib/protocol/address.ts";
import { roleScopesOf, type RoleScopes } from "#lib/role/letters.ts";
import { Letters } from "./letters.tsx";
import { ProbeStrip } from "./probe-strip.tsx";

/** With full access first, then by name: what matters most is read first. */
const inOrder = (people: readonly GlassPerson[]) => people.toSorted((a, b) => Number(b.all_access) - Number(a.all_access) || a.name.localeCompare(b.name, "en"));

/** The people as the vault itself says, where its word holds; else as they were last read. */
export function peopleOf(vault: GlassVault, word: VaultWord): readonly GlassPerson[] {
  if (vault.condition === "ended" || word.kind === "bad") return [];
  if (word.kind === "none") return inOrder(vault.people);
  const { agents, manager } = word.signed.statement;
  return inOrder(agents.filter(({ uid }) => uid !== manager).map(({ uid, name, scopes, all_access, created_at, expires_at, last_used_at }) => ({ uid, name, scopes, all_access, since: created_at, until: expires_at, last_used: last_used_at })));
}

const rolesOf = (vault: GlassVault): RoleScopes => roleScopesOf(vault.roles.map((role, position) => ({ ...role, roleId: role.letter + role.scope, position })));

/** What stands in the way of a vault's word, for the client to read. Null: nothing. */
const CONDITIONS: Partial<Record<ConditionKind, string>> = {
  failover: "Your primary is down and the backup answers: what is read here may lag a little behind.",
  lapsed: "Your subscription has lapsed: entries are closed to everybody, your data is intact.",
  unconfirmed: "They have not yet compared the code with you, and can change nothing before that.",
  stopped: "They have stopped all work with this vault, since it answered under another key than the one you confirmed.",
  lying: "They have stopped believing what this vault answers until it is cleared up with you.",
};

const columns = (roles: RoleScopes): Column<GlassPerson>[] => [
  { id: "name", header: "Name", width: "30%", cell: (row) => <span className="font-medium"><Name>{row.name}</Name></span> },
  { id: "open", header: "May open", cell: (row) => <span className="block py-1.5"><Letters of={lettersOf(row.scopes, row.all_access, roles)} words /></span> },
  { id: "since", header: "Since", hideBelow: "thumb", cell: (row) => <span className="whitespace-nowrap text-text-2">{calendarDate(row.since * 1000)}</span> },
  { id: "until", header: "Until", cell: (row) => <span className="whitespace-nowrap">{row.until === null ? "no end" : calendarDate(row.until * 1000)}</span> },
  { id: "used", header: "Last used", hideBelow: "thumb", cell: (row) => (row.last_used === null ? <span className="text-text-3">never</span> : <RelativeTime at={row.last_used * 1000} className="whitespace-nowrap text-text-2" />) },
];

type Props = { vault: GlassVault; word: VaultWord; able: boolean; said: GlassAnswer["vaults"][number] | undefined; msp: string; several: boolean; preview: boolean; now: number };

export function GlassVaultPart({ vault, word, able, said, msp, several, preview, now }: Props) {
  const Title = preview ? "h3" : "h2";
  const title = "mb-1.5 text-16 font-semibold tracking-[-0.011em]";
  const roles = rolesOf(vault);
  const people = peopleOf(vault, word);
  const grant = word.kind === "signed" ? word.signed.statement.grant : vault.grant;
  const { probe } = vault;
  const ended = vault.condition === "ended";
  const href = isBaseUrl(vault.address) ? `${vault.address}/connect` : null;
  return (
    <section aria-label={several ? `Vault ${vault.vault}` : "Your vault"} className={several ? "mt-10 border-t border-line-strong pt-2" : undefined}>
      {several ? <Title className={title}>{vault.name === vault.vault ? "Vault" : <bdi>{vault.name}</bdi>} <span className="mono font-normal text-text-2">{vault.vault}</span></Title> : null}
      <div className="mt-6"><Proof vault={vault} word={word} able={able} said={said} msp={msp} now={now} /></div>
      {CONDITIONS[vault.condition] ? <p className="mt-3 flex items-start gap-2 text-pretty"><Glyph state="attention" className="mt-[3px]" />{CONDITIONS[vault.condition]}</p> : null}
      {word.kind === "bad" || ended ? null : (
        <section className="mt-9">
          <Title className={title}>Their people and programs</Title>
          <div className="-mx-6 max-thumb:-mx-4">
            <Table label={`Who at ${msp} can reach ${several ? `vault ${vault.vault}` : "your vault"}`} columns={columns(roles)} rows={people} rowId={(row) => row.uid} loading={false} error={null} empty={<Empty title="Nobody" as={preview ? "h3" : "h2"} className="px-6!">{`Nobody at ${msp} holds a token that opens anything here.`}</Empty>} />
          </div>
        </section>
      )}
      {ended ? null : (
        <section className="mt-9 break-inside-avoid">
          <Title className={title}>{probe.result === "blind" ? "Their dashboard is blind" : probe.result === "not_blind" ? "Their dashboard is not blind" : "Whether their dashboard is blind"}</Title>
          <p className="max-w-[64ch] text-pretty text-text-2">
            {probe.result === "blind" ? "Every hour it is made to try. It asked your vault to list, to search and to open; your vault gave it nothing. It sees names and times of rows, and how many entries carry a number." : probe.result === "not_blind" ? "It was made to try, and your vault let it see something. Their row must have no scopes and no full access; you can end it below." : `Every hour it is made to try to list, search and open. ${probe.result === null ? "It was not tried yet." : "The last try got no answer that shows it either way."}`}
          </p>
          <ProbeStrip tall hours={probe.hours.map((result, key) => ({ key, result }))} label={`${probe.blind} of ${probe.tried} tries in the last day showed nothing to read`} />
          <p className="text-12 text-text-3">{`${probe.blind} of ${probe.tried} in the last day`}{probe.at === null ? null : <>, last <RelativeTime at={probe.at * 1000} /></>}. As <bdi>{msp}</bdi> states it; your vault’s own log holds each try.</p>
        </section>
      )}
      {ended ? null : <Season season={vault.season} msp={msp} Title={Title} />}
      {grant && !ended ? (
        <section className="mt-9 break-inside-avoid">
          <Title className={title}>What you allowed them</Title>
          <p className="max-w-[72ch] text-pretty text-text-2">
            {grantSentences(grant, vault.roles).join(" ")}
            {vault.signers.length > 0 ? <> Signers named when you connected: {listWords(vault.signers.map(({ person, label }) => `${person} “${label}”`))}.</> : null} Your vault refuses everything else, whoever asks.
          </p>
        </section>
      ) : null}
      <section className="mt-9">
        <Title className={title}>What changed</Title>
        {vault.changes.length === 0 ? (
          <p className="text-text-2">Nothing in the last 90 days that {msp} knows of.</p>
        ) : (
          <ol className="grid">
            {vault.changes.map((change) => (
              <li key={`${change.at} ${change.name} ${change.words}`} className="grid grid-cols-[104px_24px_minmax(0,1fr)] border-t border-line py-[7px] max-thumb:grid-cols-[20px_minmax(0,1fr)]">
                <time dateTime={new Date(change.at * 1000).toISOString()} className="text-text-3 max-thumb:col-start-2 max-thumb:row-start-2">{calendarDate(change.at * 1000)}</time>
                <ChangeSign change={change.sign} className="text-left!" />
                <span className="min-w-0 text-pretty"><bdi className="font-medium [overflow-wrap:anywhere]">{change.name}</bdi> {change.words}</span>
              </li>
            ))}
          </ol>
        )}
        {vault.changes.length === 0 ? null : <p className="mt-1.5 text-12 text-text-3">{`The newest of the last 90 days, as far as ${msp} knows. Your vault’s own log holds all.`}</p>}
      </section>
      {ended || href === null ? null : (
        <section className="mt-9 grid grid-cols-[minmax(0,1fr)_auto] items-center gap-4 rounded-box border border-danger-line px-5 py-[18px] max-thumb:grid-cols-1 print:hidden">
          <div>
            <Title className="text-16 font-semibold tracking-[-0.011em]">End this</Title>
            <p className="mt-0.5 text-pretty text-text-2">{`You alone, at your own vault, with your own key: open its page “connect”, find ${msp}, and end one person’s row or everything. ${people.length + 1 === 1 ? "Their token stops" : `All ${people.length + 1} tokens stop`} at once. Your entries and your own people stay as they are.`}</p>
          </div>
          <a href={href} target="_blank" rel="noreferrer noopener" className={buttonClass({ tone: "danger", size: "large" })}>Open your vault’s page</a>
        </section>
      )}
    </section>
  );
}

/** What their people did of late, as far as it is known, and until when that is. */
function Season({ season: { log, changes, removed }, msp, Title }: { season: GlassVault["season"]; msp: string; Title: "h2" | "h3" }) {
  const count = (value: number) => value.toLocaleString("en");
  return (
    <section className="mt-9 break-inside-avoid">
      <Title className="mb-1.5 text-16 font-semibold tracking-[-0.011em]">The last 90 days</Title>
      <KeyValues
        lined
        of={[
          ...(log === null ? [] : [{ key: "opened", label: "Entries opened by them", value: count(log.opened) }, { key: "codes", label: "One-time codes taken", value: count(log.codes) }, { key: "refused", label: "Refused to them", value: count(log.refused) }]),
          { key: "changes", label: "Changes, each signed and read back", value: count(changes) },
          { key: "removed", label: "Of these, tokens taken away", value: count(removed) },
        ]}
      />
      <p className="mt-1.5 text-pretty text-12 text-text-3">
        {log === null ? `How much they opened is not known here: ${msp} does not hold your vault’s log whole. Your vault’s own log shows it.` : <>What they opened is counted in your vault’s own log from {calendarDate(log.from * 1000)}, known until <ExactTime at={log.until * 1000} />. What was opened at a backup counts once its log is merged.</>}
      </p>
    </section>
  );
}

/** Whose word this is, and that it was checked here. */
function Proof({ vault, word, able, said, msp, now }: Pick<Props, "vault" | "word" | "able" | "said" | "msp" | "now">) {
  if (vault.condition === "ended") return <Note title="The connection has ended.">{vault.ended === null ? "" : `On ${calendarDate(vault.ended * 1000)}. `}With it ended every token that they had. Your vault’s own page shows who is connected now.</Note>;
  if (!able) return <Note state="attention" title="This browser cannot check signatures.">What follows may be as your vault says it; take a current browser to be sure.</Note>;
  if (word.kind === "bad") return <Note state="refused" title="The signature of your vault does not hold.">Somebody altered the list, so it is not shown. Look at your vault’s own page, and tell {msp}.</Note>;
  if (word.kind === "none") {
    return (
      <Note state="attention" title="Your vault’s own word is not to be had now.">
        {said?.trouble ? `${said.trouble} ` : ""}What follows is what {msp} {vault.read === null ? "knows" : <>read on <ExactTime at={vault.read * 1000} /></>}, and carries only their signature.
      </Note>
    );
  }
  const { at } = word.signed.statement;
  const old = now - at > 3_600;
  return (
    <Note state={old ? "attention" : "proven"} title={<>Signed by your vault on <ExactTime at={at * 1000} />.</>}>
      Checked here, in this browser, without asking {msp}. {old ? `It is older than an hour: ${said?.trouble ?? "your vault did not answer since."} ` : ""}
      <span className="text-12">Key <span className="mono" data-hint={vault.key}>Ed25519 {shortKey(vault.key)}</span>, which your vault showed when you connected it; list <span className="mono">{word.digest}</span>.</span>
    </Note>
  );
}
