import { answered } from "#lib/billing/pop-answer.ts";
import { popStatus } from "#lib/billing/pop-door.ts";

export const dynamic = "force-dynamic";

/** Asked by a point of presence when a vault reaches its `expires_at`, and not before. */
export const GET = async (request: Request, { params }: { params: Promise<{ vault: string }> }): Promise<Response> => {
  const { vault } = await params;
  return answered(() => popStatus(request, vault));
};
