// What the parts of the task pane share.

export const byId = (id) => document.getElementById(id);

/** The address of a page of our server. */
export const address = (path) =>
  `${window.location.origin}${globalThis.config.appPath}${path}`;

/** Whether people sign in with Microsoft Entra ID, and so have no token of ours to type. */
export const usesMicrosoft = () => globalThis.config.authProviders?.includes("entraid") ?? false;

export function show(element, visible) {
  element.hidden = !visible;
}

/** What went wrong, in one line, whatever was thrown. */
export function reason(error) {
  const data = error.response?.data;
  const text = data?.detail ?? data?.error ?? data ?? error.message ?? error;
  const line = typeof text === "string" ? text : JSON.stringify(text);
  return line.replace(/\s+/g, " ").trim().slice(0, 300) || "no reason given";
}
