// Writing the formulas again where Excel opened a workbook before it knew the functions.
//
// In JavaScript and not as an xlwings script: a script on the server is sent values only, and
// xlwings reads formulas (Range.get_formula) in xlwings Lite alone.

import { byId, reason, show } from "./page.js";
import { callsOurs, withShownNames } from "./formulas.js";

/**
 * Write the formulas of a workbook again that Excel could not read.
 *
 * @param {Array<{name: string, stored_name: string}>} catalogue
 * @returns {Promise<{written: number, sheets: number, faults: string[]}>}
 */
export async function rewriteWorkbook(catalogue) {
  const names = new Map(
    catalogue.map((entry) => [entry.stored_name.toUpperCase(), entry.name]),
  );
  return Excel.run(async (context) => {
    const total = { written: 0, sheets: 0, faults: [] };
    for (const { sheet, used } of await readSheets(context)) {
      const cells = used.isNullObject ? [] : wanted(used, names);
      if (cells.length === 0) continue;
      const written = await rewriteSheet(context, sheet, cells, total.faults);
      total.written += written;
      total.sheets += written > 0 ? 1 : 0;
    }
    return total;
  });
}

async function readSheets(context) {
  const worksheets = context.workbook.worksheets;
  worksheets.load("items/name");
  await context.sync();
  const sheets = worksheets.items.map((sheet) => {
    const used = sheet.getUsedRangeOrNullObject(true);
    used.load("formulas,values,rowIndex,columnIndex");
    sheet.protection.load("protected,options");
    return { sheet, used };
  });
  await context.sync();
  return sheets;
}

/** The cells to write, in reading order, each with its new formula. */
function wanted(used, names) {
  const cells = [];
  used.formulas.forEach((row, down) =>
    row.forEach((formula, across) => {
      if (typeof formula !== "string" || !formula.startsWith("=")) return;
      const shown = withShownNames(formula, names);
      const unread = used.values[down][across] === "#NAME?" && callsOurs(formula, names);
      if (shown === formula && !unread) return;
      cells.push({
        row: used.rowIndex + down,
        column: used.columnIndex + across,
        before: formula,
        formula: shown,
      });
    }),
  );
  return cells;
}

async function rewriteSheet(context, sheet, cells, faults) {
  const { protected: wasProtected, options } = sheet.protection;
  try {
    if (wasProtected) {
      sheet.protection.unprotect();
      await context.sync();
    }
  } catch {
    faults.push(`${sheet.name} is protected by a password: unprotect it and press again.`);
    return 0;
  }
  try {
    return await rewriteCells(context, sheet, cells, faults);
  } finally {
    if (wasProtected) {
      sheet.protection.protect(options);
      await context.sync();
    }
  }
}

async function rewriteCells(context, sheet, cells, faults) {
  const left = new Map(cells.map((cell) => [`${cell.row},${cell.column}`, cell]));
  let written = 0;
  // Maps keep their order, and a block's later cells are taken out with its first.
  for (const [place, cell] of left) {
    left.delete(place);
    if ((await writeCell(context, sheet, cell)) || (await writeBlock(context, sheet, cell, left))) {
      written += 1;
    } else {
      faults.push(`${sheet.name}!${letters(cell.column)}${cell.row + 1} could not be written.`);
    }
  }
  return written;
}

/** Write one cell; false where Excel refuses, as it does for a part of an array formula. */
async function writeCell(context, sheet, cell) {
  try {
    sheet.getCell(cell.row, cell.column).formulas = [[cell.formula]];
    await context.sync();
    return true;
  } catch {
    return false;
  }
}

/** Write the whole array formula that begins at a cell, and take its other cells off the list. */
async function writeBlock(context, sheet, cell, left) {
  const { rows, columns } = blockSize(cell, left);
  // A single cell was refused for another reason, which a second try would not change.
  if (rows * columns === 1) return false;
  const block = sheet.getRangeByIndexes(cell.row, cell.column, rows, columns);
  for (let down = 0; down < rows; down += 1) {
    for (let across = 0; across < columns; across += 1) {
      left.delete(`${cell.row + down},${cell.column + across}`);
    }
  }
  if (Office.context.requirements.isSetSupported("ExcelApiDesktop", "1.1")) {
    return writeArrayFormula(context, block, cell);
  }
  return writeSpill(context, sheet, block, cell);
}

/** Office.js does not tell an array formula's extent, but each of its cells gives its formula. */
function blockSize(cell, left) {
  const same = (down, across) =>
    (down === 0 && across === 0) ||
    left.get(`${cell.row + down},${cell.column + across}`)?.before === cell.before;
  let columns = 1;
  while (same(0, columns)) columns += 1;
  const wholeRow = (down) => {
    for (let across = 0; across < columns; across += 1) {
      if (!same(down, across)) return false;
    }
    return true;
  };
  let rows = 1;
  while (wholeRow(rows)) rows += 1;
  return { rows, columns };
}

async function writeArrayFormula(context, block, cell) {
  try {
    block.formulaArray = cell.formula;
    await context.sync();
    return true;
  } catch {
    return false;
  }
}

/** Excel on the web takes no fixed array from us; a formula that spills fills the same cells. */
async function writeSpill(context, sheet, block, cell) {
  try {
    block.clear("Contents");
    await context.sync();
  } catch {
    return false;
  }
  if (await writeCell(context, sheet, cell)) return true;
  // Better the formula that Excel cannot read than none.
  await writeCell(context, sheet, { ...cell, formula: cell.before });
  return false;
}

function letters(column) {
  const before = Math.floor(column / 26);
  return (before > 0 ? letters(before - 1) : "") + String.fromCharCode(65 + (column % 26));
}

function resultText({ written, sheets, faults }) {
  if (written > 0) {
    const formulas = written === 1 ? "1 formula" : `${written} formulas`;
    return `${formulas} written again on ${sheets === 1 ? "1 sheet" : `${sheets} sheets`}.`;
  }
  return faults.length > 0 ? "Nothing was written." : "Every formula is as it should be.";
}

function listFaults(faults) {
  const items = faults.map((text) => {
    const item = document.createElement("li");
    item.textContent = text;
    return item;
  });
  byId("rewrite-faults").replaceChildren(...items);
  show(byId("rewrite-faults"), faults.length > 0);
}

/** Bind the button. */
export function bindRewrite(catalogue) {
  byId("rewrite").addEventListener("click", async () => {
    const button = byId("rewrite");
    const say = (text) => {
      byId("rewrite-result").textContent = text;
    };
    listFaults([]);
    button.disabled = true;
    say("Writing …");
    try {
      const result = await rewriteWorkbook(catalogue);
      say(resultText(result));
      listFaults(result.faults);
    } catch (error) {
      say(`Excel refused: ${reason(error)}`);
    }
    button.disabled = false;
  });
}
