/** How long a vault asks us to wait, within what may be asked (PROTOCOL 12). Pure. */

/**
 * Seconds of a `Retry-After` (RFC 9110 10.2.3: a number of seconds, or a date), at most `cap`. Null when there is none or it is
 * neither. The header is under no signature, which is why it can only delay, and only so far.
 */
export function retryAfterSeconds(header: string | undefined, cap: number, now: number): number | null {
  const text = header?.trim() ?? "";
  if (/^\d{1,400}$/.test(text)) return Math.min(Number(text), cap);
  if (!/^[A-Za-z]{3,9}, [0-9A-Za-z :-]{10,40}$/.test(text)) return null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.min(Math.max(0, Math.ceil((at - now) / 1_000)), cap);
}
