// The text of formulas: the name that a file stores to the name that a person types.

/**
 * Write the stored names in a formula as the names that Excel shows.
 *
 * Excel shows `_xldudf_FIELD_NAME(` where it read the file before it knew the add-in, at times
 * after a file's name and an exclamation mark. Text in quotes stays as it is.
 *
 * @param {string} formula such as "=1+_xldudf_FIELD_COST_MULTIPLE(A1,B1)"
 * @param {Map<string, string>} names each stored name in upper case to the name that Excel shows
 * @returns {string} the formula, unchanged where it holds no such name
 */
export function withShownNames(formula, names) {
  // Texts in double quotes are odd parts; a quote within one is doubled and splits it in two,
  // which leaves the count right.
  return formula
    .split(/("[^"]*")/)
    .map((part, place) => (place % 2 ? part : replaceNames(part, names)))
    .join("");
}

function replaceNames(code, names) {
  return code.replace(
    /(?:'[^']*'!|[\w.[\]]*!)?(_xldudf_\w+)(?=\s*\()/gi,
    (whole, stored) => names.get(stored.toUpperCase()) ?? whole,
  );
}

/** Whether a formula calls one of our functions by the name that Excel shows. */
export function callsOurs(formula, names) {
  const code = formula.replace(/"[^"]*"/g, "").toUpperCase();
  return [...names.values()].some((name) => code.includes(`${name.toUpperCase()}(`));
}
