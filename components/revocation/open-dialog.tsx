"use client";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { Checkbox } from "#components/ui/checkbox.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import { Field } from "#components/ui/field.tsx";
import { Form } from "#components/ui/form.tsx";
import { Input } from "#components/ui/input.tsx";
import { RadioGroup } from "#components/ui/radio.tsx";
import type { Deed } from "#components/role/use-deed.ts";
import type { AccessLine } from "#lib/technician/access.ts";

const NO_ANSWER = { code: "no_answer", title: "No answer came", detail: "The connection broke, so we cannot say whether a board was opened. Nothing was signed.", remedy: "Look under Revocations before you repeat it." };
const keyOf = ({ vaultRef, uid }: Pick<AccessLine, "vaultRef" | "uid">) => `${vaultRef}/${uid}`;

/** Opens a revocation board: for somebody who leaves, or for tokens that may be in wrong hands. `asked`: the address asks for it at once, of all of them or of those in one vault. */
export function OpenRevocation({ personId, name, rows, asked = null, open: deed }: { personId: string; name: string; rows: readonly AccessLine[]; asked?: "all" | { vaultRef: string } | null; open: Deed<{ revocationId: string }> }) {
  const router = useRouter();
  const there = asked === null || asked === "all" ? [] : rows.filter(({ kind, vaultRef }) => kind === "ours" && vaultRef === asked.vaultRef).map(keyOf);
  const [shown, setShown] = useState(asked === "all" ? rows.some(({ kind }) => kind === "ours") : there.length > 0);
  const show = (next: boolean) => {
    setShown(next);
    // Else a reload would ask again for what was answered.
    if (!next && asked !== null) router.replace(`/technicians/${personId}`, { scroll: false });
  };
  const [cause, setCause] = useState<"leaver" | "token">(there.length > 0 ? "token" : "leaver");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set(there));
  const ours = rows.filter(({ kind }) => kind === "ours");
  const own = rows.length - ours.length;
  const clients = new Set(ours.map(({ clientId }) => clientId)).size;
  const count = cause === "leaver" ? ours.length : chosen.size;
  return (
    <>
      <Button tone="danger" disabledReason={ours.length === 0 ? "No vault holds a row of ours that we take for theirs." : null} onClick={() => show(true)}>Take access away…</Button>
      <Dialog open={shown} onOpenChange={show} title={`Take access away from ${name}`} description="A board is opened and the removals are frozen as one plan. Nothing reaches a vault before its tap." width={560}>
        <Form
          action={deed} submit={count === 1 ? "Open the board, 1 token" : `Open the board, ${count} tokens`} pending="Opening" tone="danger" error={NO_ANSWER} disabledReason={count === 0 ? "Choose at least one token." : null}
          aside={<Button onClick={() => show(false)}>Keep it as it is</Button>} className="pb-2" onDone={({ revocationId }) => { setShown(false); router.push(`/revocations/${revocationId}`); }}
        >
          <input type="hidden" name="personId" value={personId} />
          <input type="hidden" name="tokens" value={cause === "leaver" ? "all" : [...chosen].join(" ")} />
          <Field name="cause" label="Why" group>
            <RadioGroup
              value={cause} onChange={setCause}
              choices={[
                { value: "leaver", label: "They leave", help: `Every token of ours goes: ${ours.length} at ${clients === 1 ? "1 client" : `${clients} clients`}.${own > 0 ? ` ${own === 1 ? "One row is" : `${own} rows are`} the client’s own: only the client ends ${own === 1 ? "it" : "them"}, and the board names whom to call.` : ""}` },
                { value: "token", label: "A token may be in wrong hands", help: "Only the tokens that you choose." },
              ]}
            />
          </Field>
          {cause === "token" ? (
            <div role="group" aria-label="Tokens" className="max-h-56 overflow-y-auto rounded-box border border-line px-3 py-2">
              {ours.map((row) => (
                <div key={keyOf(row)} className="py-0.5 [contain-intrinsic-size:auto_24px] [content-visibility:auto]">
                  <Checkbox checked={chosen.has(keyOf(row))} onChange={(on) => setChosen((before) => new Set(on ? [...before, keyOf(row)] : [...before].filter((one) => one !== keyOf(row))))}><bdi>{row.clientName}</bdi>{row.place ? <span className="text-text-3"> {row.place}</span> : null}</Checkbox>
                </div>
              ))}
            </div>
          ) : null}
          <Field name="reason" label="Reason" optional help="Stands on the board and in the record.">
            <Input autoComplete="off" dir="auto" maxLength={120} />
          </Field>
        </Form>
      </Dialog>
    </>
  );
}
