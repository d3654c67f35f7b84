/** The whole grid as a picture on its right edge: a click jumps there. Drawn when nothing else is to do. */
import { FULL, flag, isHeld } from "#lib/matrix/facts.ts";
import { sign } from "#lib/matrix/stage.ts";
import type { MatrixModel } from "./model.ts";
import { cellAt, columnCount, rowCount } from "./view.ts";

const idle = (work: () => void): number => ("requestIdleCallback" in window ? requestIdleCallback(work, { timeout: 400 }) : setTimeout(work, 60) as unknown as number);
const idleOff = (id: number): void => ("cancelIdleCallback" in window ? cancelIdleCallback(id) : clearTimeout(id));

type Colours = { none: number[]; held: number[]; full: number[]; staged: number[]; revoked: number[]; drift: number[] };
function coloursOf(element: HTMLElement): Colours {
  const style = getComputedStyle(element);
  const canvas = new OffscreenCanvas(1, 1).getContext("2d")!;
  const read = (name: string) => {
    canvas.fillStyle = style.getPropertyValue(name).trim();
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  return { none: read("--surface"), held: read("--line-control"), full: read("--text-2"), staged: read("--accent"), revoked: read("--danger-solid"), drift: read("--attention-solid") };
}

export function createMinimap(box: HTMLElement, scroller: HTMLElement, model: MatrixModel): () => void {
  const canvas = document.createElement("canvas");
  const port = Object.assign(document.createElement("div"), { className: "mx-vp" });
  box.setAttribute("aria-hidden", "true");
  box.replaceChildren(canvas, port);
  let waiting = 0;

  const draw = () => {
    waiting = 0;
    const { arrangement, facts, stage } = model;
    const [rows, columns] = [rowCount(arrangement), columnCount(arrangement)];
    if (rows === 0 || columns === 0) {
      canvas.width = canvas.height = 1;
      return;
    }
    const high = Math.min(rows, 1_000);
    const wide = Math.min(columns, 200);
    canvas.width = wide;
    canvas.height = high;
    const colours = coloursOf(box);
    const image = new ImageData(wide, high);
    for (let y = 0; y < high; y += 1) for (let x = 0; x < wide; x += 1) {
      const cell = cellAt(arrangement, Math.floor((y * rows) / high) + 1, Math.floor((x * columns) / wide) + 1);
      let colour = colours.none;
      if (cell >= 0) {
        const access = facts.cells.access[cell]!;
        if (stage.sign[cell] === sign.revoke) colour = colours.revoked;
        else if (stage.sign[cell] !== sign.none) colour = colours.staged;
        else if (facts.cells.flags[cell]! & flag.drift) colour = colours.drift;
        else if (access & FULL) colour = colours.full;
        else if (isHeld(access)) colour = colours.held;
      }
      image.data.set(colour, (y * wide + x) * 4);
    }
    canvas.getContext("2d")!.putImageData(image, 0, 0);
    follow();
  };
  const later = () => {
    if (waiting === 0) waiting = idle(draw);
  };
  const follow = () => {
    const { scrollTop, scrollLeft, scrollWidth, scrollHeight, clientWidth, clientHeight } = scroller;
    const share = (part: number, whole: number) => `${Math.min(100, (part / Math.max(1, whole)) * 100)}%`;
    Object.assign(port.style, { top: share(scrollTop, scrollHeight), left: share(scrollLeft, scrollWidth), width: share(clientWidth, scrollWidth), height: share(clientHeight, scrollHeight) });
  };
  const jump = (event: PointerEvent) => {
    if (event.buttons !== 1) return;
    const rect = box.getBoundingClientRect();
    scroller.scrollTop = ((event.clientY - rect.top) / rect.height) * scroller.scrollHeight - scroller.clientHeight / 2;
    scroller.scrollLeft = ((event.clientX - rect.left) / rect.width) * scroller.scrollWidth - scroller.clientWidth / 2;
  };
  const off = model.subscribe((change) => {
    if (change !== "moved") later();
  });
  scroller.addEventListener("scroll", follow, { passive: true });
  box.addEventListener("pointerdown", jump);
  box.addEventListener("pointermove", jump);
  later();
  return () => {
    off();
    idleOff(waiting);
    scroller.removeEventListener("scroll", follow);
    box.removeEventListener("pointerdown", jump);
    box.removeEventListener("pointermove", jump);
    box.replaceChildren();
  };
}
