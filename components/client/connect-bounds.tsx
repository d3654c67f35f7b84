"use client";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Checkbox } from "#components/ui/checkbox.tsx";
import { Field } from "#components/ui/field.tsx";
import { Form } from "#components/ui/form.tsx";
import { Input } from "#components/ui/input.tsx";
import { Note } from "#components/ui/note.tsx";
import { Select } from "#components/ui/select.tsx";
import { isTypedName } from "#components/ui/typed-name.ts";
import { grantFrom, ONE_KEY, peopleFor, type Want } from "#lib/client/request.ts";
import type { Asking } from "#lib/client/connect-state.ts";
import type { Step } from "#lib/client/steps.ts";
import type { Grant } from "#lib/protocol/messages.ts";
import { ConnectPreview } from "./connect-preview.tsx";
import { ConnectShell, StepHead } from "./connect-shell.tsx";
import { NO_ANSWER, type Action } from "./connect-words.ts";

type Props = {
  client: { id: string; name: string; contact: string }; asking: Asking; origin: string; facts: Partial<Record<Step, string>>;
  /** What was asked before, if anything. */
  before: { address: string; want: Grant; roles: readonly string[]; state: string; stoppedWords: string | null } | null;
  /** Where a new vault can be made on this instance. */
  newVault: string | null;
  ask: Action<{ vaultRef: string }>;
};

/** As typed: numbers are text until they are sent. */
type Typed = Omit<Want, "people" | "leaseDays"> & { people: string; leaseDays: string };

const FULL = [{ value: "never", label: "Never" }, { value: "leased", label: "For a time, ends by itself" }, { value: "yes", label: "Also without an end" }] as const;
const SIGN = [{ value: "1", label: "One signer is enough" }, { value: "2", label: "Two different people must sign" }] as const;
const LOG = [{ value: "all", label: "All of it" }, { value: "own", label: "Only what concerns us" }] as const;

const hostOf = (address: string): string | null => (URL.canParse(address.trim()) ? new URL(address.trim()).host : null);

