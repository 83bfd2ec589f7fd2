// Reads a workbook and writes it again, as programs do that compute nothing:
// node rewrite.cjs IN OUT [SHEET ADDRESS NUMBER ...]
const XLSX = require("xlsx");

const [source, target, ...edits] = process.argv.slice(2);
const book = XLSX.readFile(source, { cellStyles: true, cellFormula: true });
for (let place = 0; place < edits.length; place += 3) {
  const [sheet, address, number] = edits.slice(place, place + 3);
  book.Sheets[sheet][address] = { t: "n", v: Number(number) };
}
XLSX.writeFile(book, target);
