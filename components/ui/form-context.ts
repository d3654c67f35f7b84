"use client";
import { createContext } from "react";
import type { Failure } from "./failure.ts";

/** What the fields inside a form shell may know of it. */
export const FormContext = createContext<{ failure: Failure | null; pending: boolean } | null>(null);
