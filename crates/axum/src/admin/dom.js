// What every part of the page makes elements with. Data becomes text, never markup.

export const byId = (id) => document.getElementById(id);

/** An element with properties and children; texts become text nodes. */
export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/** A row of a table; its cells are texts or elements. */
export function row(...cells) {
  return element("tr", {}, ...cells.map((cell) => element("td", {}, cell)));
}

/** A time for people, in their zone, with the exact one behind it. */
export function time(text) {
  const date = new Date(text);
  if (!text || Number.isNaN(date.getTime())) return "–";
  const shown = date.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
  return element("time", { dateTime: text, title: text }, shown);
}

/** The state of a user, told by a word and not by colour alone. */
export function badge(user) {
  return user.status
    ? element("span", { className: "badge" }, "Active")
    : element("span", { className: "badge blocked" }, "Blocked");
}

/** What a user is called: the id if there is no name to see. */
export const called = (user) => user.name.trim() || user.$id;

/** A name within a sentence, whose direction does not reach what follows. */
export const quoted = (name) => `\u2068${name}\u2069`;

/** What a client calls itself, of a session or a log. */
export function client({ clientName, clientVersion, osName }) {
  const name = [clientName, clientVersion].filter(Boolean).join(" ");
  return [name, osName].filter(Boolean).join(", ") || "Unknown";
}

export const number = (value) => value.toLocaleString();

/** Says something that is no failure; a reader reads it out. */
export function say(text) {
  byId("alert").textContent = "";
  byId("status").textContent = text;
}

/** Says what failed. */
export function fail(error) {
  if (error.name === "AbortError") return;
  byId("status").textContent = "";
  byId("alert").textContent = error.message;
}

/** Runs what a button or a form asks for, one at a time, and says what fails. */
export async function act(button, action) {
  if (button.disabled) return;
  const focused = document.activeElement === button;
  button.disabled = true;
  try {
    await action();
  } catch (error) {
    fail(error);
  } finally {
    button.disabled = false;
    if (focused && document.activeElement === document.body) button.focus();
  }
}

/** Asks before something that can't be undone. */
export function confirmed(text, yes) {
  const dialog = byId("confirm");
  byId("confirm-text").textContent = text;
  byId("confirm-yes").textContent = yes;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

byId("confirm-yes").addEventListener("click", () => byId("confirm").close("yes"));
byId("confirm-no").addEventListener("click", () => byId("confirm").close());
