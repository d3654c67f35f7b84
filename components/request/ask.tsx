"use client";
import { lazy, Suspense } from "react";
import type { ComponentProps } from "react";
import { Skeleton } from "#components/ui/skeleton.tsx";

const AskForm = lazy(async () => ({ default: (await import("./ask-form.tsx")).AskForm }));
const RenewalForm = lazy(async () => ({ default: (await import("./renewal-form.tsx")).RenewalForm }));

/** Who answers and asks for nothing loads neither. */
export const Ask = (given: ComponentProps<typeof AskForm>) => <Suspense fallback={<Skeleton className="h-72" />}><AskForm {...given} /></Suspense>;
export const AskRenewal = (given: ComponentProps<typeof RenewalForm>) => <Suspense fallback={<Skeleton className="h-40" />}><RenewalForm {...given} /></Suspense>;
