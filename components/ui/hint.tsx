"use client";
import { useEffect, useRef } from "react";
import { placeHint } from "./hint-place.ts";

/**
 * One layer for every hint on the page. Anything may carry `data-hint` (server components too); it costs nothing until it is
 * pointed at. WCAG 1.4.13: shown on hover and on keyboard focus, Escape puts it away, the pointer may move onto it, and it stays
 * until pointer and focus have left. It only repeats what the element already says to a screen reader, so it is hidden from one.
 *
 * - `data-hint`: the words. `data-hint-keys`: keys shown beside them, separated by spaces.
 * - `data-hint-clipped`: only when the element's own text is cut off. - `data-hint-media`: only when the media query holds.
 * - `data-hint-side`: `top` (default) or `right`.
 */
export function HintLayer() {
  const layer = useRef<HTMLDivElement>(null);
  useEffect(() => (layer.current ? attach(layer.current) : undefined), []);
  return (
    <div
      ref={layer}
      popover="manual"
      aria-hidden
      className="pointer-events-auto fixed inset-auto m-0 hidden max-w-[min(340px,calc(100vw-16px))] rounded-box border-0 bg-ink px-[9px] py-1.5 text-12 text-pretty text-on-ink open:flex open:items-center open:gap-2"
    />
  );
}

const SHOW_AFTER = 350;
const HIDE_AFTER = 120;

function attach(layer: HTMLDivElement): () => void {
  let owner: HTMLElement | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const later = (ms: number, run: () => void) => {
    clearTimeout(timer);
    timer = setTimeout(run, ms);
  };
  const hide = () => {
    clearTimeout(timer);
    owner = null;
    if (layer.matches(":popover-open")) layer.hidePopover();
  };
  const show = (element: HTMLElement) => {
    if (!element.isConnected || !wanted(element)) return hide();
    owner = element;
    const words = document.createElement("span");
    words.textContent = element.dataset["hint"] ?? "";
    const keys = (element.dataset["hintKeys"] ?? "").split(" ").filter(Boolean).map((key) => {
      const kbd = document.createElement("kbd");
      kbd.textContent = key;
      kbd.className = "inline-flex h-4 min-w-4 items-center justify-center rounded-in border border-current px-1 font-sans text-11 font-medium opacity-80";
      return kbd;
    });
    layer.replaceChildren(words, ...keys);
    if (!layer.matches(":popover-open")) layer.showPopover();
    const at = placeHint(element.getBoundingClientRect(), layer.getBoundingClientRect(), { width: innerWidth, height: innerHeight }, element.dataset["hintSide"] === "right" ? "right" : "top");
    layer.style.left = `${at.left}px`;
    layer.style.top = `${at.top}px`;
  };
  const over = (event: Event) => {
    if (!(event.target instanceof Element)) return;
    if (layer.contains(event.target)) return clearTimeout(timer);
    const element = event.target.closest<HTMLElement>("[data-hint]");
    if (element === owner && element) return clearTimeout(timer);
    // A second hint follows at once, as when moving along a row of buttons.
    if (element) later(owner ? 0 : SHOW_AFTER, () => show(element));
    else if (owner) later(HIDE_AFTER, hide);
    else clearTimeout(timer);
  };
  const focus = (event: FocusEvent) => {
    if (!(event.target instanceof HTMLElement)) return;
    const element = event.target.closest<HTMLElement>("[data-hint]");
    if (element && event.target.matches(":focus-visible")) show(element);
    // A press focuses what it presses; that must not put away the reason it just asked for.
    else if (owner && !owner.contains(event.target)) hide();
  };
  const key = (event: KeyboardEvent) => {
    if (owner && event.key === "Escape") hide();
  };
  const press = (event: Event) => {
    // A press answers the question; only the reason why nothing happens stays.
    if (owner && event.target instanceof Node && owner.contains(event.target) && owner.getAttribute("aria-disabled") !== "true") hide();
    else if (event.target instanceof Element) {
      const off = event.target.closest<HTMLElement>('[data-hint][aria-disabled="true"]');
      if (off) show(off);
    }
  };
  const options = { passive: true } as const;
  document.addEventListener("pointerover", over, options);
  document.addEventListener("focusin", focus);
  document.addEventListener("focusout", hide);
  document.addEventListener("keydown", key);
  document.addEventListener("pointerdown", press);
  addEventListener("scroll", hide, { capture: true, passive: true });
  return () => {
    hide();
    document.removeEventListener("pointerover", over);
    document.removeEventListener("focusin", focus);
    document.removeEventListener("focusout", hide);
    document.removeEventListener("keydown", key);
    document.removeEventListener("pointerdown", press);
    removeEventListener("scroll", hide, { capture: true });
  };
}

function wanted(element: HTMLElement): boolean {
  if (!element.dataset["hint"]) return false;
  if (element.dataset["hintClipped"] !== undefined && element.scrollWidth <= element.clientWidth) return false;
  const media = element.dataset["hintMedia"];
  return media === undefined || matchMedia(media).matches;
}
