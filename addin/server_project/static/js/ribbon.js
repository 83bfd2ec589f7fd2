// The ribbon's button that runs a script on the server. The other one opens the task pane, and
// needs no code.
async function nextProblem(event) {
  try {
    const { token, provider } = await globalThis.getAuth();
    await globalThis.xlwings.runPython({
      scriptName: "next_problem",
      include: "Summary,Assumptions,Exchange,Survey,Checks",
      auth: token,
      headers: { "Auth-Provider": provider },
      errorDisplayMode: "taskpane",
    });
  } finally {
    event.completed();
  }
}
Office.actions.associate("next-problem", nextProblem);
