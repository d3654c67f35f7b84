/**
 * The landmark that holds an element, for what floats beside it: drawn there, it is found by whoever walks the page by landmarks
 * (axe: region). Null inside a window over the page, whose floats belong to the body.
 */
export function landmarkOf(element: Element | null): HTMLElement | null {
  return element?.closest<HTMLElement>("main, header, nav, aside") ?? null;
}
