/**
 * The objects of Stripe's API that we use, with the members that we use (API version in server.ts). Long because it is one list.
 * Members that begin with "inner_" are the sandbox's own and never leave it.
 */
export type Metadata = Record<string, string>;
/** Of an account's tax: Stripe Tax decides by address and tax id. */
export type Address = { city: string | null; country: string | null; line1: string | null; line2: string | null; postal_code: string | null; state: string | null };
type Base<Kind extends string> = { id: string; object: Kind; created: number; livemode: false; metadata: Metadata; test_clock: string | null };
export type List<T> = { object: "list"; data: T[]; has_more: boolean; url: string };

export type TestClock = { id: string; object: "test_helpers.test_clock"; created: number; deletes_after: number; frozen_time: number; livemode: false; name: string | null; status: "ready" | "advancing"; inner_follows: boolean };

export type Customer = Base<"customer"> & {
  address: Address | null; balance: number; currency: string | null; default_source: null; delinquent: boolean; description: string | null; email: string | null;
  invoice_prefix: string; invoice_settings: { custom_fields: { name: string; value: string }[] | null; default_payment_method: string | null; footer: string | null; rendering_options: null };
  name: string | null; next_invoice_sequence: number; phone: string | null; preferred_locales: string[]; shipping: null; tax_exempt: "none" | "exempt" | "reverse";
};
export type TaxId = Base<"tax_id"> & { country: string | null; customer: string; type: string; value: string; verification: { status: "verified" | "pending"; verified_address: null; verified_name: null } };
export type Product = Base<"product"> & { active: boolean; description: string | null; images: string[]; name: string; tax_code: null; type: "service"; updated: number; url: null };
export type Price = Base<"price"> & {
  active: boolean; billing_scheme: "per_unit"; currency: string; custom_unit_amount: null; lookup_key: string | null; nickname: string | null; product: string;
  recurring: { interval: "month" | "year"; interval_count: number; meter: null; trial_period_days: null; usage_type: "licensed" };
  tax_behavior: "exclusive"; tiers_mode: null; transform_quantity: null; type: "recurring"; unit_amount: number; unit_amount_decimal: string;
};
export type PaymentMethod = Base<"payment_method"> & { billing_details: { address: Address | null; email: string | null; name: string | null; phone: null }; card: { brand: string; country: string; exp_month: number; exp_year: number; fingerprint: string; funding: "credit"; last4: string }; customer: string | null; type: "card"; inner_declines: boolean };

export type SubscriptionItem = { id: string; object: "subscription_item"; created: number; current_period_start: number; current_period_end: number; discounts: []; metadata: Metadata; price: Price; quantity: number; subscription: string; tax_rates: [] };
export type SubscriptionStatus = "incomplete" | "incomplete_expired" | "trialing" | "active" | "past_due" | "canceled" | "unpaid";
export type Subscription = Base<"subscription"> & {
  automatic_tax: { disabled_reason: null; enabled: boolean; liability: null }; billing_cycle_anchor: number; billing_mode: { type: "flexible"; flexible: Record<string, never> };
  cancel_at: number | null; cancel_at_period_end: boolean; canceled_at: number | null; cancellation_details: { comment: string | null; feedback: null; reason: string | null };
  collection_method: "charge_automatically" | "send_invoice"; currency: string; customer: string; days_until_due: number | null; default_payment_method: string | null; description: string | null; discounts: [];
  ended_at: number | null; items: List<SubscriptionItem>; latest_invoice: string | null; pending_update: null; schedule: null; start_date: number; status: SubscriptionStatus; trial_end: number | null; trial_start: number | null;
};

