"use client";
import { Button } from "#components/ui/button.tsx";
import { Failure } from "#components/ui/states.tsx";

/**
 * What a page says when it broke for a reason nobody worded. `thrown` may carry the digest under which the server's log has it.
 * `retry` asks the server again and draws the page anew.
 */
export function Unexpected({ thrown, retry }: { thrown: unknown; retry: () => void }) {
  const digest = typeof thrown === "object" && thrown !== null && "digest" in thrown && typeof thrown.digest === "string" ? thrown.digest : undefined;
  return (
    <Failure
      as="h1"
      failure={{
        code: "unexpected",
        title: "This page could not be drawn",
        detail: "Something broke on our side while it was put together. What you saved before is saved; what was under way may not be.",
        remedy: digest ? "Try again. If it stays, pass on the id below; it is in the log." : "Try again. If it stays, reload the page.",
        ...(digest ? { id: digest } : {}),
      }}
      actions={
        <Button tone="ink" onClick={retry}>
          Try again
        </Button>
      }
    />
  );
}
