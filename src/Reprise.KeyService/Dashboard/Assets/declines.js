// Why sessions that clients offered were not resumed. Such a handshake is a full one, and completes.

import { byId, reconcile, row, setAttribute, setText } from "./dom.js";
import { count } from "./format.js";
import { meter } from "./nodes.js";

const meanings = {
  unknown_key: "No key of this name, or it does not open: revoked, foreign, made up or changed on the way",
  retired: "The epoch it was sealed under is over by its date",
  expired: "Older than the profile's session timeout or its greatest age",
  scope: "Made for another profile, certificate or policy; also after a configuration was tightened",
  ems: "Made without extended master secret, and now offered with it (TLS 1.2)",
  cipher: "Its cipher suite or hash is no longer among those both sides offer",
  spent: "A single-use handle that was used a moment ago (TLS 1.3, stateful)",
  store_miss: "Not in Redis: ended, purged, evicted, or never stored in time",
  store_timeout: "Redis did not answer within the lookup budget",
  store_error: "Redis answered with an error, or is left alone after several",
  policy: "The profile does not resume this kind, or not in this way: switched off, or another TLS version",
  client_certificate: "The client's certificate would not be accepted now",
};

export function showDeclines(state) {
  const declines = [...state.declines].sort((one, other) => Number(other.total) - Number(one.total) || (one.reason < other.reason ? -1 : 1));
  const most = Math.max(1, ...declines.map(decline => Number(decline.total)));
  setText(byId("declines-none"), declines.length === 0 ? "Every session that was offered has been resumed." : "");
  reconcile(byId("declines"), declines, decline => decline.reason, () => row(
    [decline => decline.reason, "name code"],
    [decline => count(decline.recent), "number"],
    [decline => count(decline.total), "number"],
    [(decline, cell) => showBar(cell, Number(decline.total) / most), "bar"],
    [decline => meanings[decline.reason], "wrap"],
  ));
}

function showBar(cell, share) {
  if (!cell.firstElementChild)
    cell.append(meter());
  setAttribute(cell.querySelector("rect.value"), "width", `${share * 100}%`);
}
