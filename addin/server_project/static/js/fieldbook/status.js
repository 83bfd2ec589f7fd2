// Whether the functions answer: one real call, by the way that a cell's call takes.

import { address, byId, reason, show, usesMicrosoft } from "./page.js";

const PATIENCE_MS = 15_000;
const CHECK = { call: "cost_multiple", args: [[[100000]], [[25000]]], answer: 4 };

async function ask() {
  const { token, provider } = await globalThis.getAuth();
  // Not through the cell's own function, which would answer from its cache.
  const response = await globalThis.xwRequest.post(
    address("/xlwings/custom-functions-call"),
    {
      client: "Office.js",
      func_name: CHECK.call,
      args: CHECK.args,
      caller_address: null,
      session_id: "task-pane",
      culture_info_name: null,
      date_format: null,
      version: globalThis.config.xlwingsVersion,
      runtime: "1.4",
    },
    {
      headers: {
        "Content-Type": "application/json",
        Authorization: token,
        "Auth-Provider": provider,
      },
      timeout: PATIENCE_MS,
    },
  );
  return response.data.result?.[0]?.[0];
}

function say(state, text) {
  byId("status").dataset.state = state;
  // Saying the same again would make a screen reader say it again.
  if (byId("status-text").textContent !== text) byId("status-text").textContent = text;
  show(byId("retry"), state === "down");
}

function sayFailure(error) {
  const refused = error.response?.status === 401;
  const wanted = usesMicrosoft() ? "a sign-in" : "an access token";
  if (refused) say("down", `The server asks for ${wanted}: ${reason(error)}`);
  else if (error.response) say("down", `The server refuses: ${reason(error)}`);
  else say("down", `Server does not answer: ${reason(error)}`);
  return refused;
}

/**
 * Call a function and say how it went.
 *
 * @param {{quietly: boolean}} how whether to leave the line as it is until the answer is there
 * @returns {Promise<{answers: boolean, refused: boolean}>} whether it gave the right answer,
 *   and whether a token would help.
 */
export async function checkStatus({ quietly }) {
  if (!quietly) say("busy", "Asking the server …");
  try {
    const answer = await ask();
    const right = answer === CHECK.answer;
    if (right) say("up", "Functions answer");
    else say("down", `Wrong answer: ${JSON.stringify(answer)} in place of ${CHECK.answer}`);
    return { answers: right, refused: false };
  } catch (error) {
    return { answers: false, refused: sayFailure(error) };
  }
}
