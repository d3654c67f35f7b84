import { answered } from "#lib/billing/pop-answer.ts";
import { popDelete } from "#lib/billing/pop-door.ts";

export const dynamic = "force-dynamic";

/** A point of presence says that a vault was deleted; its place is free when the file is gone. */
export const POST = async (request: Request, { params }: { params: Promise<{ vault: string }> }): Promise<Response> => {
  const { vault } = await params;
  return answered(() => popDelete(request, vault));
};
