// The profiles' two switches, and the purge of what they have stored.

import { byId, element, reconcile, row, setAttribute, setText } from "./dom.js";
import { names } from "./format.js";
import { purge, switchProfile } from "./actions.js";

export function showProfiles(state) {
  setText(byId("profiles-none"), state.profiles.length === 0 ? "No live node serves a profile." : "");
  const live = state.nodes.filter(node => node.live);
  const profiles = state.profiles.map(profile => ({ ...profile, stateful: inForce(profile, "stateful", live), stateless: inForce(profile, "stateless", live) }));
  reconcile(byId("profiles"), profiles, profile => profile.name, first => {
    const [stateful, stateless] = [toggle(first.name, "stateful"), toggle(first.name, "stateless")];
    const button = element("button", { type: "button", class: "small", "aria-label": `Purge stored sessions of ${first.name}` }, "Purge");
    button.addEventListener("click", () => purge(first.name));
    return row(
      [profile => profile.name, "name"],
      [(profile, cell) => stateful.show(cell, profile.stateful)],
      [(profile, cell) => stateless.show(cell, profile.stateless)],
      [profile => profile.nodes, "number"],
      [profile => profile.switched ? "by an operator" : "by configuration"],
      [(_, cell) => { if (!cell.firstChild) cell.append(button); }, "buttons"],
    );
  });
}

// A node that has not taken a switch yet, or whose configuration says something else, is named.
function inForce(profile, kind, live) {
  const others = live.filter(node => node.profiles?.some(served => served.name === profile.name && Boolean(served[kind]) !== Boolean(profile[kind])));
  return { on: Boolean(profile[kind]), others: others.map(node => node.name) };
}

function toggle(profile, kind) {
  const button = element("button", { type: "button", role: "switch", class: "switch", "aria-label": `${kind} resumption of ${profile}` });
  const note = element("span", { class: "note" });
  let on = false;
  button.addEventListener("click", () => switchProfile(profile, kind, !on));
  return {
    show: (cell, state) => {
      on = state.on;
      if (!cell.firstChild)
        cell.append(button, note);
      setAttribute(button, "aria-checked", String(on));
      setText(note, state.others.length > 0 ? `${on ? "off" : "on"} at ${names(state.others)}` : "");
    },
  };
}
