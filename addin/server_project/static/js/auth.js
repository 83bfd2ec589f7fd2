// Who asks, and of which model: what every call to the server carries.
//
// A classic script, as xlwings loads it: the custom functions and the task pane share one
// JavaScript context and find getAuth and fieldbook on globalThis.
(() => {
  const TOKEN = "fieldbookToken";
  const REFRESH_MS = 60_000;
  const PATIENCE_MS = 5_000;

  // xlwings sets globalThis.config in a module, which runs later than this.
  const config = JSON.parse(document.getElementById("config").textContent);
  const versionUrl = `${window.location.origin}${config.appPath}/fieldbook/version`;

  let version = null;
  // Where storage is blocked, a token lasts until the pane is closed.
  let tokenInMemory = "";

  function token() {
    try {
      return localStorage.getItem(TOKEN) ?? tokenInMemory;
    } catch {
      return tokenInMemory;
    }
  }

  function saveToken(text) {
    tokenInMemory = text;
    try {
      if (text) localStorage.setItem(TOKEN, text);
      else localStorage.removeItem(TOKEN);
    } catch {
      // Kept in memory.
    }
  }

  async function fetchVersion() {
    const response = await fetch(versionUrl, {
      cache: "no-store",
      headers: authorization(),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (!response.ok) return null;
    const found = (await response.json()).version;
    // It becomes part of a header, so that nothing else may pass.
    return typeof found === "string" && /^[\w.+-]{1,64}$/.test(found) ? found : null;
  }

  /** Ask for the model version; while the server does not answer, the last known one stays. */
  async function refreshVersion() {
    try {
      const found = await fetchVersion();
      if (found !== null && found !== version) {
        const before = version;
        version = found;
        document.dispatchEvent(
          new CustomEvent("fieldbook:version", { detail: { before, now: found } }),
        );
      }
    } catch {
      // The task pane's status line says that the server is down.
    }
    return version;
  }

  function authorization() {
    const saved = token();
    return saved ? { Authorization: `Bearer ${saved}` } : {};
  }

  const first = refreshVersion();
  setInterval(refreshVersion, REFRESH_MS);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") refreshVersion();
  });

  /**
   * What xlwings sends with every call. The provider carries the model version because it is
   * part of the key under which xlwings caches an answer: another model, another answer.
   */
  globalThis.getAuth = async function () {
    await first;
    const provider = `fieldbook ${version ?? "unknown"}`;
    if (config.authProviders?.includes("entraid")) {
      return { token: await globalThis.xlwings.getAccessToken(), provider };
    }
    return { token: authorization().Authorization ?? "", provider };
  };

  globalThis.fieldbook = { token, saveToken, refreshVersion, version: () => version };
})();
