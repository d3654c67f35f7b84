import { release } from "#lib/release.ts";

export const dynamic = "force-dynamic";

/** This process lives and answers. Says nothing of its parts: that is /api/ready. */
export const GET = () => Response.json({ status: "ok", release });
