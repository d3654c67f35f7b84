"use client";
import { ListFilter, Search, Tag } from "lucide-react";
import type { RefObject } from "react";
import { Button } from "#components/ui/button.tsx";
import { Chip } from "#components/ui/chip.tsx";
import { Input } from "#components/ui/input.tsx";
import { Menu, type MenuEntry } from "#components/ui/menu.tsx";
import type { Choices, ClientFilter } from "#lib/client/filter.ts";
import { clientProbes } from "#lib/client/filter.ts";
import { HEALTH_WORDS, planName, PROBE_WORDS, STATE_WORDS } from "./words.ts";

export type FilterPart = { readonly [K in keyof ClientFilter]?: ClientFilter[K] };
type Props = { filter: ClientFilter; choices: Choices; change: (part: FilterPart) => void; search: RefObject<HTMLInputElement | null>; blamed: keyof ClientFilter | null };

const any = (words: string) => ({ value: "", label: words });

/** Search, what else narrows the list, and each condition that holds as a chip that can be taken off. */
export function ClientFilters({ filter, choices, change, search, blamed }: Props) {
  const entries: MenuEntry[] = [
    { kind: "choice", label: "Plan", value: filter.plan ?? "", choices: [any("Any plan"), ...choices.plans.map((plan) => ({ value: plan, label: planName(plan) }))], onChoose: (plan) => change({ plan: plan === "" ? null : plan }) },
    { kind: "line" },
    { kind: "choice", label: "State", value: filter.state ?? "", choices: [any("Any state"), ...choices.states.map((state) => ({ value: state, label: STATE_WORDS[state] }))], onChoose: (state) => change({ state: choices.states.find((one) => one === state) ?? null }) },
    { kind: "line" },
    { kind: "choice", label: "Vault", value: filter.health ?? "", choices: [any("However it stands"), ...choices.healths.map((health) => ({ value: health, label: HEALTH_WORDS[health] }))], onChoose: (health) => change({ health: choices.healths.find((one) => one === health) ?? null }) },
    { kind: "line" },
    { kind: "choice", label: "Blind probe", value: filter.probe ?? "", choices: [any("Any result"), ...clientProbes.map((probe) => ({ value: probe, label: PROBE_WORDS[probe] }))], onChoose: (probe) => change({ probe: clientProbes.find((one) => one === probe) ?? null }) },
    { kind: "line" },
    { kind: "deed", label: filter.drifted ? "Changed or not" : "Changed by the client", run: () => change({ drifted: !filter.drifted }) },
    { kind: "deed", label: filter.full ? "With or without a free token" : "No free token", run: () => change({ full: !filter.full }) },
  ];
  const chips = [
    ...filter.tags.map((tag) => ({ key: `tag ${tag}`, part: "tags" as const, qualifier: "tag", words: tag, off: { tags: filter.tags.filter((one) => one !== tag) } })),
    ...(filter.plan === null ? [] : [{ key: "plan", part: "plan" as const, qualifier: "plan", words: planName(filter.plan), off: { plan: null } }]),
    ...(filter.state === null ? [] : [{ key: "state", part: "state" as const, qualifier: "state", words: STATE_WORDS[filter.state], off: { state: null } }]),
    ...(filter.health === null ? [] : [{ key: "health", part: "health" as const, qualifier: "vault", words: HEALTH_WORDS[filter.health], off: { health: null } }]),
    ...(filter.probe === null ? [] : [{ key: "probe", part: "probe" as const, qualifier: "probe", words: PROBE_WORDS[filter.probe], off: { probe: null } }]),
    ...(filter.drifted ? [{ key: "drift", part: "drifted" as const, qualifier: "drift", words: "open", off: { drifted: false } }] : []),
    ...(filter.full ? [{ key: "free", part: "full" as const, qualifier: "free", words: "0", off: { full: false } }] : []),
  ];
  return (
    <div className="flex flex-wrap items-center gap-2 px-gutter pb-3">
      <div className="w-72 max-thumb:w-full">
        <Input ref={search} type="search" aria-label="Search clients" placeholder="Name, tag, region or vault id" lead={<Search aria-hidden />} value={filter.q} maxLength={200} autoComplete="off" spellCheck={false} dir="auto" onChange={(event) => change({ q: event.target.value })} />
      </div>
      <Menu trigger={<Button icon={<ListFilter aria-hidden />}>Filter</Button>} align="start" entries={entries} />
      {choices.tags.length > 0 ? (
        <Menu
          trigger={<Button icon={<Tag aria-hidden />}>Tag</Button>} align="start"
          entries={choices.tags.map((tag): MenuEntry => ({ kind: "deed", label: filter.tags.includes(tag) ? `Without ${tag}` : tag, run: () => change({ tags: filter.tags.includes(tag) ? filter.tags.filter((one) => one !== tag) : [...filter.tags, tag] }) }))}
        />
      ) : null}
      {chips.map(({ key, part, qualifier, words, off }) => (
        <Chip key={key} qualifier={qualifier} blamed={blamed === part} removeLabel={`Take off ${qualifier}: ${words}`} onRemove={() => change(off)}>
          <bdi>{words}</bdi>
        </Chip>
      ))}
    </div>
  );
}
