// The page's script: a file is chosen or dropped, read in this browser, and checked. Nothing is sent; the page's own policy forbids it.
import { verifyCertificate } from "../lib/revocation/verify.ts";
import { reportOf, type Report } from "./report.ts";

const byId = (id: string): HTMLElement => document.getElementById(id)!;
const element = (name: string, text: string, className = ""): HTMLElement => Object.assign(document.createElement(name), { textContent: text, className });

function show({ holds, title, facts, proven, remarks, limits }: Report, name: string): void {
  const result = byId("result");
  const list = (lines: readonly string[], heading: string) => {
    if (lines.length === 0) return [];
    const items = document.createElement("ul");
    items.append(...lines.map((line) => element("li", line)));
    return [element("h3", heading), items];
  };
  const table = document.createElement("dl");
  for (const [label, value] of facts) table.append(element("dt", label), element("dd", value, /^[0-9a-f]{4} /.test(value) ? "mono" : ""));
  result.className = holds ? "holds" : "refused";
  result.replaceChildren(element("p", name, "file"), element("h2", title), table, ...list(proven, "Proven"), ...list(remarks, holds ? "To be noted" : "Why"), ...list(limits, holds ? "What this check says, and what not" : "What to do"));
  result.hidden = false;
  result.focus();
}

async function check(file: File): Promise<void> {
  const key = (byId("key") as HTMLInputElement).value.trim();
  show(reportOf(await verifyCertificate(new Uint8Array(await file.arrayBuffer()), key === "" ? null : key)), file.name);
}

const input = byId("file") as HTMLInputElement;
input.addEventListener("change", () => {
  const [file] = input.files ?? [];
  if (file) void check(file);
});
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  event.preventDefault();
  const file = event.dataTransfer?.files[0];
  if (file) void check(file);
});
// Without Ed25519 nothing could be told: that is said, rather than "refused".
crypto.subtle?.importKey("raw", new Uint8Array(32).fill(0x66).with(0, 0x58), { name: "Ed25519" }, false, ["verify"]).catch(() => {
  byId("unable").hidden = false;
});
if (crypto.subtle === undefined) byId("unable").hidden = false;
