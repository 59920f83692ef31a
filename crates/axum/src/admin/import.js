// Importing a file of users. It is sent in pieces of whole lines, so that what is counted is in the store, the
// bar tells the truth, and a file of any size passes a proxy that bounds bodies.

import { Refusal, send } from "./api.js";
import { act, byId, fail, number, row, say } from "./dom.js";

const LEAST = 128 * 1024;
const MOST = 1024 * 1024;
/** How many rejects are shown. */
const REJECTS = 100;
const LINE_END = 10;

let cancelling;

async function run(file, flags, signal) {
  const done = { bytes: 0, lines: 0, imported: 0, rejected: 0, rejects: [] };
  tell(done, file);
  for (let size = LEAST; done.bytes < file.size; size = Math.min(size * 2, MOST)) {
    const { piece, lines } = await cut(file, done.bytes, size);
    const summary = await sendPiece(piece, flags, signal);
    for (const reject of summary.rejects) {
      if (done.rejects.length < REJECTS) done.rejects.push({ ...reject, line: done.lines + reject.line });
    }
    done.imported += summary.imported;
    done.rejected += summary.rejected;
    if (!summary.complete) {
      tell(done, file);
      throw new Error(summary.error?.message ?? "The server stopped the import.");
    }
    done.bytes += piece.size;
    done.lines += lines;
    tell(done, file);
  }
  return done;
}

/** The next piece of some size, up to the end of a line, and how many lines it has. */
async function cut(file, start, size) {
  for (let end = start + size; ; end += size) {
    const bytes = new Uint8Array(await file.slice(start, end).arrayBuffer());
    const length = end >= file.size ? bytes.length : bytes.lastIndexOf(LINE_END) + 1;
    if (length > 0) {
      const lines = bytes.subarray(0, length).reduce((count, byte) => count + (byte === LINE_END), 0);
      return { piece: file.slice(start, start + length), lines };
    }
  }
}

/** Imports a piece; waits if the server has enough requests for now. */
async function sendPiece(piece, flags, signal) {
  for (;;) {
    try {
      const options = { body: piece, type: "application/x-ndjson", signal };
      const response = await send("POST", `/users/import?${flags}`, options);
      const lines = (await response.text()).trimEnd().split("\n");
      const summary = JSON.parse(lines.at(-1) || "{}");
      if (!("complete" in summary)) throw new Error("The connection ended. Import the file again: who is there already is rejected.");
      return summary;
    } catch (error) {
      if (!(error instanceof Refusal && error.status === 429)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 1000));
      signal.throwIfAborted();
    }
  }
}

function tell({ bytes, imported, rejected, rejects }, file) {
  byId("progress").hidden = false;
  byId("bar").max = file.size || 1;
  byId("bar").value = file.size ? bytes : 1;
  const percent = file.size ? Math.floor((bytes / file.size) * 100) : 100;
  byId("counts").textContent = `${percent} % of ${file.name}: ${number(imported)} imported, ${number(rejected)} rejected`;
  byId("rejects-card").hidden = rejected === 0;
  byId("rejects").replaceChildren(
    ...rejects.map(({ line, field, reason }) => row(number(line), field ?? "–", reason)),
  );
  byId("more-rejects").textContent =
    rejected > rejects.length ? `and ${number(rejected - rejects.length)} more` : "";
}

byId("import-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const [file] = byId("file").files;
  if (!file) return;
  const flags = new URLSearchParams();
  if (byId("weak").value) flags.set(byId("weak").value, "true");
  if (byId("ignore-unknown").checked) flags.set("ignoreUnknown", "true");
  act(byId("start"), async () => {
    cancelling = new AbortController();
    byId("cancel").disabled = false;
    say("Importing.");
    try {
      const { imported, rejected } = await run(file, flags, cancelling.signal);
      say(`Done: ${number(imported)} imported, ${number(rejected)} rejected.`);
    } catch (error) {
      if (error.name !== "AbortError") return fail(error);
      say("Cancelled. What was imported stays.");
    } finally {
      byId("cancel").disabled = true;
    }
  });
});
byId("cancel").addEventListener("click", () => cancelling.abort());
// Leaving the page would end the import.
addEventListener("beforeunload", (event) => {
  if (!byId("cancel").disabled) event.preventDefault();
});
