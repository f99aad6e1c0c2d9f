// The epochs as a table, and in it as a timeline: when each seals, how long it opens, and how much it is used.

import { badge, byId, drawing, element, reconcile, row, setAttribute, setText } from "./dom.js";
import { count, duration, showMoment } from "./format.js";
import { revoke } from "./actions.js";

const niceSteps = [10, 30, 60, 300, 900, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 86400, 2 * 86400, 7 * 86400].map(seconds => seconds * 1000);
const mostTicks = 5;

export function showEpochs(state) {
  const axis = axisOf(state.epochs, new Date(state.now));
  showAxis(axis);
  reconcile(byId("epochs"), state.epochs.map(epoch => ({ ...epoch, axis })), epoch => epoch.number, () => {
    const bars = timeline();
    const button = element("button", { type: "button", class: "small danger" }, "Revoke");
    const line = row(
      [epoch => epoch.number, "name"],
      [epochState],
      [(epoch, cell) => { if (!cell.firstChild) cell.append(bars.node); bars.update(epoch); }, "timeline"],
      [(epoch, cell) => showMoment(cell, epoch.activatesAt), "number"],
      [(epoch, cell) => showMoment(cell, epoch.state === "destroyed" ? null : epoch.openUntil), "number"],
      [epoch => count(epoch.seals), "number"],
      [epoch => count(epoch.opens), "number"],
      [epoch => count(epoch.recentOpens), "number"],
      [(epoch, cell) => { if (!cell.firstChild) cell.append(button); }, "buttons"],
    );
    let shown = null;
    button.addEventListener("click", () => revoke(shown));
    return {
      node: line.node,
      update: epoch => {
        shown = epoch;
        line.update(epoch);
        setAttribute(button, "aria-label", `Revoke epoch ${epoch.number}`);
        setAttribute(button, "hidden", epoch.state === "destroyed");
        setAttribute(line.node, "class", epoch.state);
      },
    };
  });
}

function epochState(epoch) {
  if (epoch.state === "destroyed")
    return badge("off", "destroyed");
  if (epoch.condemned)
    return badge("bad", "being revoked");
  if (epoch.state === "staged")
    return badge("info", "staged");
  if (epoch.state === "active")
    return epoch.sealing ? badge("good", "active, seals") : badge("info", "active soon");
  return epoch.sealing ? badge("good", "retired, seals a moment yet") : badge("off", "retired, opens");
}

function axisOf(epochs, now) {
  const times = name => epochs.filter(epoch => epoch.state !== "destroyed" && epoch[name]).map(epoch => new Date(epoch[name]).getTime());
  const [from, to] = [Math.min(now.getTime(), ...times("createdAt")), Math.max(now.getTime() + 60_000, ...times("openUntil"))];
  const margin = (to - from) / 50;
  const [begin, end] = [from - margin, to + margin];
  return { begin, end, now, at: time => (Math.min(Math.max(new Date(time).getTime(), begin), end) - begin) / (end - begin) * 100 };
}

function showAxis({ begin, end, now, at }) {
  const step = niceSteps.find(each => (end - begin) / each <= mostTicks) ?? niceSteps.at(-1) * Math.ceil((end - begin) / niceSteps.at(-1) / mostTicks);
  const ticks = [];
  for (let steps = Math.ceil((begin - now.getTime()) / step); now.getTime() + steps * step <= end; steps++)
    ticks.push({ steps, at: at(now.getTime() + steps * step), text: steps === 0 ? "now" : `${steps < 0 ? "−" : "+"}${duration(Math.abs(steps) * step / 1000)}` });
  const anchor = tick => tick.at < 8 ? "start" : tick.at > 92 ? "end" : "middle";
  reconcile(byId("epochs-axis"), ticks, tick => `${step} ${tick.steps}`, () => {
    const label = drawing("text", { y: "75%" });
    return {
      node: label,
      update: tick => {
        setAttribute(label, "x", `${tick.at}%`);
        setAttribute(label, "text-anchor", anchor(tick));
        setAttribute(label, "class", tick.steps === 0 ? "now" : null);
        setText(label, tick.text);
      },
    };
  });
}

// What it shows stands in the columns beside it too.
function timeline() {
  const [seals, opens, now] = [drawing("rect", { class: "seals", y: 4, height: 14, rx: 3 }), drawing("rect", { class: "opens", y: 8, height: 6, rx: 3 }), drawing("line", { class: "now", y1: 0, y2: 22 })];
  return {
    node: drawing("svg", { width: "100%", height: 22, "aria-hidden": "true", focusable: "false" }, opens, seals, now),
    update: epoch => {
      const destroyed = epoch.state === "destroyed";
      span(opens, epoch.axis, epoch.createdAt, destroyed ? null : epoch.openUntil);
      span(seals, epoch.axis, epoch.activatesAt, destroyed ? null : epoch.sealUntil);
      setAttribute(now, "x1", `${epoch.axis.at(epoch.axis.now)}%`);
      setAttribute(now, "x2", `${epoch.axis.at(epoch.axis.now)}%`);
    },
  };
}

function span(bar, axis, from, until) {
  setAttribute(bar, "visibility", from && until ? null : "hidden");
  if (!from || !until)
    return;
  setAttribute(bar, "x", `${axis.at(from)}%`);
  setAttribute(bar, "width", `${Math.max(axis.at(until) - axis.at(from), 0.6)}%`);
}
