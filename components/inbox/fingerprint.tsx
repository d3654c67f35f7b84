/** Sixteen letters in four groups, for reading aloud; a screen reader says them one by one. */
export function Fingerprint({ letters }: { letters: string }) {
  const groups = letters.match(/.{1,4}/g) ?? [];
  return (
    <p role="img" aria-label={`Fingerprint: ${groups.map((group) => [...group].join(" ")).join(", ")}`} className="flex flex-wrap gap-x-4 font-mono text-20 font-medium tracking-[0.02em] select-all">
      {groups.map((group, at) => (
        // Groups have no identity but their place.
        // eslint-disable-next-line react/no-array-index-key
        <span key={at} aria-hidden>{group}</span>
      ))}
    </p>
  );
}
