// The dialog in which an operator's action is confirmed, where that is needed, and then seen to be done, node by node.

import { byId, element, setAttribute, setText } from "./dom.js";

const dialog = byId("operation");
const input = byId("operation-input");
const submit = byId("operation-go");
const close = byId("operation-close");
let current = null;

/**
 * Opens the dialog.
 * @param operation title; columns: what a node tells of, in order; run: given a Progress and whether the choice was taken, carries it out.
 * With question: text, go (the button's word), and optionally typed (what has to be typed) and choice (a box that may be ticked).
 */
export function operate(operation) {
  current = operation;
  const question = operation.question;
  setText(byId("operation-title"), operation.title);
  setText(byId("operation-text"), question?.text ?? "");
  setText(byId("operation-expected"), question?.typed ?? "");
  setAttribute(byId("operation-typed"), "hidden", !question?.typed);
  setText(byId("operation-choice-text"), question?.choice ?? "");
  setAttribute(byId("operation-choice"), "hidden", !question?.choice);
  setText(submit, question?.go ?? "");
  input.value = "";
  byId("operation-chosen").checked = false;
  show(question !== undefined);
  allow();
  dialog.showModal();
  (question?.typed ? input : close).focus();
  if (!question)
    carryOut();
}

/** What an operation tells as it goes. After the dialog was closed nobody listens any more. */
class Progress {
  #operation = current;
  #rows = new Map();
  #body = byId("operation-nodes");

  constructor() {
    setText(byId("operation-status"), "");
    setAttribute(byId("operation-status"), "class", null);
    this.#body.replaceChildren();
    byId("operation-columns").replaceChildren(...["Node", ...this.#operation.columns].map(name => element("th", { scope: "col" }, name)));
  }

  /** Says in a sentence how it stands; kind once it has ended: good, warn or bad. */
  say(sentence, kind = null) {
    if (this.#operation !== current)
      return;
    setText(byId("operation-status"), sentence);
    setAttribute(byId("operation-status"), "class", kind);
  }

  /** What a node has done, by column; a kind of null: nothing yet. */
  node(name, column, text, kind = null) {
    if (this.#operation !== current)
      return;
    setAttribute(byId("operation-table"), "hidden", false);
    const cell = this.#row(name)[column];
    setText(cell, text);
    setAttribute(cell, "class", kind ? `badge ${kind}` : "waiting");
  }

  /** Those told of so far. */
  get nodes() {
    return [...this.#rows.keys()];
  }

  /** Those of which a column still waits. */
  missing(column) {
    return this.nodes.filter(name => this.#rows.get(name)[column].className === "waiting");
  }

  #row(name) {
    if (!this.#rows.has(name)) {
      const cells = this.#operation.columns.map(() => element("span"));
      this.#rows.set(name, cells);
      this.#body.append(element("tr", {}, element("th", { scope: "row" }, name), ...cells.map(cell => element("td", {}, cell))));
    }
    return this.#rows.get(name);
  }
}

function allow() {
  submit.disabled = Boolean(current?.question?.typed) && input.value.trim() !== current.question.typed;
}

function show(asking) {
  setAttribute(byId("operation-question"), "hidden", !asking);
  setAttribute(byId("operation-progress"), "hidden", asking);
  setAttribute(byId("operation-table"), "hidden", true);
  setAttribute(submit, "hidden", !asking);
  setText(close, asking ? "Cancel" : "Close");
}

async function carryOut() {
  show(false);
  close.focus();
  const progress = new Progress();
  progress.say("Asked; waiting for the first step.");
  try {
    await current.run(progress, byId("operation-chosen").checked);
  } catch (failure) {
    progress.say(failure.message, "bad");
  }
}

input.addEventListener("input", allow);
close.addEventListener("click", () => dialog.close());
dialog.addEventListener("close", () => current = null);
byId("operation-form").addEventListener("submit", event => {
  event.preventDefault();
  if (!submit.disabled && !submit.hidden)
    carryOut();
});
