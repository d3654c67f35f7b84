/** The edge, ground and states shared by everything one can type in. */
export const CONTROL =
  "w-full min-w-0 rounded-box border border-line-control bg-surface text-text placeholder:text-text-3 " +
  "focus-visible:border-accent focus-visible:outline-1 focus-visible:outline-offset-0 focus-visible:outline-accent " +
  "aria-invalid:border-danger-solid aria-invalid:focus-visible:outline-danger-solid " +
  "disabled:border-line disabled:bg-sunken disabled:text-text-3 disabled:opacity-100";

/** 32 px; 40 under a thumb, with 16 px type there so that a phone does not zoom in. */
export const CONTROL_LINE = "h-8 px-2.5 text-13 max-thumb:h-10 max-thumb:text-16";
