"use client";
import { Checkbox } from "#components/ui/checkbox.tsx";
import { Field } from "#components/ui/field.tsx";
import { inOrder, personRights, type PersonRight } from "#lib/identity/permission.ts";
import { RIGHT_WORDS } from "./right-words.ts";

/** The four rights to tick. Sent as one box each; `collectRights` makes them the one field that actions read. */
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

/** The rights ticked in a form, in their fixed order; also sets the field `rights` from them. */
export function collectRights(data: FormData): PersonRight[] {
  const rights = inOrder(personRights.filter((right) => data.get(`right_${right}`) !== null));
  for (const right of personRights) data.delete(`right_${right}`);
  data.set("rights", rights.join(","));
  return rights;
}

/** The rights that a collected form holds. */
export const rightsOf = (data: FormData): PersonRight[] => {
  const value = data.get("rights");
  return inOrder(typeof value === "string" ? value.split(",") : []);
};
