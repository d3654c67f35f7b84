/** Pods: named groups of technicians, by which the matrix folds its columns. */
import { database, type Database } from "../db/client.ts";
import { read, write, type Write } from "../db/tenant.ts";
import { Refusal } from "../errors.ts";
import { uuid7 } from "../id.ts";
import { authorize, type Actor } from "../identity/actor.ts";
import { limits } from "../limits.ts";
import { record } from "../record/record.ts";

/** First statement of every act on pods: names and the order are judged against all of them. */
async function lockPods({ db, actor: { mspId } }: Write) {
  await db.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`pods:${mspId}`}, 0))`;
  return db.pod.findMany({ where: { mspId }, orderBy: [{ position: "asc" }, { podId: "asc" }] });
}

const refuseTaken = (pods: readonly { name: string }[], name: string): void => {
  if (pods.some((pod) => pod.name.toLowerCase() === name.toLowerCase())) throw new Refusal("pod_name_taken", { fields: { name: "A pod has this name." } });
};

/** The pods in their order. */
export async function listPods(actor: Actor, db: Database = database()): Promise<{ podId: string; name: string }[]> {
  authorize(actor, "technician.read");
  return read(actor, (tx) => tx.db.pod.findMany({ where: { mspId: actor.mspId }, orderBy: [{ position: "asc" }, { podId: "asc" }], select: { podId: true, name: true } }), db);
}

/** A new pod, last in the order. Throws Refusal `pod_name_taken`, `pods_full`. */
export async function createPod(actor: Actor, { name }: { name: string }, db: Database = database()): Promise<{ id: string }> {
  authorize(actor, "technician.write");
  return write(actor, async (tx) => {
    const pods = await lockPods(tx);
    if (pods.length >= limits.podsPerOrganisation) throw new Refusal("pods_full");
    refuseTaken(pods, name);
    const { podId } = await tx.db.pod.create({ data: { mspId: actor.mspId, podId: uuid7(), name, position: (pods.at(-1)?.position ?? -1) + 1 } });
    await record(tx, { action: "pod.created", target: { kind: "pod", id: podId }, fields: { name } });
    return { id: podId };
  }, db);
}

/** Throws Refusal `not_found`, `moved_on`, `pod_name_taken`. */
export async function renamePod(actor: Actor, { podId, name }: { podId: string; name: string }, db: Database = database()): Promise<{ id: string }> {
  authorize(actor, "technician.write");
  return write(actor, async (tx) => {
    const pods = await lockPods(tx);
    const before = pods.find((pod) => pod.podId === podId);
    if (!before) throw new Refusal("not_found");
    if (before.name === name) throw new Refusal("moved_on");
    refuseTaken(pods.filter((pod) => pod !== before), name);
    await tx.db.pod.update({ where: { mspId_podId: { mspId: actor.mspId, podId } }, data: { name } });
    await record(tx, { action: "pod.renamed", target: { kind: "pod", id: podId }, fields: { from: before.name, to: name } });
    return { id: podId };
  }, db);
}

/** Sets the order of all pods. Throws Refusal `moved_on` when the list is not exactly the pods there are, or already so. */
export async function orderPods(actor: Actor, { podIds }: { podIds: readonly string[] }, db: Database = database()): Promise<{ count: number }> {
  authorize(actor, "technician.write");
  return write(actor, async (tx) => {
    const pods = await lockPods(tx);
    const wanted = podIds.flatMap((id) => pods.filter(({ podId }) => podId === id));
    if (new Set(podIds).size !== pods.length || wanted.length !== pods.length || podIds.length !== pods.length || wanted.every((pod, index) => pod === pods[index])) throw new Refusal("moved_on");
    for (const [position, pod] of wanted.entries()) await tx.db.pod.update({ where: { mspId_podId: { mspId: actor.mspId, podId: pod.podId } }, data: { position } });
    await record(tx, { action: "pods.ordered", fields: { names: wanted.map(({ name }) => name).join(", ") } });
    return { count: wanted.length };
  }, db);
}

/** Removes a pod; whoever was in it is in none. What they reach stays. Throws Refusal `not_found`. */
export async function removePod(actor: Actor, { podId }: { podId: string }, db: Database = database()): Promise<{ name: string; people: number }> {
  authorize(actor, "technician.write");
  const { mspId } = actor;
  return write(actor, async (tx) => {
    const pod = (await lockPods(tx)).find((one) => one.podId === podId);
    if (!pod) throw new Refusal("not_found");
    const { count: people } = await tx.db.technician.updateMany({ where: { mspId, podId }, data: { podId: null } });
    await tx.db.pod.delete({ where: { mspId_podId: { mspId, podId } } });
    await record(tx, { action: "pod.removed", target: { kind: "pod", id: podId }, fields: { name: pod.name, people } });
    return { name: pod.name, people };
  }, db);
}
