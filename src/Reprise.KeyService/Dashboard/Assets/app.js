// The page: each part shows what it knows of each state that arrives.

import { purgeAll, rotate } from "./actions.js";
import { showAudit } from "./audit.js";
import { showDeclines } from "./declines.js";
import { byId, setAttribute, setText } from "./dom.js";
import { showEpochs } from "./epochs.js";
import { showConnection, showHeader } from "./header.js";
import { showMatrix } from "./matrix.js";
import { showNodes } from "./nodes.js";
import { showProfiles } from "./profiles.js";
import { follow } from "./stream.js";

const parts = [showHeader, showNodes, showMatrix, showEpochs, showDeclines, showProfiles, showAudit];

byId("rotate").addEventListener("click", rotate);
byId("purge-all").addEventListener("click", purgeAll);
setText(byId("zone"), Intl.DateTimeFormat().resolvedOptions().timeZone);
keepScrollersReachable();
follow(state => parts.forEach(show => show(state)), showConnection);

// What scrolls has to be reached by keyboard; what does not need not be.
function keepScrollersReachable() {
  const observer = new ResizeObserver(entries => entries.forEach(({ target }) => {
    const box = target.closest(".scroll");
    setAttribute(box, "tabindex", box.scrollWidth > box.clientWidth ? 0 : null);
  }));
  for (const box of document.querySelectorAll(".scroll")) {
    observer.observe(box);
    observer.observe(box.firstElementChild);
  }
}
