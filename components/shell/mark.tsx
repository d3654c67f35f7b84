/** The mark: a key's bow and bit in an ink tile. */
export function Mark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 20 20" aria-hidden className={className}>
      <rect width="20" height="20" rx="5" fill="var(--ink)" />
      <path d="M13.6 7.3a4.5 4.5 0 100 5.4" fill="none" stroke="var(--on-ink)" strokeWidth="2" />
      <rect x="11" y="9" width="5" height="2" fill="var(--on-ink)" />
    </svg>
  );
}
