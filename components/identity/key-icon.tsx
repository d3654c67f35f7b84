/** A key, as it stands on every button that asks for a touch. */
export function KeyIcon() {
  return (
    <svg viewBox="0 0 16 16" aria-hidden fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round" className="size-4">
      <circle cx="5.3" cy="10.2" r="2.8" />
      <path d="M7.4 8.2l5.6-5.6M10.6 5l2 2" />
    </svg>
  );
}
