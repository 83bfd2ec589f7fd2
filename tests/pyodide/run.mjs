// Runs a Python program in Pyodide: node run.mjs JOB, where JOB is the path of a JSON file with
//   folder    of the runtime
//   packages  that it has, to load
//   mounts    folders of this machine by where the program sees them
//   env       environment variables
//   program   Python; `given` in it holds the text of that name; its last line is the answer
//   answer    the path to write that to
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const job = JSON.parse(readFileSync(process.argv[2], "utf8"));
const toStderr = (line) => process.stderr.write(`${line}\n`);

async function answer() {
  const { loadPyodide } = await import(pathToFileURL(join(job.folder, "pyodide.mjs")));
  const env = { HOME: "/home/pyodide", ...job.env };
  const pyodide = await loadPyodide({
    indexURL: job.folder,
    env,
    stdout: toStderr,
    stderr: toStderr,
  });
  await pyodide.loadPackage(job.packages, { messageCallback: () => {} });
  for (const [place, folder] of Object.entries(job.mounts)) {
    pyodide.FS.mkdirTree(place);
    pyodide.mountNodeFS(place, folder);
  }
  pyodide.globals.set("given", job.given);
  return await pyodide.runPythonAsync(job.program);
}

try {
  writeFileSync(job.answer, await answer());
  process.exit(0);
} catch (error) {
  toStderr(error.message); // with what stands around it in the runtime Node would fill pages
  process.exit(1);
}
