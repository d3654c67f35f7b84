"use client";
import { X } from "lucide-react";
import { useState } from "react";
import { Button, IconButton } from "#components/ui/button.tsx";
import { Field } from "#components/ui/field.tsx";
import { Input } from "#components/ui/input.tsx";
import { Select } from "#components/ui/select.tsx";
import type { LengthRule, Rules } from "#lib/lease/policy.ts";

const keyOf = ({ roleId, tag }: Pick<LengthRule, "roleId" | "tag">): string => (roleId === null ? `tag:${tag ?? ""}` : `role:${roleId}`);
const ruleOf = (key: string, hours: number): LengthRule => (key.startsWith("role:") ? { roleId: key.slice(5), tag: null, hours } : { roleId: null, tag: key.slice(4), hours });

/** The longest for single roles and for clients with a tag: a list that is sent whole. */
export function LengthRules({ rules: { lengths, roles, tags } }: { rules: Rules }) {
  const [list, setList] = useState(lengths);
  const choices = [...roles.map(({ id, name }) => ({ value: `role:${id}`, label: name })), ...tags.map((tag) => ({ value: `tag:${tag}`, label: `Clients tagged “${tag}”` }))];
  const free = choices.filter(({ value }) => !list.some((one) => keyOf(one) === value));
  return (
    <fieldset className="mt-4 border-t border-line pt-3">
      <legend className="float-left w-full font-medium">Shorter for single roles and tags</legend>
      <p className="clear-both mb-2 text-pretty text-text-2">What stands here needs an end in every plan, from the matrix too. So does full access.</p>
      <input type="hidden" name="lengths" value={JSON.stringify(list)} />
      <ul className="grid gap-2">
        {list.map((one) => {
          const label = choices.find(({ value }) => value === keyOf(one))?.label ?? "A role that was retired";
          return (
            <li key={keyOf(one)} className="flex items-end gap-2">
              <span className="min-w-0 flex-1 truncate pb-1.5"><bdi>{label}</bdi></span>
              <div className="w-28"><Field name={`hours ${keyOf(one)}`} label="Hours"><Input type="number" inputMode="numeric" min={1} max={2160} value={one.hours} onChange={(event) => setList(list.map((other) => (other === one ? { ...one, hours: Number(event.target.value) } : other)))} /></Field></div>
              <IconButton label={`Take the rule for ${label} away`} icon={<X aria-hidden />} onClick={() => setList(list.filter((other) => other !== one))} />
            </li>
          );
        })}
      </ul>
      {free.length > 0 ? (
        <div className="mt-2"><Adder key={list.length} choices={free} add={(key) => setList([...list, ruleOf(key, 8)])} /></div>
      ) : null}
    </fieldset>
  );
}

function Adder({ choices, add }: { choices: { value: string; label: string }[]; add: (key: string) => void }) {
  const [value, setValue] = useState(choices[0]!.value);
  return (
    <div className="flex items-end gap-2">
      <div className="min-w-0 flex-1"><Field name="lengthOf" label="Role or tag"><Select value={value} onChange={setValue} choices={choices} /></Field></div>
      <Button onClick={() => add(value)}>Add a rule</Button>
    </div>
  );
}
