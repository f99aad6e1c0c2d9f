// The newest of what was done and refused, and by whom.

import { badge, byId, reconcile, row, setText } from "./dom.js";
import { showMoment } from "./format.js";

const kinds = { ok: "good", begun: "info", laggards: "warn", failed: "bad", refused: "bad" };

export function showAudit(state) {
  setText(byId("audit-none"), state.audit.length === 0 ? "Nothing yet." : "");
  reconcile(byId("audit"), state.audit, entry => entry.sequence, () => row(
    [entry => entry.sequence, "number"],
    [(entry, cell) => showMoment(cell, entry.at), "number"],
    [entry => entry.actor, "name"],
    [entry => entry.action.replaceAll("_", " ")],
    [entry => entry.target || null],
    [entry => badge(kinds[entry.result] ?? "info", entry.result)],
    [entry => entry.detail || null, "wrap"],
    [entry => entry.service],
  ));
}
