/** Which event is handled by which file. What is not here is kept, and ignored. */
import { handle as checkoutCompleted } from "./checkout-session-completed.ts";
import { handle as checkoutExpired } from "./checkout-session-expired.ts";
import { handle as creditNoteCreated } from "./credit-note-created.ts";
import { handle as subscriptionCreated } from "./customer-subscription-created.ts";
import { handle as subscriptionDeleted } from "./customer-subscription-deleted.ts";
import { handle as subscriptionUpdated } from "./customer-subscription-updated.ts";
import { handle as customerUpdated } from "./customer-updated.ts";
import type { Handler } from "./handler.ts";
import { handle as invoiceCreated } from "./invoice-created.ts";
import { handle as invoiceFinalized } from "./invoice-finalized.ts";
import { handle as invoiceOverdue } from "./invoice-overdue.ts";
import { handle as invoicePaid } from "./invoice-paid.ts";
import { handle as invoiceFailed } from "./invoice-payment-failed.ts";
import { handle as invoiceSent } from "./invoice-sent.ts";
import { handle as invoiceUpdated } from "./invoice-updated.ts";
import { handle as invoiceVoided } from "./invoice-voided.ts";

export const handlers: Readonly<Record<string, Handler>> = {
  "customer.updated": customerUpdated, "customer.subscription.created": subscriptionCreated, "customer.subscription.updated": subscriptionUpdated, "customer.subscription.deleted": subscriptionDeleted,
  "invoice.created": invoiceCreated, "invoice.finalized": invoiceFinalized, "invoice.paid": invoicePaid, "invoice.payment_failed": invoiceFailed, "invoice.sent": invoiceSent, "invoice.overdue": invoiceOverdue, "invoice.updated": invoiceUpdated, "invoice.voided": invoiceVoided,
  "credit_note.created": creditNoteCreated, "checkout.session.completed": checkoutCompleted, "checkout.session.expired": checkoutExpired,
};
