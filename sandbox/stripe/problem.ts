/** A failure in Stripe's shape: `{error: {type, code, message, param}}` (Stripe API, Errors). */
export class Problem extends Error {
  override name = "Problem";
  readonly status: number;
  readonly type: string;
  readonly code: string | undefined;
  readonly param: string | undefined;
  constructor(status: number, message: string, { type = "invalid_request_error", code, param }: { type?: string; code?: string; param?: string } = {}) {
    super(message);
    this.status = status;
    this.type = type;
    this.code = code;
    this.param = param;
  }
  body() {
    return { error: { type: this.type, message: this.message, ...(this.code && { code: this.code }), ...(this.param && { param: this.param }) } };
  }
}

export const missing = (kind: string, id: string, param = "id") => new Problem(404, `No such ${kind}: '${id}'`, { code: "resource_missing", param });
export const wanting = (param: string) => new Problem(400, `Missing required param: ${param}.`, { code: "parameter_missing", param });
export const wrong = (param: string, message: string) => new Problem(400, message, { param });
