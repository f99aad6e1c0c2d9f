// Which key service this is, whether what is shown is live, and how the cluster does at a glance.

import { byId, setAttribute, setText } from "./dom.js";
import { duration, moment, names, percent, plural, rate } from "./format.js";
import { condition } from "./nodes.js";

export function showConnection(connection) {
  const place = byId("connection");
  setAttribute(place, "class", connection.live ? "badge good" : "badge bad");
  setText(place, connectionText(connection));
  setAttribute(byId("sign-in"), "hidden", !connection.signedOut);
  setAttribute(document.body, "class", connection.live ? null : "stale");
}

export function showHeader(state) {
  setText(byId("service"), state.service);
  setText(byId("leader"), !state.leader ? "nobody leads: nothing can be changed now" : state.leader === state.service ? "leads" : `${state.leader} leads`);
  setText(byId("generation"), `generation ${state.generation}`);

  const present = state.nodes.filter(node => !node.removed);
  const live = present.filter(node => node.live);
  const lagging = live.filter(node => condition(node, state.now).kind !== "good");
  setText(byId("live-nodes"), `${live.length} of ${present.length}`);
  setText(byId("live-nodes-note"), lagging.length > 0 ? `lagging: ${names(lagging.map(node => node.name))}` : live.length > 0 ? "none lags" : "no node is connected");
  setAttribute(byId("live-nodes-tile"), "class", lagging.length > 0 || live.length < present.length ? "warn" : null);

  const measured = live.filter(node => typeof node.handshakesPerSecond === "number");
  const handshakes = measured.reduce((sum, node) => sum + node.handshakesPerSecond, 0);
  const resumed = measured.reduce((sum, node) => sum + node.handshakesPerSecond * (node.resumptionRate ?? 0), 0);
  setText(byId("handshakes"), measured.length > 0 ? rate(handshakes) : "–");
  setText(byId("handshakes-note"), measured.length > 0 ? `on ${plural(measured.length, "node")}` : "not told yet");
  setText(byId("resumption"), handshakes > 0 ? percent(resumed / handshakes) : "–");

  const sealing = state.epochs.find(epoch => epoch.sealing);
  setText(byId("sealing"), sealing ? String(sealing.number) : "none");
  setText(byId("sealing-note"), sealing ? `for ${age(sealing.activatesAt, state.now)}` : "no tickets are issued");
  setAttribute(byId("sealing-tile"), "class", sealing ? null : "bad");
  document.title = `${lagging.length > 0 ? `(${lagging.length} lagging) ` : ""}${state.service} · Reprise`;
}

function connectionText(connection) {
  if (connection.signedOut)
    return "Not live: you are signed out";
  if (connection.live)
    return "Live";
  return connection.since ? `Not live since ${moment(connection.since)}; trying again` : "Not live yet; trying again";
}

const age = (from, now) => duration((new Date(now) - new Date(from)) / 1000);
