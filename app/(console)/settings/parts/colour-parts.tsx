const SWATCHES = [
  { ground: "bg-canvas border border-line", words: "text-text", name: "canvas", contrast: "16.5 16.5" },
  { ground: "bg-surface border border-line", words: "text-text-2", name: "surface, text-2", contrast: "8.1 8.9" },
  { ground: "bg-sunken", words: "text-text-3", name: "sunken, text-3", contrast: "5.0 6.7" },
  { ground: "bg-hover", words: "text-text-3", name: "hover, text-3", contrast: "5.0 5.6" },
  { ground: "bg-active", words: "text-text-3", name: "active, text-3", contrast: "4.6 5.0" },
  { ground: "bg-ink", words: "text-on-ink", name: "ink", contrast: "16.0 15.1" },
  { ground: "bg-accent", words: "text-on-accent", name: "accent", contrast: "7.1 5.0" },
  { ground: "bg-accent-soft", words: "text-accent-text", name: "accent-soft", contrast: "6.7 7.5" },
  { ground: "bg-info-soft", words: "text-info-text", name: "info-soft", contrast: "5.9 8.4" },
  { ground: "bg-info-solid", words: "text-on-solid", name: "info-solid", contrast: "4.5 7.5" },
  { ground: "bg-ok-soft", words: "text-ok-text", name: "ok-soft", contrast: "6.0 8.6" },
  { ground: "bg-ok-solid", words: "text-on-solid", name: "ok-solid", contrast: "4.6 7.7" },
  { ground: "bg-attention-soft", words: "text-attention-text", name: "attention-soft", contrast: "5.7 8.9" },
  { ground: "bg-attention-soft", words: "text-text", name: "attention, text", contrast: "15.9 12.7" },
  { ground: "bg-danger-soft", words: "text-danger-text", name: "danger-soft", contrast: "5.5 7.3" },
  { ground: "bg-danger-solid", words: "text-on-solid", name: "danger-solid", contrast: "5.4 6.0" },
] as const;

export function ColourParts() {
  return (
    <ul className="grid grid-cols-8 gap-2 max-rail:grid-cols-4 max-thumb:grid-cols-2">
      {SWATCHES.map((swatch) => (
        <li key={swatch.name} className={`flex h-[62px] flex-col justify-between overflow-hidden rounded-box px-2.5 py-2 text-12 whitespace-nowrap ${swatch.ground} ${swatch.words}`}>
          <b className="font-semibold">{swatch.name}</b>
          <span className="text-11">{swatch.contrast}</span>
        </li>
      ))}
    </ul>
  );
}
