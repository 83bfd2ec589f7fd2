// The functions, each with its help and an example, and the search among them.

import { byId, show } from "./page.js";

/** The catalogue that came with the page. */
export const readCatalogue = () => JSON.parse(byId("catalogue-data").textContent);

/** Whether every word of the search stands somewhere in the function's text. */
export function matches(entry, search) {
  const text = [entry.name, entry.description, entry.category].join(" ").toLowerCase();
  // A person types words; a name has underscores.
  const spaced = `${text} ${text.replaceAll("_", " ")}`;
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => spaced.includes(word));
}

function describeArguments(list, entry) {
  for (const each of entry.arguments) {
    const term = document.createElement("dt");
    const code = document.createElement("code");
    code.textContent = each.name;
    term.append(code);
    const help = document.createElement("dd");
    help.textContent = each.help;
    list.append(term, help);
  }
}

function render(entry) {
  const node = byId("entry").content.cloneNode(true).firstElementChild;
  const fill = (name) => {
    node.querySelector(`.${name}`).textContent = entry[name];
  };
  ["name", "description", "syntax", "returns", "equation", "example"].forEach(fill);
  describeArguments(node.querySelector(".arguments"), entry);
  const copy = node.querySelector(".copy");
  copy.setAttribute("aria-label", `Copy the example of ${entry.name}`);
  copy.addEventListener("click", () => copyExample(copy, entry));
  return node;
}

async function copyExample(button, entry) {
  const copied = await copyText(entry.example, button.previousElementSibling);
  const said = copied ? "Copied" : "Selected: press Ctrl+C";
  button.textContent = said;
  byId("copied").textContent = `${said}: ${entry.example}`;
  setTimeout(() => {
    button.textContent = "Copy";
  }, 2000);
}

async function copyText(text, element) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Excel on the web may forbid the clipboard in a task pane; a person can still press keys.
    getSelection().selectAllChildren(element);
    return document.execCommand("copy");
  }
}

/** "Fieldbook: cost", which says in Excel's own list whose it is, is "Cost" here. */
function heading(category) {
  const topic = category.replace(/^Fieldbook:\s*/, "");
  return topic.charAt(0).toUpperCase() + topic.slice(1);
}

function groupByCategory(rendered) {
  const groups = new Map();
  for (const item of rendered) {
    if (!groups.has(item.entry.category)) {
      const section = document.createElement("section");
      const title = document.createElement("h3");
      title.textContent = heading(item.entry.category);
      section.append(title);
      groups.set(item.entry.category, section);
    }
    groups.get(item.entry.category).append(item.node);
  }
  return [...groups.values()];
}

function countText(found, all, search) {
  if (search === "") return `${all} functions`;
  if (found === 0) return `No function matches “${search}”`;
  return `${found} of ${all} functions`;
}

/** Show the catalogue and bind the search to it. */
export function showCatalogue(entries) {
  const rendered = entries.map((entry) => ({ entry, node: render(entry) }));
  const groups = groupByCategory(rendered);
  byId("catalogue").replaceChildren(...groups);

  const filter = () => {
    const search = byId("search").value.trim();
    const found = rendered.filter(({ entry, node }) => {
      show(node, matches(entry, search));
      return !node.hidden;
    });
    groups.forEach((group) => show(group, group.querySelector("details:not([hidden])") !== null));
    byId("count").textContent = countText(found.length, entries.length, search);
  };
  byId("search").addEventListener("input", filter);
  filter();
  openAsked(rendered);
}

/** Open the entry to which Excel's help on a function leads: taskpane.html#COST_MULTIPLE. */
function openAsked(rendered) {
  const asked = rendered.find(({ entry }) => entry.name.split(".").pop() === location.hash.slice(1));
  if (!asked) return;
  asked.node.open = true;
  asked.node.scrollIntoView();
}
