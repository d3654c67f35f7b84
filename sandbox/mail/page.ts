/** The sink's pages: a list, and one mail. No script; a mail's HTML stands in a frame that may do nothing. */
import type { Received } from "./store.ts";

const escape = (text: string) => text.replaceAll(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);

const frame = (title: string, inner: string, again: boolean) => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">${again ? `<meta http-equiv="refresh" content="5">` : ""}<title>${escape(title)}</title><style>
:root{color-scheme:light dark;--line:light-dark(#e5e4e0,#282724);--t2:light-dark(#51504b,#b7b6b2);--t3:light-dark(#696863,#989792)}
body{margin:0;background:light-dark(#fff,#161614);color:light-dark(#1b1915,#eeede9);font:13px/20px -apple-system,"Segoe UI",Roboto,"Liberation Sans",Arial,sans-serif;font-variant-numeric:tabular-nums}
header{padding:20px 24px 16px;border-bottom:1px solid var(--line)}h1{font-size:20px;line-height:28px;margin:0;letter-spacing:-.015em}p{margin:0;color:var(--t2)}
table{width:100%;border-collapse:collapse}td,th{text-align:left;padding:8px 12px;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}td:first-child,th:first-child{padding-left:24px}
th{font-size:12px;font-weight:500;color:var(--t3)}time{color:var(--t3);white-space:nowrap}a{color:inherit;text-underline-offset:3px}a:focus-visible{outline:2px solid light-dark(#2c47d2,#a6b3fc);outline-offset:2px}
iframe{border:1px solid var(--line);border-radius:6px;width:100%;height:420px;background:#fff;display:block}pre{white-space:pre-wrap;overflow-wrap:anywhere;border:1px solid var(--line);border-radius:6px;padding:16px;margin:0;font:12px/18px ui-monospace,Menlo,Consolas,monospace}
section{padding:16px 24px 0;max-width:820px}h2{font-size:14px;margin:0 0 8px}.empty{padding:48px 24px;color:var(--t2)}
</style></head><body>${inner}</body></html>`;

const time = (at: Date) => `<time datetime="${at.toISOString()}">${at.toISOString().slice(0, 19).replace("T", " ")} UTC</time>`;

export function listPage(mails: readonly Received[]): string {
  const rows = mails.map((mail) => `<tr><td>${time(mail.at)}</td><td>${escape(mail.to.join(", "))}</td><td><a href="/mail/${mail.id}">${escape(mail.subject || "(no subject)")}</a></td></tr>`).join("");
  const body = mails.length > 0
    ? `<table><thead><tr><th scope="col">Taken</th><th scope="col">For</th><th scope="col">Subject</th></tr></thead><tbody>${rows}</tbody></table>`
    : `<div class="empty"><b>No mail yet</b><p>Every mail that this installation sends arrives here instead of with people.</p></div>`;
  return frame("Mail sink", `<header><h1>Mail that was sent</h1><p>It went no further than this machine. ${mails.length} kept, newest first; the page loads itself again.</p></header><main>${body}</main>`, true);
}

export function mailPage(mail: Received): string {
  return frame(mail.subject, `<header><p><a href="/">All mail</a></p><h1>${escape(mail.subject)}</h1><p>From ${escape(mail.from)} to ${escape(mail.to.join(", "))}, ${time(mail.at)}</p></header>
<main><section><h2>As HTML</h2><iframe sandbox="allow-popups allow-popups-to-escape-sandbox" title="The mail as HTML" srcdoc="${escape(mail.html)}"></iframe></section>
<section><h2>As text</h2><pre>${escape(mail.text)}</pre></section><section><p><a href="/mail/${mail.id}.eml">The mail as it came</a></p></section></main>`, false);
}
