"use client";
import { ArrowDown, ArrowUp, Trash2 } from "lucide-react";
import { Button, IconButton } from "#components/ui/button.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import { Field } from "#components/ui/field.tsx";
import { Form } from "#components/ui/form.tsx";
import { Input } from "#components/ui/input.tsx";
import { toast } from "#components/ui/toast.tsx";
import { useDeed, type Deed } from "#components/role/use-deed.ts";
import type { PodLine } from "#lib/technician/list.ts";
import { noAnswer } from "./note-dialog.tsx";

export type PodDeeds = { createPod: Deed<{ id: string }>; renamePod: Deed<{ id: string }>; orderPods: Deed<{ count: number }>; removePod: Deed<{ name: string; people: number }> };

/** Pods: made, renamed, ordered, removed. Each change holds at once. */
export function PodsDialog({ open, pods, onClose, deeds }: { open: boolean; pods: readonly PodLine[]; onClose: () => void; deeds: PodDeeds }) {
  return (
    <Dialog open={open} onOpenChange={onClose} title="Pods" description="Groups of technicians, by which the matrix folds its columns. Removing one takes nothing from anybody.">
      <ul className="mb-4 grid gap-1">
        {pods.map((pod, index) => (
          <PodRow key={`${pod.podId}${pod.name}`} pod={pod} index={index} pods={pods} deeds={deeds} />
        ))}
      </ul>
      <Form action={deeds.createPod} submit="Make a pod" pending="Making" error={noAnswer} disabledReason={null} clearWhenDone className="pb-2" aside={<Button onClick={onClose}>Done</Button>}>
        <Field name="name" label="New pod">
          <Input autoComplete="off" dir="auto" maxLength={40} />
        </Field>
      </Form>
    </Dialog>
  );
}

function PodRow({ pod, index, pods, deeds }: { pod: PodLine; index: number; pods: readonly PodLine[]; deeds: PodDeeds }) {
  const rename = useDeed(deeds.renamePod);
  const order = useDeed(deeds.orderPods);
  const remove = useDeed(deeds.removePod);
  const move = (to: number) => {
    const ids = pods.map(({ podId }) => podId).filter((id) => id !== pod.podId);
    ids.splice(to, 0, pod.podId);
    order.run({ podIds: ids.join(",") });
  };
  return (
    <li className="flex items-center gap-2">
      <Input
        aria-label={`Name of the pod ${pod.name}`} defaultValue={pod.name} maxLength={40} dir="auto" className="flex-1"
        onKeyDown={(event) => {
          const field = event.currentTarget;
          if (event.key === "Enter") field.blur();
          if (event.key === "Escape") {
            event.stopPropagation();
            field.value = pod.name;
            field.blur();
          }
        }}
        onBlur={(event) => {
          const name = event.currentTarget.value.trim();
          if (name !== "" && name !== pod.name) rename.run({ podId: pod.podId, name }, () => toast({ state: "proven", words: `The pod is called ${name}` }));
          else event.currentTarget.value = pod.name;
        }}
      />
      <span className="w-20 shrink-0 text-right text-12 text-text-3">{pod.people === 1 ? "1 person" : `${pod.people} people`}</span>
      <IconButton label={`Move ${pod.name} up`} icon={<ArrowUp aria-hidden />} disabledReason={index === 0 ? "It is the first." : null} onClick={() => move(index - 1)} />
      <IconButton label={`Move ${pod.name} down`} icon={<ArrowDown aria-hidden />} disabledReason={index === pods.length - 1 ? "It is the last." : null} onClick={() => move(index + 1)} />
      <IconButton label={`Remove the pod ${pod.name}`} icon={<Trash2 aria-hidden />} onClick={() => remove.run({ podId: pod.podId }, ({ name, people }) => toast({ state: "none", words: people > 0 ? `${name} is removed; ${people === 1 ? "1 person is" : `${people} people are`} in no pod` : `${name} is removed` }))} />
    </li>
  );
}
