import { problem, type Failure } from "../errors.ts";

const escape = (text: string) => text.replaceAll(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);

/** A page without any part that could be missing: for when the database, or the house, is not there. Loads itself again. */
export function plainPage(given: Failure, again?: number): string {
  const { title, detail, remedy, id } = given;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">${again ? `<meta http-equiv="refresh" content="${again}">` : ""}
<title>${escape(title)}</title><style>
:root{color-scheme:light dark}body{margin:0;min-height:100vh;display:grid;place-items:center;background:light-dark(#f8f8f5,#0f0e0c);color:light-dark(#1b1915,#eeede9);font:14px/20px -apple-system,"Segoe UI",Roboto,"Liberation Sans",Arial,sans-serif}
main{max-width:440px;padding:24px}h1{font-size:20px;line-height:28px;margin:0 0 4px}p{margin:0 0 8px;color:light-dark(#51504b,#b7b6b2)}small{color:light-dark(#696863,#989792)}
</style></head><body><main role="alert"><h1>${escape(title)}</h1><p>${escape(detail)}</p><p>${escape(remedy)}</p>${id ? `<small>${escape(id)}</small>` : ""}</main></body></html>`;
}

/** Machines get RFC 9457, people a page. Pure. */
export function plainAnswer(given: Failure, accept: string | undefined, again?: number): { type: string; body: string } {
  const wantsPage = accept?.includes("text/html") ?? false;
  return wantsPage ? { type: "text/html; charset=utf-8", body: plainPage(given, again) } : { type: "application/problem+json", body: JSON.stringify(problem(given)) };
}
