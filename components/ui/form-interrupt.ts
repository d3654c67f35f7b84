/**
 * Whether what an action threw is the framework steering (a redirect, a not-found) and must pass through. Next marks these with
 * a `digest` that begins with NEXT_; a server error's digest is a bare hash.
 */
export function steersTheFramework(thrown: unknown): boolean {
  return typeof thrown === "object" && thrown !== null && "digest" in thrown && typeof thrown.digest === "string" && thrown.digest.startsWith("NEXT_");
}
