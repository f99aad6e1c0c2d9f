// What an operator may do, each as the key service tells of it (protos/reprise/keys/v1/key_admin.proto).

import { perform } from "./api.js";
import { milliseconds, names, plural } from "./format.js";
import { operate } from "./operation.js";

export function rotate() {
  operate({ title: "Rotate ticket keys", columns: ["can open it", "seals with it"], run: followRotation });
}

export function revoke(epoch) {
  operate({
    title: `Revoke epoch ${epoch.number}`,
    question: {
      text: `Ends epoch ${epoch.number} on all nodes at once and for good: no ticket and no stored session that was sealed under it opens any more, and their clients get full handshakes.`
        + (epoch.sealing ? " It seals now: a successor takes its place first." : ""),
      choice: "Also end all stored sessions of all profiles: those too that began under this epoch and were renewed under a later one",
      typed: String(epoch.number),
      go: "Revoke",
    },
    columns: epoch.sealing ? ["has its successor", "has let it go"] : ["has let it go"],
    run: (progress, purgeSessions) => followRevocation(progress, epoch, purgeSessions),
  });
}

/** Kind is stateful or stateless. */
export function switchProfile(profile, kind, on) {
  operate({
    title: `Switch ${kind} resumption of ${profile} ${on ? "on" : "off"}`,
    question: on ? undefined : {
      text: `The ${kind === "stateful" ? "stored sessions" : "tickets"} of ${profile} end on all nodes at once and for good: those of before do not resume when it is switched on again.`,
      go: "Switch off",
    },
    columns: ["has it in force"],
    run: progress => ask(progress, "/api/switch", { profile, [kind]: on }, `${profile}: ${kind} resumption is ${on ? "on" : "off"}`),
  });
}

export function purge(profile) {
  operate({
    title: `Purge stored sessions of ${profile}`,
    question: { text: `Ends the stored sessions of ${profile} on all nodes: their clients get full handshakes. Tickets are not touched.`, go: "Purge" },
    columns: ["has purged"],
    run: progress => ask(progress, "/api/purge", { profile }, `${profile}: stored sessions are purged`),
  });
}

export function purgeAll() {
  operate({
    title: "Purge all stored sessions",
    question: { text: "Ends the stored sessions of all profiles on all nodes: their clients get full handshakes. Tickets are not touched.", typed: "all", go: "Purge all" },
    columns: ["has purged"],
    run: progress => ask(progress, "/api/purge", { all: true, confirm: "all" }, "All stored sessions are purged"),
  });
}

async function followRotation(progress) {
  let [activation, ended] = [Infinity, false];
  const column = generation => Number(generation) >= activation ? 1 : 0;
  await perform("/api/rotate", {}, ({ staged, acknowledged, laggard, activated, done }) => {
    if (staged) {
      wait(progress, staged.nodes, 0);
      progress.say(`Epoch ${staged.epoch} is staged: waiting for ${plural(staged.nodes?.length ?? 0, "node")} to have it.`);
    } else if (acknowledged) {
      progress.node(acknowledged.node, column(acknowledged.generation), milliseconds(acknowledged.milliseconds), "good");
    } else if (laggard) {
      progress.node(laggard.node, column(laggard.generation), laggardReason(laggard.reason), "warn");
    } else if (activated) {
      activation = Number(activated.generation);
      wait(progress, progress.nodes, 1);
      progress.say(`Epoch ${activated.epoch} is active: waiting for the nodes to seal with it.`);
    } else if (done) {
      ended = true;
      const nodes = done.nodes ?? [];
      nodes.forEach(node => [node.stagedMilliseconds, node.activatedMilliseconds].forEach((time, step) => told(progress, node.node, step, time)));
      [0, 1].forEach(step => progress.missing(step).forEach(node => progress.node(node, step, laggardReason(), "warn")));
      const late = nodes.filter(node => node.stagedMilliseconds === undefined || node.activatedMilliseconds === undefined).map(node => node.node);
      conclude(progress, `Epoch ${done.epoch} seals`, nodes.length, late, done.milliseconds);
    }
  });
  if (!ended)
    brokenOff(progress);
}

async function followRevocation(progress, epoch, purgeSessions) {
  const last = epoch.sealing ? 1 : 0;
  let [revocation, ended] = [epoch.sealing ? Infinity : 0, false];
  const column = generation => Number(generation) >= revocation ? last : 0;
  await perform("/api/revoke", { epoch: epoch.number, purgeSessions, confirm: String(epoch.number) }, ({ staged, acknowledged, laggard, revoked, done }) => {
    if (staged) {
      wait(progress, staged.nodes, 0);
      progress.say(`Its successor, epoch ${staged.epoch}, is on its way to ${plural(staged.nodes?.length ?? 0, "node")}.`);
    } else if (acknowledged) {
      progress.node(acknowledged.node, column(acknowledged.generation), milliseconds(acknowledged.milliseconds), "good");
    } else if (laggard) {
      progress.node(laggard.node, column(laggard.generation), laggardReason(laggard.reason), "warn");
    } else if (revoked) {
      revocation = Number(revoked.generation);
      wait(progress, progress.nodes, last);
      progress.say(`Epoch ${revoked.epoch} is destroyed here: waiting for the nodes.`);
    } else if (done) {
      ended = true;
      acknowledgements(progress, last, done.acknowledgements, `Epoch ${done.epoch} is destroyed`, done.milliseconds);
    }
  });
  if (!ended)
    brokenOff(progress);
}

async function ask(progress, path, body, sentence) {
  let answer = null;
  await perform(path, body, step => answer = step);
  if (answer)
    acknowledgements(progress, 0, answer.acknowledgements, sentence, answer.acknowledgements?.milliseconds);
  else
    brokenOff(progress);
}

function acknowledgements(progress, column, { nodes = [], laggards = [] } = {}, sentence, time) {
  nodes.forEach(node => told(progress, node.node, column, node.milliseconds));
  laggards.forEach(laggard => progress.node(laggard.node, column, laggardReason(laggard.reason), "warn"));
  conclude(progress, sentence, nodes.length, laggards.map(laggard => laggard.node), time);
}

function conclude(progress, sentence, nodes, late, time) {
  if (late.length > 0)
    progress.say(`${sentence}, but ${names(late)} ${late.length === 1 ? "has" : "have"} not acknowledged it. It took ${milliseconds(time)}.`, "warn");
  else
    progress.say(`${sentence}: acknowledged by ${nodes === 1 ? "the one node" : `all ${nodes} nodes`} in ${milliseconds(time)}.`, "good");
}

const brokenOff = progress => progress.say("The key service ended before it told of the last step. What was begun goes on by itself: see the activity below.", "warn");

const wait = (progress, nodes, column) => nodes?.forEach(node => progress.node(node, column, "waiting"));

function told(progress, node, column, time) {
  if (time !== undefined)
    progress.node(node, column, milliseconds(time), "good");
}

const laggardReason = reason => reason === "LAGGARD_REASON_DISCONNECTED" ? "disconnected" : "no answer in time";
