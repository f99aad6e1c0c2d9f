// Names come from certificates and details from elsewhere: all text reaches the page as text, never as markup. What is there already is
// changed in place, and only where it differs, so that focus, selection and scroll position stay and screen readers are not told twice.

const svgNamespace = "http://www.w3.org/2000/svg";

/** The element of the page with this id. */
export const byId = id => document.getElementById(id);

/** A new element with attributes and children, which are nodes or text. */
export function element(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/** The same for SVG. */
export function drawing(name, attributes = {}, ...children) {
  return fill(document.createElementNS(svgNamespace, name), attributes, children);
}

export function setText(node, text) {
  if (node.textContent !== text)
    node.textContent = text;
}

/** Null, undefined and false take the attribute away, true makes it empty. */
export function setAttribute(node, name, value) {
  if (value === null || value === undefined || value === false)
    node.removeAttribute(name);
  else if (node.getAttribute(name) !== (value === true ? "" : String(value)))
    node.setAttribute(name, value === true ? "" : value);
}

const known = new WeakMap();

/**
 * Makes the children of a parent those of the items, in their order. An item's node lives as long as its key is among them.
 * @param create Given an item, gives { node, update }; update is called with the item now and each time it comes again.
 */
export function reconcile(parent, items, keyOf, create) {
  const before = known.get(parent) ?? new Map();
  const after = new Map(items.map(item => [keyOf(item), before.get(keyOf(item)) ?? create(item)]));
  for (const [key, view] of before) {
    if (!after.has(key))
      view.node.remove();
  }
  let place = parent.firstElementChild;
  for (const item of items) {
    const view = after.get(keyOf(item));
    if (view.node === place)
      place = place.nextElementSibling;
    else
      parent.insertBefore(view.node, place);
    view.update(item);
  }
  known.set(parent, after);
}

/** A table row whose cells are filled by functions of the item: [function, class] each; the first one is the row's header. */
export function row(...columns) {
  const cells = columns.map(([, kind], index) => element(index === 0 ? "th" : "td", { scope: index === 0 ? "row" : null, class: kind }));
  return {
    node: element("tr", {}, ...cells),
    update: item => columns.forEach(([show], index) => place(cells[index], show(item, cells[index]))),
  };
}

/** A word with a colour and a shape that repeat what it says. */
export const badge = (kind, text) => ({ kind, text });

// Undefined: the function has filled the cell itself.
function place(cell, content) {
  if (content === undefined)
    return;
  const [kind, text] = content?.kind ? [content.kind, content.text] : [null, String(content ?? "–")];
  const shown = cell.firstElementChild;
  if (kind === null && shown) {
    cell.replaceChildren(text);
  } else if (kind === null) {
    setText(cell, text);
  } else if (shown) {
    setAttribute(shown, "class", `badge ${kind}`);
    setText(shown, text);
  } else {
    cell.replaceChildren(element("span", { class: `badge ${kind}` }, text));
  }
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes))
    setAttribute(node, name, value);
  node.append(...children);
  return node;
}
