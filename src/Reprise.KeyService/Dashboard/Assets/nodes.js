// The nodes: whether each keeps up, and what it does.

import { badge, byId, drawing, element, reconcile, row, setAttribute, setText } from "./dom.js";
import { duration, offset, percent, rate } from "./format.js";

const silentAfter = 75; // seconds; a node may be told to report once a minute
const clockLimit = 1; // seconds; dates are obeyed on each node's own clock

/** How a node does, in words, and how good that is. */
export function condition(node, now) {
  if (node.removed)
    return badge("off", "removed");
  if (!node.live)
    return badge("bad", "not connected");
  if (typeof node.lagSeconds === "number")
    return badge("warn", `lagging for ${duration(node.lagSeconds)}`);
  const silent = node.lastSeen ? (new Date(now) - new Date(node.lastSeen)) / 1000 : 0;
  return silent > silentAfter ? badge("warn", `silent for ${duration(silent)}`) : badge("good", "up to date");
}

export function showNodes(state) {
  setText(byId("nodes-none"), state.nodes.length === 0 ? "No node has connected yet." : "");
  reconcile(byId("nodes"), state.nodes.map(node => ({ ...node, now: state.now, newest: state.generation })), node => node.name, () => row(
    [node => node.name, "name"],
    [node => condition(node, node.now)],
    [node => node.generation === node.newest ? node.generation : `${node.generation} of ${node.newest}`, "number"],
    [node => rate(node.handshakesPerSecond), "number"],
    [showResumption, "number share"],
    [node => node.service],
    [node => clock(node), "number"],
    [node => node.address, "address"],
    [node => node.version],
  ));
}

function showResumption(node, cell) {
  const share = node.resumptionRate;
  if (!cell.firstElementChild)
    cell.append(element("span"), meter());
  setText(cell.firstElementChild, percent(share) ?? "–");
  setAttribute(cell.querySelector("rect.value"), "width", `${(share ?? 0) * 100}%`);
}

/** A bar beside a number that says the same. */
export const meter = () => drawing("svg", { class: "meter", "aria-hidden": "true", focusable: "false" },
  drawing("rect", { class: "track", width: "100%", height: "100%", rx: 2 }),
  drawing("rect", { class: "value", width: 0, height: "100%", rx: 2 }));

function clock(node) {
  if (typeof node.clockOffsetSeconds !== "number")
    return null;
  return Math.abs(node.clockOffsetSeconds) > clockLimit ? badge("warn", offset(node.clockOffsetSeconds)) : offset(node.clockOffsetSeconds);
}
