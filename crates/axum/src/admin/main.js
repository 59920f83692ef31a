// Where the page begins: signing in, and which part the address asks for.

import { account, call, listPath, query, Refusal } from "./api.js";
import { act, byId, fail, say } from "./dom.js";
import * as list from "./list.js";
import * as user from "./user.js";
import "./import.js";

const SECTIONS = ["sign-in", "list", "user", "import"];

let current = "";
let loading = new AbortController();

/** Shows one part, and tells whether it was another before. */
function reveal(section) {
  const changed = current !== section;
  current = section;
  for (const id of SECTIONS) byId(id).hidden = id !== section;
  const signedIn = section !== "sign-in";
  byId("nav").hidden = byId("account").hidden = !signedIn;
  byId("project-name").textContent = account.project;
  for (const link of byId("nav").querySelectorAll("a")) {
    const here = link.hash === (section === "import" ? "#/import" : "#/users");
    if (here) link.ariaCurrent = "page";
    else link.removeAttribute("aria-current");
  }
  return changed;
}

/** Shows what the address asks for. */
async function route() {
  if (location.hash && !location.hash.startsWith("#/")) return;
  loading.abort();
  loading = new AbortController();
  const { signal } = loading;
  if (!account.key) return signIn();
  const [path, parameters = ""] = location.hash.slice(1).split("?");
  const [, part, id] = path.split("/");
  say("");
  try {
    if (part === "import") {
      document.title = "Import – rollbook";
      if (reveal("import")) byId("import-title").focus();
    } else if (id) {
      await user.show(decodeURIComponent(id), signal);
      if (reveal("user")) byId("user-title").focus();
    } else {
      document.title = "Users – rollbook";
      await list.show(new URLSearchParams(parameters), signal);
      if (reveal("list")) list.focus();
    }
  } catch (error) {
    if (error instanceof Refusal && error.status === 401) signIn();
    else if (current === "" || current === "sign-in") reveal("list");
    fail(error);
  }
}

function signIn() {
  account.forget();
  document.title = "Sign in – rollbook";
  byId("status").textContent = "";
  byId("key").value = "";
  byId("project").value = account.project;
  reveal("sign-in");
  byId("key").focus();
}

byId("sign-in-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const [key, project] = [byId("key").value, byId("project").value.trim()];
  act(event.submitter, async () => {
    // Tried before it is kept; a key may lack the scope to read users.
    const one = listPath("/users", [query("limit", undefined, 1)]);
    try {
      await call("GET", one, undefined, { key, project });
    } catch (error) {
      if (error.status !== 401) throw error;
      throw new Error("This key may not read the users of this project.");
    }
    account.keep(key, project);
    byId("key").value = "";
    await route();
  });
});
byId("sign-out").addEventListener("click", () => {
  loading.abort();
  signIn();
  // Nothing that was read stays in the page.
  location.reload();
});
byId("skip").addEventListener("click", (event) => {
  event.preventDefault();
  byId("main").focus();
});
addEventListener("hashchange", route);
route();
