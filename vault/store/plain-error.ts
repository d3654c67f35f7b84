/** A failure that a person running the vault can act on; its message is plain, and holds no secret and no content. */
export class PlainError extends Error {
  override readonly name = "PlainError";
}
