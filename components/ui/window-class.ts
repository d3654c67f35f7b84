/** What lies between the page and a window over it. */
export const BACKDROP = "appear fixed inset-0 z-40 bg-scrim";
/** A window over the page. */
export const WINDOW = "appear fixed z-50 flex flex-col bg-raised text-text shadow-modal outline-none";
