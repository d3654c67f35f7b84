import { Badge, Code } from "#components/ui/badge.tsx";
import { ChangeCounts, ChangeSign } from "#components/ui/change-sign.tsx";
import { Glyph } from "#components/ui/glyph.tsx";
import type { State } from "#components/ui/glyph.tsx";
import { RoleLetter } from "#components/ui/role-letter.tsx";
import { SlotWords, Slots } from "#components/ui/slots.tsx";

const STATES: readonly { state: State; words: string }[] = [
  { state: "proven", words: "proven" },
  { state: "moving", words: "on the wire" },
  { state: "attention", words: "look" },
  { state: "refused", words: "refused" },
  { state: "staged", words: "staged" },
  { state: "none", words: "draft" },
];
const ROLES = [
  ["F", "Full access"], ["N", "Networking"], ["M", "Monitoring"], ["B", "Backup"], ["S", "Servers"],
  ["W", "Web"], ["I", "Identity"], ["C", "Cloud"], ["T", "Telephony"],
] as const;
const SLOTS = [
  { used: 8, limit: 11, staged: 0 },
  { used: 8, limit: 11, staged: 2 },
  { used: 17, limit: 26, staged: 0 },
  { used: 46, limit: 101, staged: 12 },
  { used: 11, limit: 11, staged: 0 },
  { used: 26, limit: 26, staged: 0 },
] as const;

export function SignParts() {
  return (
    <div className="grid gap-3.5">
      <div className="flex flex-wrap gap-2">
        {STATES.map(({ state, words }) => (
          <Badge key={state} state={state}>
            {words}
          </Badge>
        ))}
        <Badge>plain</Badge>
        <Code>T25</Code>
      </div>
      <div className="flex items-center gap-2 text-12 text-text-3">
        {STATES.map(({ state }) => (
          <Glyph key={state} state={state} label />
        ))}
        <span>disc, half, diamond, square, dashes, ring</span>
      </div>
      <div className="flex flex-wrap gap-2">
        {ROLES.map(([letter, name]) => (
          <RoleLetter key={letter} letter={letter} name={name} full={letter === "F"} />
        ))}
      </div>
      <div className="flex flex-wrap items-center gap-2">
        <RoleLetter letter="N" name="Networking" change="grant" />
        <RoleLetter letter="M" name="Monitoring" change="grant" />
        <RoleLetter letter="N" name="Networking" change="revoke" />
        <RoleLetter letter="M" name="Monitoring" change="revoke" />
        <span className="text-12 text-text-3">staged</span>
        <ChangeCounts grant={214} revoke={37} alter={12} className="ml-auto" />
      </div>
      <div className="flex flex-wrap gap-x-3.5 gap-y-1">
        {(["grant", "revoke", "alter", "keep", "drift"] as const).map((change) => (
          <span key={change}>
            <ChangeSign change={change} /> <span aria-hidden>{change === "alter" ? "change" : change}</span>
          </span>
        ))}
      </div>
      <ul className="grid grid-cols-2 gap-x-4 gap-y-1.5">
        {SLOTS.map((slots) => (
          <li key={`${slots.used} ${slots.limit} ${slots.staged}`} className="flex items-center gap-2">
            <Slots {...slots} />
            <SlotWords {...slots} />
          </li>
        ))}
      </ul>
      <Slots used={7} limit={11} staged={1} wide />
    </div>
  );
}
