"use client";
import { Checkbox } from "#components/ui/checkbox.tsx";
import { Field } from "#components/ui/field.tsx";
import { personRights, type PersonRight } from "#lib/identity/permission.ts";
import { RIGHT_WORDS } from "./right-words.ts";

/** The four rights to tick. Sent as one box each; `collectRights` (collect-rights.ts) makes them the one field that actions read. */
export function RightsField({ held }: { held: readonly PersonRight[] }) {
  return (
    <Field name="rights" label="Rights" group>
      <div className="grid gap-2">
        {personRights.map((right) => (
          <Checkbox key={right} name={`right_${right}`} value="on" defaultChecked={held.includes(right)} help={RIGHT_WORDS[right].can}>
            {RIGHT_WORDS[right].name}
          </Checkbox>
        ))}
      </div>
    </Field>
  );
}
