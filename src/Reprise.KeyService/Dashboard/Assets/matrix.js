// Which node's sessions are resumed where: the reason for all this, and what a load balancer makes of it.

import { byId, element, reconcile, setAttribute, setText } from "./dom.js";
import { count, percent } from "./format.js";

const shades = 5;
let newest = null;
let counts = new Map();
let columns = [];
let most = 0;

export function showMatrix(state) {
  newest = state;
  const period = document.querySelector("input[name=matrix-period]:checked").value;
  counts = new Map(state.nodes.map(node => [node.name, new Map((node.resumedFrom ?? []).map(from => [from.issuer, Number(from[period] ?? 0)]))]));
  columns = state.nodes.filter(node => node.live || counts.get(node.name).size > 0).map(node => node.name);
  const issuers = [...new Set([...columns, ...[...counts.values()].flatMap(from => [...from.keys()])])].sort();
  most = Math.max(0, ...issuers.flatMap(issuer => columns.map(node => at(issuer, node))));

  // Null stands for the cell before the first node.
  reconcile(byId("matrix-nodes"), [null, ...columns], name => name ?? "", corner);
  reconcile(byId("matrix"), issuers, issuer => issuer, issuer => {
    const line = element("tr");
    return { node: line, update: () => reconcile(line, [null, ...columns], name => name ?? "", node => node === null ? issuerCell(issuer) : countCell(issuer)) };
  });
  setText(byId("matrix-note"), sentence(issuers, period));
}

document.querySelectorAll("input[name=matrix-period]").forEach(choice => choice.addEventListener("change", () => newest && showMatrix(newest)));

function corner(name) {
  const head = name === null ? element("td", { class: "corner" }, "issued by ↓ resumed on →") : element("th", { scope: "col", class: "number" }, name);
  return { node: head, update: () => {} };
}

function issuerCell(issuer) {
  return { node: element("th", { scope: "row", class: "name" }, issuer), update: () => {} };
}

function countCell(issuer) {
  const shown = element("td");
  return {
    node: shown,
    update: node => {
      const value = at(issuer, node);
      setText(shown, count(value));
      setAttribute(shown, "class", `number heat-${value === 0 ? 0 : Math.max(1, Math.ceil(value / most * shades))}${issuer === node ? " own" : ""}`);
    },
  };
}

const at = (issuer, node) => counts.get(node)?.get(issuer) ?? 0;

function sentence(issuers, period) {
  const sum = of => issuers.reduce((total, issuer) => total + columns.reduce((line, node) => line + (of(issuer, node) ? at(issuer, node) : 0), 0), 0);
  const [all, elsewhere, when] = [sum(() => true), sum((issuer, node) => issuer !== node), period === "recent" ? "in the last minute" : "since the nodes started"];
  return all === 0 ? `No session was resumed ${when}.` : `${percent(elsewhere / all)} of ${count(all)} resumptions ${when} were of a session that another node had issued.`;
}
