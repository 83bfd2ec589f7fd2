// The access token: asked for only where the server wants one.

import { byId, show, usesMicrosoft } from "./page.js";

function fault(text) {
  byId("token-fault").textContent = text;
  show(byId("token-fault"), text !== "");
}

/** Show the box where the server refused, or where there is a token to remove. */
export function offerToken(refused) {
  const saved = globalThis.fieldbook.token() !== "";
  show(byId("token-form"), !usesMicrosoft() && (refused || saved));
  show(byId("token-remove"), saved);
}

function save(text, then) {
  const token = text.trim().replace(/^Bearer\s+/i, "");
  // A header takes nothing else, and a person would learn it only from a failing call.
  if (!/^[\x21-\x7e]+$/.test(token)) {
    fault("A token is letters, digits and signs, without spaces.");
    byId("token").focus();
    return;
  }
  fault("");
  byId("token").value = "";
  globalThis.fieldbook.saveToken(token);
  then();
}

/** Bind the box's buttons; `then` is called after every change. */
export function bindToken(then) {
  byId("token-form").addEventListener("submit", (event) => {
    event.preventDefault();
    save(byId("token").value, then);
  });
  byId("token-remove").addEventListener("click", () => {
    globalThis.fieldbook.saveToken("");
    then();
  });
}
