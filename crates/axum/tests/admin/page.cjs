// The page for operators, used in a headless Chromium as an operator uses it: `node page.cjs PROGRAM FOLDER`.
// PROGRAM is `rollbook`; in FOLDER the driver is installed, and there the screenshots go.

const assert = require("node:assert/strict");
const { spawn, execFileSync } = require("node:child_process");
const { createRequire } = require("node:module");
const fs = require("node:fs");
const path = require("node:path");
const readline = require("node:readline");

const [program, folder] = process.argv.slice(2).map((name) => path.resolve(name));
const installed = createRequire(path.join(folder, "package.json"));
const puppeteer = installed("puppeteer-core");

const KEY = "the-key-of-the-operator";
const HOSTILE = ['<img src=x onerror="document.title=1">', "</td><script>document.title=2</script>", "'\"><b>&amp;"];
const SAMPLE = path.join(__dirname, "../../../../samples/users.jsonl");

/** Starts the server and returns it with its address. */
async function serve() {
  const args = ["serve", "--store", "memory:", "--listen", "127.0.0.1:0", "--admin"];
  const env = { ...process.env, ROLLBOOK_API_KEY: KEY, RUST_LOG: "error" };
  const server = spawn(program, args, { env, stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of readline.createInterface({ input: server.stdout })) {
    return { server, origin: line.match(/http:\/\/\S+/)[0] };
  }
  throw new Error("the server ended before it listened");
}

function client(origin) {
  return async (method, path, body) => {
    const headers = { "X-Appwrite-Key": KEY, "X-Appwrite-Project": "default", "Content-Type": "application/json" };
    const reply = await fetch(`${origin}/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
    assert.ok(reply.ok, `${method} ${path}: ${reply.status}`);
    return reply.status === 204 ? null : reply.json();
  };
}

/** Sixty users, of whom every tenth is blocked and every third is labelled; the last have hostile names. */
async function seed(api) {
  for (let n = 1; n <= 60; n++) {
    const userId = `user${String(n).padStart(2, "0")}`;
    await api("POST", "/users", { userId, email: `${userId}@example.com`, name: HOSTILE[60 - n] ?? `Person ${n}` });
    if (n % 10 === 0) await api("PATCH", `/users/${userId}/status`, { status: false });
    if (n % 3 === 0) await api("PUT", `/users/${userId}/labels`, { labels: ["vip"] });
    if (n % 4 === 0) await api("PATCH", `/users/${userId}/verification`, { emailVerification: true });
  }
  for (let n = 0; n < 3; n++) await api("POST", "/users/user42/sessions", {});
  await api("PATCH", "/users/user42/prefs", { prefs: { theme: "dark", note: HOSTILE[0] } });
}

/** A Chromium of the system, or the one that the registry of npm has. */
async function launch() {
  const args = ["--no-sandbox", "--disable-dev-shm-usage"];
  // Numbers are written as the language of the browser has it.
  const env = { ...process.env, LANGUAGE: "en_US", LC_ALL: "en_US.UTF-8" };
  for (const name of ["chromium", "chromium-browser", "google-chrome"]) {
    try {
      const executablePath = execFileSync("which", [name], { encoding: "utf8", stdio: "pipe" }).trim();
      return await puppeteer.launch({ executablePath, args, env });
    } catch (error) {
      if (error.status !== 1) throw error;
    }
  }
  const chromium = installed("@sparticuz/chromium");
  const executablePath = await chromium.executablePath();
  try {
    return await puppeteer.launch({ executablePath, args, env, headless: "shell" });
  } catch (error) {
    // It is a program without those that every desktop has.
    if (/shared libraries/.test(error.message)) return null;
    throw error;
  }
}

/** What must never happen, whatever is done. */
function watch(page, origin) {
  const troubles = [];
  page.on("console", (message) => {
    // A refusal that a test provokes is shown by the browser too.
    const refused = /status of 40[0-9]/.test(message.text());
    if (["error", "warn"].includes(message.type()) && !refused) troubles.push(message.text());
  });
  page.on("pageerror", (error) => troubles.push(String(error)));
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== origin) troubles.push(`a request to ${request.url()}`);
  });
  return troubles;
}

class Operator {
  constructor(page) {
    this.page = page;
  }

  /** Waits until `test` holds in the page; tells what was shown when it never does. */
  async until(what, test, ...args) {
    try {
      await this.page.waitForFunction(test, { timeout: 20_000 }, ...args);
    } catch (error) {
      const shown = await this.page.evaluate(() => document.body.innerText.slice(0, 2000));
      throw new Error(`never: ${what}\n${error}\n${shown}`);
    }
  }

  said(text) {
    return this.until(`“${text}” is said`, (text) => {
      const texts = ["status", "alert"].map((id) => document.getElementById(id).textContent);
      return texts.some((said) => said.includes(text));
    }, text);
  }

  section(id) {
    return this.until(`the part ${id}`, (id) => !document.getElementById(id).hidden, id);
  }

  text(selector) {
    return this.page.$eval(selector, (element) => element.textContent.trim());
  }

  texts(selector) {
    return this.page.$$eval(selector, (elements) => elements.map((element) => element.textContent.trim()));
  }

  range(text) {
    return this.until(`the range ${text}`, (text) => document.getElementById("range").textContent === text, text);
  }

  count(selector, number) {
    const test = (selector, number) => document.querySelectorAll(selector).length === number;
    return this.until(`${number} of ${selector}`, test, selector, number);
  }

  /** Presses Tab until the element has the focus: every one can be reached. */
  async tabTo(selector) {
    for (let presses = 0; presses < 120; presses++) {
      if (await this.page.evaluate((selector) => document.activeElement.matches(selector), selector)) {
        const ring = await this.page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
        assert.notEqual(ring, "none", `the focus on ${selector} can be seen`);
        return;
      }
      await this.page.keyboard.press("Tab");
    }
    assert.fail(`${selector} can't be reached with Tab`);
  }

  async press(...keys) {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  async type(selector, text) {
    await this.tabTo(selector);
    await this.page.keyboard.type(text);
  }

  /** Moves to an entry of a select by its keys. */
  async choose(selector, value) {
    await this.tabTo(selector);
    for (let presses = 0; presses < 10; presses++) {
      if ((await this.page.$eval(selector, (select) => select.value)) === value) return;
      await this.press("ArrowDown");
    }
    assert.fail(`${selector} has no ${value}`);
  }

  async shot(name) {
    await this.page.screenshot({ path: path.join(folder, `${name}.png`), fullPage: true });
  }

  async go(hash) {
    await this.page.evaluate((hash) => (location.hash = hash), hash);
  }
}

const steps = {
  async "signs in with the key, and not with a wrong one"({ operator, page }) {
    await operator.section("sign-in");
    await operator.shot("sign-in");
    await operator.type("#key", "wrong");
    await operator.press("Enter");
    await operator.said("may not read the users");
    await page.$eval("#key", (field) => field.select());
    await operator.type("#key", KEY);
    await operator.press("Enter");
    await operator.section("list");
    await operator.range("1–25 of 60");
    await page.reload();
    await operator.range("1–25 of 60");
    const kept = await page.evaluate(() => [Object.values(sessionStorage).sort(), localStorage.length, document.cookie]);
    assert.deepEqual(kept, [["default", KEY].sort(), 0, ""]);
  },

  async "shows hostile names as text"({ operator, page }) {
    const names = await operator.texts("#rows a");
    assert.deepEqual(names.slice(0, 3), HOSTILE);
    assert.equal(await page.$$eval("#rows img, #rows script, #rows b", (found) => found.length), 0);
    assert.equal(await page.title(), "Users – rollbook");
    await operator.shot("list");
  },

  async "pages forwards and backwards"({ operator, page }) {
    await operator.tabTo("#next");
    await operator.press("Enter");
    await operator.range("26–50 of 60");
    await operator.tabTo("#next");
    await operator.press("Enter");
    await operator.range("51–60 of 60");
    assert.equal(await page.$eval("#next", (button) => button.disabled), true);
    await operator.tabTo("#previous");
    await operator.press("Enter");
    await operator.range("26–50 of 60");
    await page.goBack();
    await operator.range("51–60 of 60");
    await operator.go("#/users");
    await operator.range("1–25 of 60");
    await operator.choose("[name=size]", "100");
    await operator.range("1–60 of 60");
    await operator.go("#/users");
    await operator.range("1–25 of 60");
  },

  async "searches and filters"({ operator, page }) {
    await page.$eval("#list-title", (title) => title.focus());
    await operator.press("/");
    await page.keyboard.type("person 42");
    await operator.range("1–1 of 1");
    await operator.press("Enter");
    assert.deepEqual(await operator.texts("#rows a"), ["Person 42"]);
    await page.$eval("#search", (field) => field.select());
    await operator.press("Backspace");
    await operator.range("1–25 of 60");
    await operator.choose("[name=status]", "blocked");
    await operator.range("1–6 of 6");
    await operator.type("[name=label]", "vip");
    await operator.range("1–2 of 2");
    assert.deepEqual(await operator.texts("#rows .badge"), ["Blocked", "Blocked"]);
    await operator.shot("filtered");
    await operator.go("#/users?email=verified&sort=name");
    await operator.range("1–15 of 15");
    assert.equal((await operator.texts("#rows a"))[1], "Person 12");
    await operator.go("#/users?search=nobodyiscalledthis");
    await operator.range("0 of 0");
    assert.equal(await page.$eval("#empty", (text) => text.hidden), false);
    await operator.go("#/users");
    await operator.range("1–25 of 60");
  },

  async "opens a user and comes back"({ operator, page }) {
    await page.$eval("#list-title", (title) => title.focus());
    await operator.press("j", "j", "ArrowDown", "k", "Enter");
    await operator.section("user");
    assert.equal(await operator.text("#user-title"), HOSTILE[1]);
    assert.equal(await page.evaluate(() => document.activeElement.id), "user-title");
    await operator.tabTo("#back");
    await operator.press("Enter");
    await operator.section("list");
    assert.equal(await page.evaluate(() => document.activeElement.dataset.id), "user59");
    await operator.go("#/users/user42");
    await operator.until("the user", () => document.getElementById("user-title").textContent === "Person 42");
    assert.deepEqual(JSON.parse(await operator.text("#prefs")), { theme: "dark", note: HOSTILE[0] });
    await operator.shot("user");
  },

  async "blocks and unblocks"({ operator, api }) {
    for (const [button, status] of [["Block", false], ["Unblock", true]]) {
      await operator.tabTo("#block");
      assert.equal(await operator.text("#block"), button);
      await operator.press("Enter");
      await operator.said(status ? "may sign in again" : "is blocked");
      assert.equal(await operator.text("#user-status"), status ? "Active" : "Blocked");
      assert.equal((await api("GET", "/users/user42")).status, status);
    }
  },

  async "adds and removes labels"({ operator, api }) {
    await operator.type("#label", "gold");
    await operator.press("Enter");
    await operator.said("Label gold added");
    assert.deepEqual((await api("GET", "/users/user42")).labels, ["vip", "gold"]);
    await operator.tabTo('[aria-label="Remove label vip"]');
    await operator.press("Enter");
    await operator.said("Label vip removed");
    assert.deepEqual((await api("GET", "/users/user42")).labels, ["gold"]);
  },

  async "ends one session, then all"({ operator, api }) {
    await operator.count("#sessions tr", 3);
    await operator.tabTo("#sessions button");
    await operator.press("Enter");
    await operator.count("#sessions tr", 2);
    assert.equal((await api("GET", "/users/user42/sessions")).total, 2);
    await operator.tabTo("#end-all");
    await operator.press("Enter");
    await operator.until("the question", () => document.getElementById("confirm").open);
    await operator.shot("question");
    await operator.press("Escape");
    await operator.until("no question", () => !document.getElementById("confirm").open);
    await operator.count("#sessions tr", 2);
    await operator.tabTo("#end-all");
    await operator.press("Enter");
    await operator.tabTo("#confirm-yes");
    await operator.press("Enter");
    await operator.count("#sessions tr", 0);
    assert.equal((await api("GET", "/users/user42/sessions")).total, 0);
  },

  async "shows what was done"({ operator }) {
    const events = await operator.texts("#logs td:nth-child(2)");
    for (const event of ["user.create", "user.update", "session.create"]) {
      assert.ok(events.includes(event), `${event} in ${events}`);
    }
  },

  async "deletes a user"({ operator }) {
    await operator.go("#/users/user41");
    await operator.until("the user", () => document.getElementById("user-title").textContent === "Person 41");
    await operator.tabTo("#delete");
    await operator.press("Enter");
    await operator.tabTo("#confirm-yes");
    await operator.press("Enter");
    await operator.section("list");
    await operator.range("1–25 of 59");
    await operator.said("\u2068Person 41\u2069 was deleted");
    await operator.go("#/users?After=user41&from=25");
    await operator.range("1–25 of 59");
    await operator.go("#/users/user41");
    await operator.said("could not be found");
  },

  async "imports a file and tells what was rejected"({ operator, page, api }) {
    await operator.go("#/import");
    await operator.section("import");
    const before = (await api("GET", "/users")).total;
    await (await page.$("#file")).uploadFile(SAMPLE);
    await page.evaluate(() => {
      window.seen = [];
      const bar = document.getElementById("bar");
      new MutationObserver(() => window.seen.push(bar.value / bar.max)).observe(bar, { attributes: true });
    });
    await operator.tabTo("#start");
    await operator.press("Enter");
    await operator.said("Done");
    const [, imported, rejected] = (await operator.text("#status")).match(/Done: ([\d,]+) imported, ([\d,]+) rejected/);
    assert.equal((await api("GET", "/users")).total - before, Number(imported.replace(",", "")));
    assert.equal(await operator.text("#counts"), `100 % of users.jsonl: ${imported} imported, ${rejected} rejected`);
    const seen = await page.evaluate(() => window.seen);
    assert.ok(seen.length > 2 && seen.some((part) => part > 0 && part < 1), `progress: ${seen}`);
    assert.deepEqual(seen, [...seen].sort((a, b) => a - b), "the bar never goes back");
    assert.equal(seen.at(-1), 1);
    await operator.shot("import");
    // Once more: everybody is there already, and the lines count through the whole file.
    await operator.tabTo("#start");
    await operator.press("Enter");
    await operator.said("Done: 0 imported");
    const lines = (await operator.texts("#rejects td:first-child")).map((line) => Number(line.replace(",", "")));
    assert.equal(lines.length, 100);
    assert.deepEqual(lines, lines.map((_, index) => lines[0] + index));
    await operator.shot("rejects");
  },

  async "cancels an import"({ operator, page, api }) {
    const file = path.join(folder, "long.jsonl");
    const prefs = { text: "x".repeat(1000) };
    const line = (n) => JSON.stringify({ $id: `long${n}`, name: "Long", prefs });
    fs.writeFileSync(file, Array.from({ length: 50_000 }, (_, n) => line(n)).join("\n"));
    await (await page.$("#file")).uploadFile(file);
    await operator.tabTo("#start");
    await operator.press("Enter");
    await operator.until("progress", () => document.getElementById("bar").value > 0 && document.getElementById("bar").max > 5e7);
    await operator.tabTo("#cancel");
    await operator.press("Enter");
    await operator.said("Cancelled");
    const { total } = await api("GET", "/users?search=long");
    assert.ok(total > 0 && total < 50_000, `${total} of 50,000`);
    fs.rmSync(file);
  },

  async "is readable in the dark and on a phone"({ operator, page }) {
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]);
    await operator.go("#/users/user42");
    await operator.section("user");
    await operator.shot("user-dark");
    await operator.go("#/users");
    await operator.section("list");
    await operator.shot("list-dark");
    await page.setViewport({ width: 390, height: 800 });
    const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok((await overflow()) <= 0, "the list does not overflow a phone");
    await operator.shot("list-phone");
    await operator.go("#/users/user42");
    await operator.section("user");
    assert.ok((await overflow()) <= 0, "a user does not overflow a phone");
  },

  async "runs nothing that is put into it"({ page, troubles }) {
    const ran = await page.evaluate(() => {
      const tries = {
        markup: () => (document.body.innerHTML += "<b></b>"),
        script: () => document.body.append(Object.assign(document.createElement("script"), { textContent: "ran = 1" })),
      };
      return Object.keys(tries).filter((name) => {
        try {
          tries[name]();
          return name !== "script" || "ran" in window;
        } catch {
          return false;
        }
      });
    });
    assert.deepEqual(ran, []);
    const reports = troubles.splice(0);
    assert.ok(reports.length > 0 && reports.every((text) => /Content Security Policy|Trusted(HTML|Script)/.test(text)), reports.join());
  },

  async "forgets the key at the end"({ operator, page }) {
    await operator.tabTo("#sign-out");
    await Promise.all([page.waitForNavigation(), operator.press("Enter")]);
    await operator.section("sign-in");
    assert.equal(await page.evaluate(() => sessionStorage.getItem("rollbook.key")), null);
    assert.equal(await operator.text("#facts"), "");
  },
};

async function main() {
  const { server, origin } = await serve();
  let browser;
  try {
    const api = client(origin);
    await seed(api);
    browser = await launch();
    if (browser === null) {
      console.error("the system lacks libraries of Chromium, and so the page for operators is not tried");
      return;
    }
    const page = await browser.newPage();
    await page.setViewport({ width: 1200, height: 800 });
    const troubles = watch(page, origin);
    await page.goto(`${origin}/admin`);
    const operator = new Operator(page);
    for (const [name, step] of Object.entries(steps)) {
      await step({ operator, page, api, troubles });
      assert.deepEqual(troubles, [], `what the browser reports after: ${name}`);
      console.log(`ok: ${name}`);
    }
  } finally {
    await browser?.close();
    server.kill();
  }
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
