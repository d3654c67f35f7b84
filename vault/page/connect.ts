import type { Reply } from "../http/answer.ts";
import { pageReply } from "./document.ts";

/** `GET /connect`: the same page for everyone; what it is about stands in the fragment, which no server sees. */
export function connectPage(): Reply {
  return pageReply("Connect a service provider", "connect");
}
