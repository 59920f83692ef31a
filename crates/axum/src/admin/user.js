// One user: who it is, labels, sessions, activity, and what an operator can do about it.

import { call, listPath, query, userPath } from "./api.js";
import { act, badge, byId, called, client, confirmed, element, number, quoted, row, say, time } from "./dom.js";
import { address } from "./list.js";

/** How many logs are shown at a time. */
const LOGS = 25;

let user;
let logs = [];

/** Shows the user with this id. */
export async function show(id, signal) {
  byId("back").href = address;
  const read = (rest) => call("GET", userPath(id, rest), undefined, { signal });
  const [found, sessions, activity] = await Promise.all([
    read(""),
    read("/sessions"),
    call("GET", logsPath(id, 0), undefined, { signal }),
  ]);
  logs = [];
  fill(found);
  fillSessions(sessions.sessions);
  fillLogs(activity);
}

function fill(found) {
  user = found;
  const name = called(user);
  document.title = `${name} – rollbook`;
  byId("user-title").textContent = name;
  byId("user-status").replaceChildren(badge(user));
  byId("block").textContent = user.status ? "Block" : "Unblock";
  const verified = (is) => (is ? " (verified)" : " (not verified)");
  const facts = [
    ["Id", element("code", {}, user.$id)],
    ["Name", user.name || "–"],
    ["E-mail", user.email ? user.email + verified(user.emailVerification) : "–"],
    ["Phone", user.phone ? user.phone + verified(user.phoneVerification) : "–"],
    ["Registered", time(user.registration)],
    ["Last seen", time(user.accessedAt)],
    ["Changed", time(user.$updatedAt)],
    ["Password", user.password ? user.hash : "None"],
    ["Password set", time(user.passwordUpdate)],
    ["Second factor", user.mfa ? "Asked for" : "Not asked for"],
  ];
  byId("facts").replaceChildren(
    ...facts.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]),
  );
  byId("labels").replaceChildren(...user.labels.map(label));
  byId("prefs").textContent = JSON.stringify(user.prefs, null, 2);
}

function label(text) {
  const remove = element("button", { type: "button", ariaLabel: `Remove label ${text}` }, "×");
  remove.addEventListener("click", () =>
    act(remove, async () => {
      await setLabels(user.labels.filter((other) => other !== text));
      byId("label").focus();
      say(`Label ${text} removed.`);
    }),
  );
  return element("li", { className: "label" }, text, remove);
}

async function setLabels(labels) {
  fill(await call("PUT", userPath(user.$id, "/labels"), { labels }));
}

function fillSessions(sessions) {
  byId("sessions").replaceChildren(...sessions.map(session));
  byId("no-sessions").hidden = sessions.length > 0;
  byId("end-all").hidden = sessions.length === 0;
}

function session(session) {
  const end = element("button", { type: "button", ariaLabel: `End session ${session.$id}` }, "End");
  end.addEventListener("click", () =>
    act(end, async () => {
      await call("DELETE", userPath(user.$id, `/sessions/${encodeURIComponent(session.$id)}`));
      await refresh();
      byId("sessions-title").focus();
      say("Session ended.");
    }),
  );
  return row(client(session), session.ip || "–", time(session.$createdAt), time(session.expire), end);
}

function logsPath(id, from) {
  const page = [query("limit", undefined, LOGS), query("offset", undefined, from)];
  return listPath(userPath(id, "/logs"), page);
}

function fillLogs({ logs: more, total }) {
  logs.push(...more);
  const lines = logs.map((log) =>
    row(time(log.time), log.event, log.userName || log.userEmail || "–", client(log), log.ip || "–"),
  );
  byId("logs").replaceChildren(...lines);
  byId("no-logs").hidden = logs.length > 0;
  byId("more-logs").hidden = logs.length >= total || more.length === 0;
}

/** Reads again what the last action changed. */
async function refresh() {
  const [sessions, activity] = await Promise.all([
    call("GET", userPath(user.$id, "/sessions")),
    call("GET", logsPath(user.$id, 0)),
  ]);
  fillSessions(sessions.sessions);
  logs = [];
  fillLogs(activity);
}

byId("block").addEventListener("click", (event) =>
  act(event.currentTarget, async () => {
    const status = !user.status;
    fill(await call("PATCH", userPath(user.$id, "/status"), { status }));
    await refresh();
    say(status ? "The user may sign in again." : "The user is blocked.");
  }),
);
byId("label-form").addEventListener("submit", (event) => {
  event.preventDefault();
  act(event.submitter, async () => {
    const text = byId("label").value;
    await setLabels([...new Set([...user.labels, text])]);
    byId("label").value = "";
    byId("label").focus();
    say(`Label ${text} added.`);
  });
});
byId("end-all").addEventListener("click", (event) =>
  act(event.currentTarget, async () => {
    const count = byId("sessions").rows.length;
    if (!(await confirmed(`End ${number(count)} ${count === 1 ? "session" : "sessions"}?`, "End all"))) return;
    await call("DELETE", userPath(user.$id, "/sessions"));
    await refresh();
    byId("sessions-title").focus();
    say("All sessions ended.");
  }),
);
byId("more-logs").addEventListener("click", (event) =>
  act(event.currentTarget, async () => fillLogs(await call("GET", logsPath(user.$id, logs.length)))),
);
byId("delete").addEventListener("click", (event) =>
  act(event.currentTarget, async () => {
    const name = quoted(called(user));
    if (!(await confirmed(`Delete ${name} and all that belongs to them? This can’t be undone.`, "Delete"))) return;
    await call("DELETE", userPath(user.$id));
    // After the list has taken over, which begins with nothing said.
    addEventListener("hashchange", () => say(`${name} was deleted.`), { once: true });
    location.hash = address || "#/users";
  }),
);
