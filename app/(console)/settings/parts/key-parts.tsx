import { Keys } from "#components/ui/keys.tsx";

const LINES = [
  ["1–9", "role"], ["F", "full"], ["⌫", "revoke"], ["E", "end date"], ["R", "reason"], ["C", "copy"], ["V", "paste"], ["Z", "undo"],
  ["/", "filter"], ["?", "all keys"], ["[", "back"], ["]", "next"], ["␣", "peek"], ["↵", "open"],
] as const;

export function KeyParts() {
  return (
    <>
      <dl className="grid grid-cols-[auto_minmax(0,1fr)_auto_minmax(0,1fr)] items-center gap-x-3 gap-y-2">
        {LINES.map(([key, words]) => (
          <div key={key} className="contents">
            <dt>
              <Keys of={key} />
            </dt>
            <dd className="text-text-2">{words}</dd>
          </div>
        ))}
      </dl>
      <p className="mt-3.5 text-12 text-text-3">
        <Keys of="G" /> then <Keys of="S" /> settings
      </p>
    </>
  );
}
