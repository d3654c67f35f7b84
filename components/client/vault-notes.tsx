"use client";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { buttonClass } from "#components/ui/button-class.ts";
import { ChangeSign } from "#components/ui/change-sign.tsx";
import { Form } from "#components/ui/form.tsx";
import { Note } from "#components/ui/note.tsx";
import { RelativeTime } from "#components/ui/time.tsx";
import { toast } from "#components/ui/toast.tsx";
import type { Action } from "#components/identity/step-up.ts";
import { ownFailure } from "#components/identity/words.ts";
import { conditionOf } from "#lib/client/condition.ts";
import { nextStep } from "#lib/client/next-step.ts";
import { probeWords } from "#lib/client/probe-words.ts";
import type { DriftFacts, VaultFacts } from "#lib/client/show.ts";

/** `stage` puts what a drift took away into one's own draft. */
export type NoteActions = { readNow: Action<{ count: number }> | null; accept: Action<{ count: number }> | null; stage: Action<{ client: string }> | null };

/** What is wrong with a vault, or different there, each with what it means and what to do. A calm vault shows nothing. */
export function VaultNotes({ clientId, vault, now, actions, may }: { clientId: string; vault: VaultFacts; now: number; actions: NoteActions; may: { connect: boolean } }) {
  const condition = conditionOf(vault);
  const probe = probeWords(vault.probe, now);
  const step = nextStep(vault.state, vault.asked, now);
  const since = vault.state === "stopped" ? vault.stoppedAt : vault.state === "ended" ? vault.endedAt : (vault.reading?.healthSince ?? null);
  return (
    <>
      {condition.note ? (
        <Note
          state={condition.shape === "proven" ? "none" : condition.shape} title={condition.note.title}
          action={
            <>
              {actions.readNow && vault.reading && vault.reading.readAt === null && vault.state !== "ended" ? <ReadNow vaultRef={vault.ref} readNow={actions.readNow} /> : null}
              {step && may.connect ? <Link href={`/clients/${clientId}/connect`} className={buttonClass({ size: "small" })}>{step.verb}</Link> : null}
            </>
          }
        >
          {condition.note.meaning}{" "}
          {since === null ? null : <>Since <RelativeTime at={since} />. </>}
          <b className="font-medium text-text">What to do: </b>{condition.note.remedy}
        </Note>
      ) : step && may.connect ? (
        <Note title={step.words} action={<Link href={`/clients/${clientId}/connect`} className={buttonClass({ size: "small" })}>{step.verb}</Link>}>What was begun waits there.</Note>
      ) : null}
      {probe.alarm ? (
        <Note state={probe.shape} title={vault.probe.result === "not_blind" ? "Our own token could read something." : "Nothing proves that we are blind."}>
          {vault.probe.words ?? (vault.probe.result === "not_blind" ? "It must read nothing." : "The probe got no answer that shows it.")}{" "}
          {vault.probe.at ? <>Tried <RelativeTime at={vault.probe.at} />. </> : null}
          <b className="font-medium text-text">What to do: </b>
          {vault.probe.result === "not_blind" ? "Call their admin: our row there must have no scopes and no full access. Until it is mended, ask them to end it." : "Nothing was read by us. If the vault stays silent, call their admin."}
        </Note>
      ) : null}
      {vault.drifts.map((drift) => <DriftNote key={drift.id} drift={drift} accept={actions.accept} stage={actions.stage} />)}
    </>
  );
}

export function DriftNote({ drift, accept, stage }: { drift: DriftFacts; accept: NoteActions["accept"]; stage: NoteActions["stage"] }) {
  const router = useRouter();
  return (
    <Note
      state="attention"
      action={
        accept || stage ? (
          <>
            {accept ? <Form className="contents!" action={accept} submit="Accept it" pending="Accepting" tone="plain" error={ownFailure("no_answer")} disabledReason={null} onDone={() => toast({ state: "proven", words: "Accepted; it is what we want now" })}>
              <input type="hidden" name="driftId" value={drift.id} />
            </Form> : null}
            {stage ? (
              <Form
                className="contents!" action={stage} submit="Put it back" pending="Staging" tone="plain" error={ownFailure("no_answer")} disabledReason={null}
                onDone={({ client }) => {
                  toast({ state: "staged", words: "Staged in the matrix; nothing is live before you sign it" });
                  router.push(`/matrix?${new URLSearchParams({ q: `client:"${client.replaceAll('"', "")}" state:staged` })}`);
                }}
              >
                <input type="hidden" name="driftId" value={drift.id} />
              </Form>
            ) : null}
          </>
        ) : null
      }
    >
      <ChangeSign change="drift" /> <b className="font-semibold text-text"><bdi>{drift.name}</bdi></b> <span className="text-text">{drift.words}</span>{" "}
      {drift.changedBy ? <>By <bdi>{drift.changedBy}</bdi>, </> : "Seen "}
      <RelativeTime at={drift.changedAt ?? drift.seenAt} />. We did not do it.
    </Note>
  );
}

/** Asks the vault now; the page shows the answer as soon as it is there. */
export function ReadNow({ vaultRef, readNow }: { vaultRef: string; readNow: Action<{ count: number }> }) {
  return (
    <Form className="contents!" action={readNow} submit="Read now" pending="Asking" tone="plain" error={ownFailure("no_answer")} disabledReason={null} onDone={({ count }) => toast(count > 0 ? { state: "moving", words: "The vault is being asked" } : { state: "none", words: "This vault is no longer read" })}>
      <input type="hidden" name="vaultRef" value={vaultRef} />
    </Form>
  );
}
