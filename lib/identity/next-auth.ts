/**
 * next-auth 4 carries the cookie; nothing else is left to it. What it is fed is a ceremony that we judged, and what its cookie
 * names is a row that we judge at each use, so that a session can be ended from here (docs/people.md).
 */
import "server-only";
import type { NextAuthOptions } from "next-auth";
import Credentials from "next-auth/providers/credentials";
import { z } from "zod";
import { env } from "../env.ts";
import { isUnavailable } from "../db/trouble.ts";
import { Refusal } from "../errors.ts";
import { errorId } from "../id.ts";
import { limits } from "../limits.ts";
import { createLog } from "../log.ts";
import { endingBrowser, type Browser } from "./browser.ts";
import { emailAddress, linkSecret, newKeyShape, organisationName, personName, proofShape } from "./ceremony.ts";
import { join } from "./invitations.ts";
import { judgeSession, type Ended } from "./judge-session.ts";
import { recover } from "./recovery.ts";
import { signIn } from "./sign-in.ts";
import { signUp } from "./sign-up.ts";
import type { Opened } from "./start-session.ts";

const log = createLog("console");

/** `__Host-`: this host only, over a secure channel only, which a browser's loopback counts as. */
export const sessionCookie = "__Host-session";
const cookie = (name: string) => ({ name, options: { httpOnly: true, sameSite: "lax" as const, path: "/", secure: true } });

/** Every way into a session. Each ends in a key's own answer. */
const way = z.discriminatedUnion("deed", [
  z.object({ deed: z.literal("sign-in"), proof: proofShape }),
  z.object({ deed: z.literal("sign-up"), founding: z.object({ organisation: organisationName, name: personName, email: emailAddress }), key: newKeyShape }),
  z.object({ deed: z.literal("join"), secret: linkSecret, name: personName, key: newKeyShape }),
  z.object({ deed: z.literal("recover"), secret: linkSecret, key: newKeyShape }),
]);

/** A way into a session that a later noun brings along (lib/demo): null when the deed is not its own. */
export type OtherWay = (given: unknown, browser: () => Promise<Browser>) => Promise<Opened | null>;

/** Throws Refusal `invalid` for what is none of the shape. */
function readAs<Shape extends z.ZodType>(shape: Shape, payload: string): z.output<Shape> {
  try {
    return shape.parse(JSON.parse(payload));
  } catch (error) {
    throw new Refusal("invalid", { cause: error });
  }
}

async function enter(payload: string, otherWay?: OtherWay): Promise<Opened> {
  const opened = await otherWay?.(readAs(z.unknown(), payload), endingBrowser);
  if (opened) return opened;
  const given = readAs(way, payload);
  const browser = await endingBrowser();
  if (given.deed === "sign-in") return signIn(given.proof, browser);
  if (given.deed === "sign-up") return signUp(given.founding, given.key, browser);
  if (given.deed === "join") return join({ secret: given.secret, name: given.name }, given.key, browser);
  return recover(given.secret, given.key, browser);
}

/** next-auth hands an error's message to the page: a code of lib/errors.ts, with the id of the log where there is one. */
function named(error: unknown): Error {
  if (error instanceof Refusal) {
    if (error.failure.status >= 500) log.error({ err: error.cause ?? error, failure: error.failure.code }, "refused");
    else log.info({ failure: error.failure.code }, "nobody was let in");
    return new Error(error.failure.code);
  }
  if (isUnavailable(error)) return new Error("database_unavailable");
  const id = errorId();
  log.error({ err: error, id }, "unexpected");
  return new Error(`unexpected ${id}`);
}

/** The row ended a session: how the jwt callback says so, which makes next-auth give no session. */
class SessionOver extends Error {
  override name = "SessionOver";
}

export type Use = {
  /** A person did something; a poll is not that. */
  active: boolean;
  /** Called when the cookie was ours, and its row says that it is over. */
  ended?: (why: Ended) => void;
  /** Called when the database could not be asked: then nobody is signed in or out. */
  failed?: (error: unknown) => void;
  live?: (session: Opened & { idleEndsAt: Date }) => void;
  otherWay?: OtherWay;
};

export function authOptions({ active, ended, failed, live, otherWay }: Use): NextAuthOptions {
  const { SESSION_SECRET } = env();
  // Longer than a session can last, so that the row ends it and says why.
  const maxAge = limits.sessionSeconds + 3_600;
  return {
    secret: SESSION_SECRET,
    session: { strategy: "jwt", maxAge },
    jwt: { secret: SESSION_SECRET, maxAge },
    useSecureCookies: true,
    cookies: { sessionToken: cookie(sessionCookie), csrfToken: cookie("__Host-csrf"), callbackUrl: cookie("__Host-callback") },
    pages: { signIn: "/sign-in", error: "/sign-in", signOut: "/sign-in" },
    providers: [
      Credentials({
        id: "passkey",
        name: "Passkey",
        credentials: { payload: {} },
        async authorize(given) {
          try {
            const { mspId, personId, sessionId } = await enter(given?.payload ?? "", otherWay);
            return { id: personId, mspId, sessionId };
          } catch (error) {
            throw named(error);
          }
        },
      }),
    ],
    callbacks: {
      /** At sign-in names the row; at each later use asks it. Throwing is next-auth 4's way of having no session. */
      async jwt({ token, user }) {
        if (user) {
          const { id, mspId, sessionId } = user as unknown as { id: string; mspId: string; sessionId: string };
          return { sub: id, mspId, sessionId };
        }
        const { sub, mspId, sessionId } = token as { sub?: string; mspId?: string; sessionId?: string };
        if (!sub || !mspId || !sessionId) throw new SessionOver();
        try {
          const judged = await judgeSession(mspId, sessionId, active);
          if (judged.live && judged.personId === sub) live?.({ mspId, personId: sub, sessionId, idleEndsAt: judged.idleEndsAt });
          else {
            ended?.(judged.live ? "session_revoked" : judged.why);
            throw new SessionOver();
          }
        } catch (error) {
          if (!(error instanceof SessionOver)) failed?.(error);
          throw error;
        }
        return token;
      },
      // Callers take what `live` gave them; what next-auth itself would hand out stays empty.
      session: () => ({ expires: new Date(Date.now() + maxAge * 1_000).toISOString() }),
    },
    logger: {
      // It logs every session that is over as an error; ours says so once, where it matters.
      error: (code, given) => {
        const error = given instanceof Error ? given : (given as { error?: unknown }).error;
        if (error instanceof SessionOver || code === "JWT_SESSION_ERROR") return;
        log.error({ code, err: error }, "next-auth");
      },
      warn: (code) => log.debug({ code }, "next-auth"),
      debug: () => undefined,
    },
  };
}
