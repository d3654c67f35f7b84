import type { Reply } from "../http/answer.ts";
import { pageReply } from "./document.ts";

/** `GET /` and `GET /register` of the host. */
export function registerPage(): Reply {
  return pageReply("New vault", "register");
}
