/** Everything that can be carried out, for whoever carries out what others asked (lib/billing/intent.ts). */
import "./change-plan.ts";
import "./collection.ts";
import "./move.ts";
import "./refund.ts";
import "./stop.ts";
import "./subscribe.ts";
