// The vault's own page at /connect: answer a request, see who is connected, end it. The request stands only in the fragment.
import { code2, parseConnectFragment } from "#lib/protocol/connect.ts";
import type { JsonObject } from "#lib/protocol/jcs.ts";
import type { ConnectRequest, SignedConnectReply } from "#lib/protocol/messages.ts";
import { action, h, show, statusLine } from "./dom.ts";
import { managersSection } from "./managers.ts";
import { codeBlock, requestForm, requestSummary } from "./request.ts";
import { Session } from "./vault.ts";

const base = location.origin + location.pathname.replace(/\/connect$/, "");

function requestInFragment(): ConnectRequest | "broken" | null {
  const fragment = location.hash.slice(1);
  if (fragment === "") return null;
  try {
    return parseConnectFragment(fragment);
  } catch {
    return "broken";
  }
}

function start(): void {
  const request = requestInFragment();
  const line = statusLine();
  if (request === "broken") {
    show("This link is damaged", h("p", {}, "Part of it is missing or was changed. Ask your provider to send it again, and copy all of it."));
    return;
  }
  show(
    request === null ? "Connected providers" : "Connect a service provider?",
    request === null ? null : requestSummary(request),
    h("p", {}, "Sign in with a security key of an owner of this vault to go on."),
    action("Sign in with your security key", line, async () => signedIn(await Session.open(base), request)),
    line,
  );
}

async function signedIn(session: Session, request: ConnectRequest | null): Promise<void> {
  const [info, rows] = await Promise.all([session.info(), session.agents()]);
  const again = async (): Promise<void> => signedIn(session, request);
  if (request === null) {
    show(`Vault "${info.name}"`, await managersSection(session, rows, again));
    return;
  }
  const form = requestForm(request, rows, await session.entries(), info.now);
  const line = statusLine();
  show(
    `Connect a provider to "${info.name}"?`,
    requestSummary(request),
    form.element,
    action("Connect with your security key", line, async () => {
      const body = form.read();
      if (typeof body === "string") throw new Error(body);
      const { receipt } = await session.approve({ method: "POST", path: "/connect", body: body as unknown as JsonObject, if: null });
      await connected(session, request, receipt.results[0]!.connect!);
    }),
    line,
    await managersSection(session, rows, again),
  );
}

/** The page, not the vault's server, takes the reply to the MSP (PROTOCOL 10); without a way there, as text to paste. */
async function connected(session: Session, request: ConnectRequest, signed: SignedConnectReply): Promise<void> {
  const { public_key: key, request: hash, vault_id: vault } = signed.reply;
  const line = statusLine();
  history.replaceState(null, "", location.pathname); // the request is used up
  const text = JSON.stringify(signed);
  const paste = h("textarea", { readOnly: true, rows: 6, value: text });
  const fallback = h("div", { hidden: true }, h("p", {}, "It could not be delivered. Copy this and give it to your provider; it holds nothing that others can use:"), paste);
  show(
    "Connected",
    h("h2", {}, "Compare this second code"),
    h("p", {}, "Read it to your provider on the phone. They see the same one, and cannot begin before you both agree:"),
    codeBlock(code2({ key, request: hash, vault }), "Second code"),
    line,
    fallback,
    h("p", {}, "You can see what they do, and end it at any time, on this page."),
  );
  line.textContent = "Delivering the answer to your provider ...";
  try {
    const response = await fetch(request.reply_to, { method: "POST", body: text, headers: { "Content-Type": "application/json" }, credentials: "omit", redirect: "error", referrerPolicy: "no-referrer" });
    if (!response.ok) throw new Error("refused");
    line.textContent = "Your provider has the answer.";
  } catch {
    line.textContent = "";
    fallback.hidden = false;
    paste.select();
  }
  const again = async (): Promise<void> => signedIn(session, null);
  document.querySelector("#main")!.append(await managersSection(session, await session.agents(), again));
}

window.addEventListener("hashchange", start);
start();
