"use client";
import { Alone } from "#components/shell/alone.tsx";
import { Unexpected } from "#components/shell/unexpected.tsx";

export default function PublicError({ error, retry }: { error: unknown; retry: () => void }) {
  return (
    <Alone>
      <Unexpected thrown={error} retry={retry} />
    </Alone>
  );
}
