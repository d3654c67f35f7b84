/**
 * Every door of the console and which right it needs: each page, each route handler and method, each server action. A door
 * without a line here fails the build (doors.test.ts), and so does a line that its file does not keep.
 */
import type { Permission } from "../../lib/identity/permission.ts";

/**
 * A permission; or "visitor": open to whoever has no session, because it leads to one, or says nothing of anybody; or
 * "actor": shows each actor their own, and sends whoever is none to the sign-in page.
 */
export type Need = Permission | "visitor" | "actor";

export const doors: Readonly<Record<string, Need>> = {
  "page /": "visitor",
  "page /sign-in": "visitor",
  "page /sign-up": "visitor",
  "page /join": "visitor",
  "page /recover": "visitor",
  "page /overview": "client.read",
  "page /settings": "actor",
  "page /settings/organisation": "organisation.read",
  "page /settings/members": "member.read",
  "page /settings/keys": "self",
  "page /settings/sessions": "self",
  "page /settings/inbox-key": "inbox_key.own",
  "page /settings/signing-keys": "signing_key.read",
  "page /settings/endorse": "inbox_key.read",
  "page /settings/system": "system.read",
  "page /settings/mail": "mail.read",
  "page /settings/records": "record.read",
  // The gallery of parts shows no data; it exists on a local instance only.
  "page /settings/parts": "visitor",

  "page /plans": "plan.read",
  "page /plans/[plan]": "plan.read",
  "page /clients/[client]/exit": "client.exit",
  "GET /clients/[client]/exit/certificate": "client.exit",
  "action app/(console)/plans/[plan]/actions.ts open": "plan.release",
  "action app/(console)/plans/[plan]/actions.ts stop": "plan.release",
  "action app/(console)/plans/[plan]/actions.ts again": "plan.make",
  "action app/(console)/plans/[plan]/actions.ts withdraw": "plan.make",
  "action app/(console)/clients/[client]/exit/actions.ts freezeExit": "client.exit",

  "GET /api/health": "visitor",
  "GET /api/ready": "visitor",
  "GET /api/auth/[...nextauth]": "visitor",
  "POST /api/auth/[...nextauth]": "visitor",
  "POST /api/ceremony/sign-in": "visitor",
  "POST /api/ceremony/sign-up": "visitor",
  "POST /api/ceremony/invitation": "visitor",
  "POST /api/ceremony/join": "visitor",
  "POST /api/ceremony/way-back": "visitor",
  "POST /api/ceremony/recover": "visitor",
  "GET /api/session": "visitor",
  "POST /api/session": "visitor",

  "action app/(console)/actions.ts beginTap": "self",
  "action app/(console)/actions.ts leave": "self",
  "action app/(console)/settings/organisation/actions.ts rename": "organisation.rename",
  "action app/(console)/settings/members/actions.ts inviteMember": "member.invite",
  "action app/(console)/settings/members/actions.ts revoke": "member.invite",
  "action app/(console)/settings/members/actions.ts setMemberRights": "member.rights",
  "action app/(console)/settings/members/actions.ts freezeMember": "member.freeze",
  "action app/(console)/settings/members/actions.ts thawMember": "member.freeze",
  "action app/(console)/settings/members/actions.ts stop": "recovery.stop",
  "action app/(console)/settings/keys/actions.ts begin": "self",
  "action app/(console)/settings/keys/actions.ts add": "self",
  "action app/(console)/settings/keys/actions.ts rename": "self",
  "action app/(console)/settings/keys/actions.ts remove": "self",
  "action app/(console)/settings/sessions/actions.ts end": "self",
  "action app/(console)/settings/sessions/actions.ts endOthers": "self",
  "action app/(console)/settings/inbox-key/actions.ts stateKey": "inbox_key.own",
  "action app/(console)/settings/inbox-key/actions.ts beginCopy": "inbox_key.own",
  "action app/(console)/settings/inbox-key/actions.ts addCopy": "inbox_key.own",
  "action app/(console)/settings/signing-keys/actions.ts openEnrol": "signing_key.enrol",
  "action app/(console)/settings/signing-keys/actions.ts remove": "signing_key.remove",
  "action app/(console)/settings/signing-keys/actions.ts setPolicy": "signing_policy.change",
  "action app/(console)/settings/endorse/actions.ts openEndorse": "inbox_key.endorse",
  "action app/(console)/settings/mail/actions.ts sendTest": "mail.test",
  "action app/(console)/settings/mail/actions.ts retry": "mail.retry",
};
