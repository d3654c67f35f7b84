import type { Metadata } from "next";
import { InvitationList } from "#components/identity/invitation-list.tsx";
import { MemberList } from "#components/identity/member-list.tsx";
import { RecoveryNotes } from "#components/identity/recovery-notes.tsx";
import { holds } from "#lib/identity/actor.ts";
import { listInvitations } from "#lib/identity/invitations.ts";
import { listMembers } from "#lib/identity/members.ts";
import { listRecoveries } from "#lib/identity/recovery.ts";
import { pageActor } from "#lib/identity/session.ts";
import { beginTap } from "../../actions.ts";
import { freezeMember, inviteMember, inviteMemberAgain, revoke, setMemberRights, stop, thawMember } from "./actions.ts";

export const metadata: Metadata = { title: "Members" };

export default async function MembersPage() {
  const actor = await pageActor("member.read");
  const canChange = holds(actor, "member.rights");
  const [members, invitations, recoveries] = await Promise.all([listMembers(actor), listInvitations(actor), holds(actor, "recovery.stop") ? listRecoveries(actor) : []]);
  return (
    <>
      <RecoveryNotes recoveries={recoveries.map((line) => ({ ...line, createdAt: line.createdAt.getTime(), effectiveAt: line.effectiveAt.getTime(), expiresAt: line.expiresAt.getTime() }))} stop={stop} />
      <MemberList
        members={members.map((line) => ({ ...line, createdAt: line.createdAt.getTime(), frozenAt: line.frozenAt?.getTime() ?? null, lastSeenAt: line.lastSeenAt?.getTime() ?? null }))}
        change={canChange ? { beginTap, invite: inviteMember, setRights: setMemberRights, freeze: freezeMember, thaw: thawMember, inviteAgain: inviteMemberAgain } : null}
      />
      <InvitationList invitations={invitations.map((line) => ({ ...line, createdAt: line.createdAt.getTime(), expiresAt: line.expiresAt.getTime() }))} revoke={canChange ? revoke : null} />
    </>
  );
}
