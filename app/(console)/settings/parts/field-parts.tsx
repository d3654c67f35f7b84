"use client";
import { Search } from "lucide-react";
import dynamic from "next/dynamic";
import { useState } from "react";
import { Checkbox } from "#components/ui/checkbox.tsx";
import { Chip } from "#components/ui/chip.tsx";
import { Field } from "#components/ui/field.tsx";
import { Input, TextArea } from "#components/ui/input.tsx";
import { RadioGroup } from "#components/ui/radio.tsx";
import { Select } from "#components/ui/select.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { Switch } from "#components/ui/switch.tsx";
import { WhenNear } from "#components/ui/when-near.tsx";
import { CLIENTS } from "./sample.ts";

const ROLES = [
  { value: "networking", label: "Networking" },
  { value: "monitoring", label: "Monitoring" },
  { value: "backup", label: "Backup" },
] as const;

const ClientCombobox = dynamic(async () => (await import("#components/ui/combobox.tsx")).Combobox<string>, { loading: () => <Skeleton className="h-8 rounded-box" /> });

export function FieldParts() {
  const [some, setSome] = useState<readonly string[]>(["mail"]);
  const all = ["mail", "webhook"];
  const [chips, setChips] = useState(["tag:pod-a", "free:0"]);
  return (
    <div className="grid grid-cols-3 gap-x-4 gap-y-4 max-rail:grid-cols-2 max-thumb:grid-cols-1">
      <Field name="part-rest" label="Rest" help="As it stands on the invoice.">
        <Input placeholder="Name or alias" />
      </Field>
      <Field name="part-full" label="Filled" optional>
        <Input defaultValue="Château Vermeil Hôtels" dir="auto" />
      </Field>
      <Field name="part-wrong" label="Wrong" error="February ends on the 28th">
        <Input defaultValue="31 Feb" />
      </Field>
      <Field name="part-off" label="Off, with the reason" disabledReason="Asked for by the client.">
        <Input defaultValue="Cosign" />
      </Field>
      <Field name="part-mono" label="Compared letter by letter">
        <Input mono defaultValue="9f2c-41d0-7be3-a855" />
      </Field>
      <Field name="part-search" label="With a sign">
        <Input lead={<Search strokeWidth={1.5} aria-hidden />} type="search" placeholder="Find" />
      </Field>
      <Field name="part-select" label="One of a few">
        <Select choices={ROLES} defaultValue="networking" />
      </Field>
      <Field name="part-combobox" label="One of many">
        <WhenNear placeholder={<Skeleton className="h-8 rounded-box" />}>
          <ClientCombobox choices={CLIENTS.map((client) => ({ value: client.id, label: client.name, detail: client.place }))} />
        </WhenNear>
      </Field>
      <Field name="part-select-off" label="Off" disabledReason="There is only one.">
        <Select choices={ROLES} defaultValue="backup" />
      </Field>
      <Field name="part-reason" label="Several lines" help="The client reads this.">
        <TextArea defaultValue="Replaces the firewall at the clinic on Saturday." />
      </Field>
      <div className="grid content-start gap-2">
        <Checkbox checked={some.length === all.length} some={some.length === 1} onChange={(on) => setSome(on ? all : [])}>
          All of these
        </Checkbox>
        <div className="ml-6 grid gap-2">
          {all.map((one) => (
            <Checkbox key={one} checked={some.includes(one)} onChange={(on) => setSome(on ? [...some, one] : some.filter((other) => other !== one))}>
              {one === "mail" ? "By mail" : "By webhook"}
            </Checkbox>
          ))}
        </div>
        <Checkbox defaultChecked disabledReason="Required by your organisation.">
          Keep a record
        </Checkbox>
      </div>
      <div className="grid content-start gap-3">
        <Field name="part-order" label="Ordered" group>
        <RadioGroup
          defaultValue="client"
          choices={[
            { value: "client", label: "By client" },
            { value: "technician", label: "By technician", help: "Columns become rows" },
            { value: "money", label: "By money", disabledReason: "Not for technicians." },
          ]}
        />
        </Field>
        <Switch defaultChecked help="At most one a day.">
          Send a summary
        </Switch>
        <Switch disabledReason="Only an owner can.">Freeze bulk work</Switch>
      </div>
      <div className="col-span-full flex flex-wrap items-center gap-1.5">
        {chips.map((chip) => {
          const [qualifier = "", value = ""] = chip.split(":");
          return (
            <Chip key={chip} qualifier={qualifier} onRemove={() => setChips(chips.filter((one) => one !== chip))} removeLabel={`Remove ${chip}`}>
              {value}
            </Chip>
          );
        })}
        <Chip qualifier="outcome" blamed onRemove={() => undefined} removeLabel="Remove outcome:failed">
          failed
        </Chip>
        <Chip qualifier="client">
          <bdi>مكتبة النخيل</bdi>
        </Chip>
      </div>
    </div>
  );
}
