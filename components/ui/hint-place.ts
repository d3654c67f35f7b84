type Box = { readonly left: number; readonly top: number; readonly width: number; readonly height: number };

const GAP = 6;
const EDGE = 8;

/**
 * Where a hint of the size of `hint` goes beside `anchor`, in pixels of the viewport: above and centred, or to the right; on the
 * other side where there is no room; never closer than 8 px to an edge as long as it fits at all.
 */
export function placeHint(anchor: Box, hint: Pick<Box, "width" | "height">, view: Pick<Box, "width" | "height">, side: "top" | "right"): { left: number; top: number } {
  const within = (value: number, size: number, room: number) => Math.round(Math.max(EDGE, Math.min(value, room - size - EDGE)));
  if (side === "right") {
    const right = anchor.left + anchor.width + GAP;
    const left = right + hint.width + EDGE <= view.width ? right : anchor.left - GAP - hint.width;
    return { left: within(left, hint.width, view.width), top: within(anchor.top + (anchor.height - hint.height) / 2, hint.height, view.height) };
  }
  const above = anchor.top - GAP - hint.height;
  const top = above >= EDGE ? above : anchor.top + anchor.height + GAP;
  return { left: within(anchor.left + (anchor.width - hint.width) / 2, hint.width, view.width), top: within(top, hint.height, view.height) };
}
