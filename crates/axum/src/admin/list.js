// The list of users: search, filters, pages. Its state is in the address, so that going back works.

import { call, listPath, query } from "./api.js";
import { badge, byId, called, element, number, row, time } from "./dom.js";

const SORTS = {
  "": query("orderDesc", "registration"),
  oldest: query("orderAsc", "registration"),
  name: query("orderAsc", "name"),
  email: query("orderAsc", "email"),
  accessed: query("orderDesc", "accessedAt"),
};
const FILTERS = {
  active: query("equal", "status", true),
  blocked: query("equal", "status", false),
  verified: query("equal", "emailVerification", true),
  unverified: query("equal", "emailVerification", false),
};
const PAGE = 25;
/** How long a pause in typing is. */
const PAUSE = 250;

const filters = byId("filters");
const rows = byId("rows");
let shown = { users: [], total: 0, from: 0, size: PAGE };
let opened = "";
let typing;

/** Where the list stands, for the way back from a user. */
export let address = "#/users";

/** Shows the page of the list that `parameters` ask for. */
export async function show(parameters, signal) {
  address = location.hash;
  for (const field of filters.elements) {
    const value = parameters.get(field.name) ?? "";
    // What is being typed is not replaced by what was typed before.
    if (field.tagName !== "INPUT" || field !== document.activeElement) field.value = value;
  }
  const size = Number(parameters.get("size")) || PAGE;
  const queries = [query("limit", undefined, size), SORTS[parameters.get("sort") ?? ""] ?? SORTS[""]];
  for (const name of ["status", "email"]) {
    const filter = FILTERS[parameters.get(name)];
    if (filter) queries.push(filter);
  }
  const label = parameters.get("label");
  if (label) queries.push(query("contains", "labels", label));
  const cursor = ["After", "Before"].find((side) => parameters.has(side));
  if (cursor) queries.push(query(`cursor${cursor}`, undefined, parameters.get(cursor)));
  const path = listPath("/users", queries, parameters.get("search")?.trim());
  try {
    const { users, total } = await call("GET", path, undefined, { signal });
    shown = { users, total, size, from: cursor ? Number(parameters.get("from")) || 0 : 0 };
    fill();
  } catch (error) {
    // The user at which the page began was deleted.
    if (error.type !== "general_cursor_not_found") throw error;
    go();
  }
}

/** Puts the focus on the user that was opened last, if it is shown. */
export function focus() {
  const link = [...rows.querySelectorAll("a")].find((link) => link.dataset.id === opened);
  (link ?? byId("list-title")).focus();
}

function fill() {
  const { users, total, from, size } = shown;
  rows.replaceChildren(...users.map(line));
  byId("empty").hidden = users.length > 0;
  const last = from + users.length;
  byId("range").textContent =
    users.length > 0 ? `${number(from + 1)}–${number(last)} of ${number(total)}` : `0 of ${number(total)}`;
  byId("previous").disabled = from === 0;
  byId("next").disabled = users.length < size || last >= total;
}

function line(user) {
  const link = element("a", { href: `#/users/${encodeURIComponent(user.$id)}` }, called(user));
  link.dataset.id = user.$id;
  link.addEventListener("click", () => (opened = user.$id));
  const labels = user.labels.map((label) => element("span", { className: "label" }, label));
  const email = element("span", {}, user.email || "–");
  if (user.email && !user.emailVerification) {
    email.append(element("span", { className: "hint" }, " not verified"));
  }
  return row(
    link,
    email,
    user.phone || "–",
    element("span", { className: "labels" }, ...labels),
    badge(user),
    time(user.registration),
  );
}

/** Goes to the list with these filters and these places in it. */
function go(place = {}) {
  const parameters = new URLSearchParams(place);
  for (const field of filters.elements) {
    if (field.value) parameters.set(field.name, field.value);
  }
  const target = parameters.size > 0 ? `#/users?${parameters}` : "#/users";
  if (target !== location.hash) location.hash = target;
}

filters.addEventListener("input", (event) => {
  clearTimeout(typing);
  if (event.target.tagName === "INPUT") typing = setTimeout(go, PAUSE);
  else go();
});
filters.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(typing);
  go();
});
byId("next").addEventListener("click", () => {
  const { users, from, size } = shown;
  go({ After: users.at(-1).$id, from: from + size });
});
byId("previous").addEventListener("click", () => {
  const { users, from, size } = shown;
  // The first page has no cursor, so that who registers meanwhile is on it.
  if (from <= size || users.length === 0) go();
  else go({ Before: users[0].$id, from: from - size });
});
rows.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
  if (!step) return;
  const links = [...rows.querySelectorAll("a")];
  const next = links[links.indexOf(event.target) + step];
  if (next) {
    event.preventDefault();
    next.focus();
  }
});
document.addEventListener("keydown", (event) => {
  if (byId("list").hidden || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.target.closest("input, select, textarea, dialog")) return;
  if (event.key === "/") {
    event.preventDefault();
    byId("search").select();
    byId("search").focus();
  } else if (event.key === "j" && !rows.contains(event.target)) {
    rows.querySelector("a")?.focus();
  }
});
