/** Tells "the database is away" from "we asked something wrong". Pure. */

/** Prisma's codes for a server that cannot be reached, times out or hangs up; P2028 is a transaction that ran out of time. */
const prismaCodes = new Set(["P1000", "P1001", "P1002", "P1003", "P1008", "P1010", "P1011", "P1017", "P2024", "P2028", "P2037"]);
/** SQLSTATE classes 08 (connection), 53 (resources), 57P (shutdown), 58 (system); node's own network codes. */
const sqlStates = /^(08|53|57P|58)/;
const network = new Set(["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"]);
const sentences = /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Can't reach database|Server has closed the connection|the database system is (starting up|shutting down|in recovery mode)/i;

const knownAs = (code: unknown) => typeof code === "string" && (prismaCodes.has(code) || sqlStates.test(code) || network.has(code));

/** True when the error, or one that caused it, says that the database did not answer. */
export function isUnavailable(error: unknown, depth = 0): boolean {
  if (typeof error !== "object" || error === null || depth > 5) return false;
  const { code, originalCode, message, cause, meta } = error as { code?: unknown; originalCode?: unknown; message?: unknown; cause?: unknown; meta?: { driverAdapterError?: unknown } };
  return (
    knownAs(code) || knownAs(originalCode) || (typeof message === "string" && sentences.test(message)) ||
    isUnavailable(cause, depth + 1) || isUnavailable(meta?.driverAdapterError, depth + 1)
  );
}
