// Who is connected, what they did, and the way to end it.
import type { AgentRow, AuditEvent, Grant, SignedStatement } from "#lib/protocol/messages.ts";
import { action, h, statusLine } from "./dom.ts";
import { Refusal, type Session } from "./vault.ts";
import { eventSentence, grantSentences, moment } from "./words.ts";

/** Events of the manager itself and of the rows it looks after, newest first. */
export function eventsOf(events: readonly AuditEvent[], manager: AgentRow, managed: readonly AgentRow[]): AuditEvent[] {
  const ids = new Set([manager, ...managed].map(({ id }) => id));
  const uids = new Set([manager, ...managed].map(({ uid }) => uid));
  return events.filter(({ actor, detail }) => (actor.agent_id !== null && ids.has(actor.agent_id)) || uids.has(String(detail?.target?.id)));
}

async function grantOf(session: Session, manager: AgentRow): Promise<Grant | null> {
  try {
    return ((await session.get(`/statement?for=${manager.id}`)) as SignedStatement).statement.grant;
  } catch (error) {
    // A manager that was made without a grant can do nothing yet, and has no statement.
    if (error instanceof Refusal && error.code === "no_such_agent") return null;
    throw error;
  }
}

async function card(session: Session, manager: AgentRow, rows: readonly AgentRow[], events: readonly AuditEvent[], again: () => Promise<void>): Promise<HTMLElement> {
  const managed = rows.filter((row) => row.managed_by === manager.uid);
  const grant = await grantOf(session, manager);
  const line = statusLine();
  const sure = h("div", { hidden: true });
  const end = h("button", { type: "button", className: "danger" }, "End this connection");
  end.addEventListener("click", () => {
    sure.hidden = false;
    sure.querySelector("button")!.focus();
  });
  sure.append(
    h("p", {}, `This ends "${manager.name}" and the access of ${managed.length} ${managed.length === 1 ? "person" : "people"} they look after, at once. Your own people and entries stay as they are.`),
    action("End it now with your security key", line, async () => {
      await session.approve({ method: "DELETE", path: `/agent/${manager.id}`, body: null, if: { uid: manager.uid } });
      await again();
    }, "danger"),
  );
  const done = eventsOf(events, manager, managed).slice(0, 50);
  return h(
    "section",
    { className: "card" },
    h("h3", {}, manager.name),
    h("p", { className: "note" }, `since ${moment(manager.created_at)}`),
    grant === null ? h("p", {}, "They were given nothing yet.") : h("ul", {}, ...grantSentences(grant).map((sentence) => h("li", {}, sentence))),
    h("h4", {}, "People they look after"),
    managed.length === 0 ? h("p", {}, "Nobody.") : h("ul", {}, ...managed.map((row) => h("li", {}, `${row.name}${row.all_access ? ", access to everything" : row.scopes === "" ? "" : `, ${row.scopes}`}${row.expires_at === null ? "" : `, until ${moment(row.expires_at)}`}`))),
    h("h4", {}, "What they did lately"),
    done.length === 0 ? h("p", {}, "Nothing.") : h("ol", { className: "events" }, ...done.map((event) => h("li", {}, h("time", {}, moment(Math.floor(event.at / 1000))), ` ${eventSentence(event)}`))),
    end,
    sure,
    line,
  );
}

/** Every connected provider; `again` draws the page anew after one was ended. */
export async function managersSection(session: Session, rows: readonly AgentRow[], again: () => Promise<void>): Promise<HTMLElement> {
  const managers = rows.filter((row) => row.admin && !row.all_access);
  const events = managers.length === 0 ? [] : await session.lastEvents(1_000);
  const cards = await Promise.all(managers.map((manager) => card(session, manager, rows, events, again)));
  return h("section", {}, h("h2", {}, "Connected providers"), cards.length === 0 ? h("p", {}, "None. To connect one, open the link that they send you.") : null, ...cards);
}