export type InvoiceLine = {
  id: string; object: "line_item"; amount: number; currency: string; description: string; discount_amounts: []; discountable: boolean; discounts: []; invoice: string; livemode: false; metadata: Metadata;
  parent: { invoice_item_details: null; subscription_item_details: { invoice_item: null; proration: boolean; proration_details: null; subscription: string; subscription_item: string }; type: "subscription_item_details" };
  period: { start: number; end: number }; pricing: { price_details: { price: string; product: string }; type: "price_details"; unit_amount_decimal: string }; quantity: number; subscription: string; subtotal: number;
  taxes: { amount: number; tax_behavior: "exclusive"; tax_rate_details: null; taxability_reason: string; taxable_amount: number; type: "tax_rate_details" }[];
};
export type InvoiceStatus = "draft" | "open" | "paid" | "uncollectible" | "void";
export type Invoice = Base<"invoice"> & {
  account_name: string; amount_due: number; amount_overpaid: 0; amount_paid: number; amount_remaining: number; attempt_count: number; attempted: boolean; auto_advance: boolean;
  automatic_tax: { disabled_reason: null; enabled: boolean; liability: null; provider: null; status: "complete" | null }; automatically_finalizes_at: number | null; billing_reason: string; collection_method: "charge_automatically" | "send_invoice"; currency: string;
  custom_fields: { name: string; value: string }[] | null; customer: string; customer_address: Address | null; customer_email: string | null; customer_name: string | null; customer_tax_ids: { type: string; value: string }[];
  description: string | null; due_date: number | null; effective_at: number | null; ending_balance: number | null; hosted_invoice_url: string | null; invoice_pdf: string | null; lines: List<InvoiceLine>; next_payment_attempt: number | null; number: string | null;
  parent: { quote_details: null; subscription_details: { metadata: Metadata; subscription: string }; type: "subscription_details" }; period_end: number; period_start: number; post_payment_credit_notes_amount: number; pre_payment_credit_notes_amount: number;
  starting_balance: number; status: InvoiceStatus; status_transitions: { finalized_at: number | null; marked_uncollectible_at: number | null; paid_at: number | null; voided_at: number | null };
  subtotal: number; subtotal_excluding_tax: number; total: number; total_excluding_tax: number; total_taxes: { amount: number; tax_behavior: "exclusive"; tax_rate_details: null; taxability_reason: string; taxable_amount: number; type: "tax_rate_details" }[]; webhooks_delivered_at: number | null;
  inner_secret: string; inner_paysAt: number | null; inner_overdue: boolean;
};
export type PaymentIntent = Base<"payment_intent"> & { amount: number; amount_received: number; currency: string; customer: string; latest_charge: string | null; status: "succeeded" | "requires_payment_method"; inner_refunded: number; inner_invoice: string };
export type InvoicePayment = Base<"invoice_payment"> & { amount_paid: number | null; amount_requested: number; currency: string; invoice: string; is_default: boolean; payment: { payment_intent: string; type: "payment_intent" }; status: "paid"; status_transitions: { canceled_at: null; paid_at: number | null } };
export type CreditNote = Base<"credit_note"> & { amount: number; currency: string; customer: string; invoice: string; memo: string | null; number: string; out_of_band_amount: number | null; pdf: string; pre_payment_amount: number; post_payment_amount: number; reason: string | null; refunds: { amount_refunded: number; refund: string; type: "refund" }[]; status: "issued" | "void"; subtotal: number; subtotal_excluding_tax: number; total: number; total_excluding_tax: number; total_taxes: { amount: number }[]; type: "pre_payment" | "post_payment" };
export type Refund = Base<"refund"> & { amount: number; charge: string | null; currency: string; payment_intent: string; reason: string | null; status: "succeeded" | "failed" };
export type CheckoutSession = Base<"checkout.session"> & {
  cancel_url: string | null; client_reference_id: string | null; currency: string; customer: string; expires_at: number; line_items: List<{ price: string; quantity: number }>; mode: "subscription"; payment_status: "unpaid" | "paid" | "no_payment_required"; status: "open" | "complete" | "expired"; subscription: string | null; success_url: string; url: string | null;
  inner_data: { metadata: Metadata; trial_period_days: number | null; automatic_tax: boolean };
};
export type PortalConfiguration = Base<"billing_portal.configuration"> & { active: boolean; is_default: boolean; features: { customer_update: { enabled: boolean }; invoice_history: { enabled: boolean }; payment_method_update: { enabled: boolean }; subscription_cancel: { enabled: boolean }; subscription_update: { enabled: boolean } }; updated: number };
export type PortalSession = Base<"billing_portal.session"> & { configuration: string; customer: string; return_url: string | null; url: string };
export type StripeEvent = { id: string; object: "event"; api_version: string; created: number; data: { object: object; previous_attributes?: object }; livemode: false; pending_webhooks: number; request: { id: string | null; idempotency_key: string | null }; type: string; inner_clock: string | null };

export type Thing =
  | TestClock | Customer | TaxId | Product | Price | PaymentMethod | Subscription | Invoice | PaymentIntent | InvoicePayment | CreditNote | Refund | CheckoutSession | PortalConfiguration | PortalSession | StripeEvent;
export type Kind = Thing["object"];
export type Of<K extends Kind> = Extract<Thing, { object: K }>;