/** Step 2: where the vault is and what we ask of it, beside what the client will read of that. */
export function ConnectBounds({ client, asking, origin, facts, before, newVault, ask }: Props) {
  const router = useRouter();
  const { signers, roles, organisation } = asking;
  const start = before?.want;
  const [address, setAddress] = useState(before?.address ?? "");
  const [asked, setAsked] = useState<ReadonlySet<string>>(() => new Set(before?.roles ?? roles.map(({ name }) => name)));
  const [want, setWant] = useState<Typed>({
    fullAccess: start?.all_access ?? "leased", leaseDays: String(Math.round((start?.max_lease ?? 90 * 86_400) / 86_400)), people: String(start?.max_agents ?? peopleFor(asking.technicians)),
    cosign: start?.cosign === 2 ? "2" : "1", log: start?.audit ?? "all", entries: start?.entries ? "yes" : "no",
  });
  const set = (change: Partial<Typed>) => setWant((old) => ({ ...old, ...change }));
  const [typed, setTyped] = useState("");
  const [anew, setAnew] = useState(false);
  // What is half typed shows nothing new: the preview keeps the last number that was one.
  const [numbers, setNumbers] = useState({ people: Number(want.people), leaseDays: Number(want.leaseDays) });
  const shown = grantFrom({ ...want, ...numbers });
  const typeNumber = (name: "people" | "leaseDays", text: string) => {
    set({ [name]: text });
    const value = Number(text);
    if (Number.isInteger(value) && value > 0) setNumbers((old) => ({ ...old, [name]: value }));
  };
  const renews = before !== null && before.state !== "asking";
  const fixed = before !== null && before.state !== "asking" ? "The vault answered from here. Another address is another vault." : null;
  const off = signers.length === 0 ? "Enrol a signing key first." : signers.length === 1 && !isTypedName(typed, ONE_KEY) ? `Say that one key is enough, or enrol a second one.` : null;
  const preview = <ConnectPreview reader={client.contact === "" ? null : client.contact} host={hostOf(address)} origin={origin} organisation={organisation} grant={shown} roles={[...asked].map((name) => ({ name, scope: null }))} signers={signers} code1={null} />;
  return (
    <ConnectShell name={client.name} step="bounds" facts={facts} preview={preview}>
      <StepHead title={before?.state === "stopped" ? "Connect it anew" : renews ? "What should change?" : "Where is the vault, and what do we ask?"}>
        {renews ? "A new request takes the place of what was agreed: their people and ours stay, our token and signers are renewed with one tap of theirs." : "The client sets the bounds; this is what we ask for. They may tighten it before they tap, and nobody can widen it without them."}
      </StepHead>
      {before?.stoppedWords ? <Note state="refused" title="Stopped." className="mb-4">{before.stoppedWords} Nothing is asked of it until they connect anew and the second code agrees.</Note> : null}
      <Form action={ask} submit="Make the link" pending="Making it" error={NO_ANSWER} disabledReason={off} onDone={() => (router.push(`/clients/${client.id}/connect`), router.refresh())}>
        <input type="hidden" name="clientId" value={client.id} />
        <input type="hidden" name="roles" value={JSON.stringify([...asked])} />
        <Field
          name="address" label="Address of the vault" disabledReason={fixed}
          help={newVault === null ? "As it stands in the browser at their vault, without what follows the vault’s name." : <>As it stands at their vault. None yet? <a className="link" href={newVault} target="_blank" rel="noopener noreferrer">Make one in the sandbox</a> as their owner would, and bring its address back here.</>}
        >
          <Input mono value={address} onChange={(event) => setAddress(event.target.value)} autoComplete="off" autoCapitalize="off" spellCheck={false} placeholder="https://vault.example.com/Qx81_b" />
        </Field>
        {fixed ? <input type="hidden" name="address" value={address} /> : null}
        {roles.length > 0 ? (
          <Field group name="roles" label="Roles" help="The client gives each its number, or leaves it out.">
            <div className="flex flex-wrap gap-x-5 gap-y-2">
              {roles.map(({ name, letter }) => (
                <Checkbox key={name} checked={asked.has(name)} onChange={(on) => setAsked((old) => new Set(roles.map((role) => role.name).filter((one) => (one === name ? on : old.has(one)))))}>
                  <bdi>{name}</bdi> <span className="text-text-3">{letter}</span>
                </Checkbox>
              ))}
            </div>
          </Field>
        ) : null}
        <div className="grid gap-4 thumb:grid-cols-2">
          <Field name="people" label="People and programs, at most"><Input inputMode="numeric" value={want.people} onChange={(event) => typeNumber("people", event.target.value)} autoComplete="off" /></Field>
          <Field name="fullAccess" label="Full access"><Select choices={FULL} value={want.fullAccess} onChange={(fullAccess) => set({ fullAccess })} /></Field>
          <Field name="leaseDays" label="Longest time limit, in days"><Input inputMode="numeric" value={want.leaseDays} onChange={(event) => typeNumber("leaseDays", event.target.value)} autoComplete="off" /></Field>
          <Field name="cosign" label="Signers"><Select choices={SIGN} value={want.cosign} onChange={(cosign) => set({ cosign })} /></Field>
          <Field name="log" label="Their log"><Select choices={LOG} value={want.log} onChange={(log) => set({ log })} /></Field>
        </div>
        <Checkbox checked={want.entries === "yes"} onChange={(on) => set({ entries: on ? "yes" : "no" })} help="Seldom needed. The client must say yes to it apart.">Change entries as well</Checkbox>
        <input type="hidden" name="entries" value={want.entries} />
        {before?.state === "stopped" ? (
          <>
            <Checkbox checked={anew} onChange={setAnew} help="Say so only after they told you, on a number you already have. The request then asks for a new row instead of renewing ours; what was confirmed before counts until the second code agrees.">Their vault was made anew, and knows nothing of us</Checkbox>
            <input type="hidden" name="anew" value={anew ? "yes" : "no"} />
          </>
        ) : null}
        {signers.length === 0 ? (
          <Note state="refused" title="Nobody can sign yet." action={<Link className="link" href="/settings/signing-keys">Enrol a key</Link>}>Every change at a client is signed with a key of the signing page; none is enrolled.</Note>
        ) : signers.length === 1 ? (
          <>
            <Note state="attention" title="Only one signing key." action={<Link className="link" href="/settings/signing-keys">Enrol a second</Link>}>If it is lost, nobody can approve or revoke at this client until they connect anew. A second one on another device, best of another person, costs nothing.</Note>
            <Field name="oneSigner" label={<>To go on with one, type <bdi className="font-semibold select-text">{ONE_KEY}</bdi></>}><Input value={typed} onChange={(event) => setTyped(event.target.value)} autoComplete="off" autoCapitalize="off" spellCheck={false} /></Field>
          </>
        ) : null}
      </Form>
    </ConnectShell>
  );
}
