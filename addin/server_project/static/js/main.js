// The task pane: status, catalogue, token and repair, put together.

import { byId, reason, show } from "./fieldbook/page.js";
import { readCatalogue, showCatalogue } from "./fieldbook/catalogue.js";
import { bindRewrite } from "./fieldbook/rewrite.js";
import { checkStatus } from "./fieldbook/status.js";
import { bindToken, offerToken } from "./fieldbook/token.js";

const LOOK_AGAIN_MS = 60_000;

/** Ask the server how it is; returns whether its functions answer. */
async function refresh({ quietly = false } = {}) {
  await globalThis.fieldbook.refreshVersion();
  const { answers, refused } = await checkStatus({ quietly });
  offerToken(refused);
  return answers;
}

async function retry() {
  byId("retry").disabled = true;
  await refresh();
  byId("retry").disabled = false;
}

function showVersion() {
  byId("version").textContent = globalThis.fieldbook.version() ?? "not known";
}

function suggestRecalculation(text) {
  byId("changed-text").textContent = text;
  show(byId("changed"), true);
}

async function recalculate() {
  try {
    await Excel.run(async (context) => {
      context.workbook.application.calculate("Full");
      await context.sync();
    });
    show(byId("changed"), false);
  } catch (error) {
    suggestRecalculation(`Excel refused to recalculate: ${reason(error)}`);
  }
}

async function afterTokenChange() {
  const answers = await refresh();
  if (answers) suggestRecalculation("Cells that showed an error until now need a recalculation.");
}

function bindVersion() {
  document.addEventListener("fieldbook:version", ({ detail: { before, now } }) => {
    showVersion();
    if (before === null) return;
    suggestRecalculation(
      `The model went from version ${before} to ${now}. ` +
        "Cells keep their former answers until they are recalculated.",
    );
  });
}

/** A pane that stands open for hours should not say what was true in the morning. */
function lookAgain() {
  if (document.visibilityState === "visible") refresh({ quietly: true });
}

/** xlwings' messages above the page close by themselves only where Bootstrap is loaded. */
function bindMessages() {
  document.querySelectorAll(".alert .btn-close").forEach((button) =>
    button.addEventListener("click", () => button.parentElement.classList.add("d-none")),
  );
}

function start() {
  document.title = "Fieldbook";
  bindMessages();
  bindVersion();
  bindToken(afterTokenChange);
  const catalogue = readCatalogue();
  showCatalogue(catalogue);
  bindRewrite(catalogue);
  byId("retry").addEventListener("click", retry);
  byId("recalculate").addEventListener("click", recalculate);
  document.addEventListener("visibilitychange", lookAgain);
  setInterval(lookAgain, LOOK_AGAIN_MS);
  refresh().then(showVersion);
}

start();
