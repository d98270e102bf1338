// The dashboard in a real browser, during a run and after it; then the saved report, from disk and without a network.
//
//   node tests/browser/dashboard.mjs EXAMPLE [FOLDER]
//
// EXAMPLE is the built program of examples/dashboard; screenshots, the report and the trace go into FOLDER. playwright-core must be
// found (NODE_PATH), and Chromium at CHROMIUM or /usr/bin/chromium.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import path from "node:path";
import readline from "node:readline";
import { pathToFileURL } from "node:url";

const { chromium } = createRequire(import.meta.url)("playwright-core");
const [example, folder = "target/browser"] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const file = name => path.resolve(folder, name);
for (const old of ["report.html", "trace.json"]) rmSync(file(old), { force: true });

let failed = 0;
async function test(name, body) {
  try {
    await body();
    console.log("ok      " + name);
  } catch (error) {
    failed += 1;
    console.log("FAILED  " + name + "\n" + (error.stack || error));
  }
}

// ---- the program
const seconds = process.env.BROWSER_SECONDS || "6";
const options = ["--wait", "--seconds", seconds, "--report", file("report.html"), "--trace", file("trace.json")];
const program = spawn(example, options.concat(process.env.BROWSER_OPTIONS?.split(" ") || []), { stdio: ["pipe", "pipe", "inherit"] });
const lines = readline.createInterface({ input: program.stdout })[Symbol.asyncIterator]();
const line = async () => {
  const { value, done } = await lines.next();
  assert(!done, "the program ended");
  return JSON.parse(value);
};
const { client, link } = await line();
const at = new URL(link), token = at.searchParams.get("token");
const gone = new Promise(resolve => program.on("exit", resolve));

function ask(where, { method = "GET", headers = {} } = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: at.hostname, port: at.port, path: where, method, headers }, answer => {
      let text = "";
      answer.on("data", more => (text += more));
      answer.on("end", () => resolve({ status: answer.statusCode, text, headers: answer.headers }));
    });
    request.on("error", reject);
    request.end();
  });
}
const data = async () => JSON.parse((await ask("/data.json?token=" + token)).text);

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
});
const errors = [];
async function open(address, settings = {}) {
  const context = await browser.newContext({ viewport: { width: 1320, height: 900 }, ...settings });
  const page = await context.newPage();
  page.on("pageerror", error => errors.push(String(error)));
  page.on("console", message => message.type() === "error" && errors.push(message.text()));
  page.on("dialog", dialog => (errors.push("a dialog: a name became markup"), dialog.dismiss()));
  if (address) await page.goto(address);
  return page;
}
const text = (page, selector) => page.locator(selector).first().innerText();
const shows = (page, run) => page.waitForFunction(run => document.getElementById("run-number").textContent === "Run " + run, run);
const numbers = words => words.replace(/,/g, "").match(/\d+(\.\d+)?/g).map(Number);
/// Colours of a canvas that are none of its background's: how many.
const colours = (page, id) => page.evaluate(id => {
  const it = document.getElementById(id);
  const { data } = it.getContext("2d").getImageData(0, 0, it.width, it.height);
  const seen = new Map();
  for (let i = 0; i < data.length; i += 4) {
    const key = (data[i] << 16) | (data[i + 1] << 8) | data[i + 2];
    if (data[i + 3] > 250) seen.set(key, (seen.get(key) || 0) + 1);
  }
  return [...seen.values()].filter(n => n > 60).length;
}, id);

const page = await open(link);
await test("the page is there before anything runs", async () => {
  await page.waitForFunction(() => document.getElementById("link").textContent === "live");
  assert.match(await text(page, "#which"), /no runs yet/);
  assert(client.includes(await text(page, "#client")), client);
});

program.stdin.write("\n");
await test("a run is shown while it runs", async () => {
  // A run that is seen to go on: its number stays and its tasks become more.
  await page.waitForFunction(() => document.getElementById("run-state")?.textContent === "running" &&
    document.querySelectorAll("#progress .stage").length > 0 && document.querySelectorAll("#rows div").length > 4);
  const told = [];
  await page.exposeFunction("note", state => told.push(state));
  await page.evaluate(() => {
    new MutationObserver(() => window.note([document.getElementById("run-number").textContent, document.getElementById("run-tasks").textContent, performance.now()]))
      .observe(document.getElementById("which"), { childList: true, subtree: true });
  });
  for (let i = 0; i < 100 && told.length < 8; i += 1) await page.waitForTimeout(100);
  assert(told.length >= 8, "the page was told " + told.length + " times in 10 s");
  const steps = told.slice(1).map((one, i) => [one, told[i]]).filter(([a, b]) => a[0] === b[0]);
  assert(steps.some(([a, b]) => numbers(a[1])[0] > numbers(b[1])[0]), "tasks of a run did not become more: " + JSON.stringify(told));
  const quickest = Math.min(...steps.map(([a, b]) => a[2] - b[2]));
  assert(quickest < 300, "it was told only every " + quickest + " ms");
  await page.screenshot({ path: file("running.png") });
  assert((await colours(page, "stream-canvas")) >= 2, "the stream is empty");
});
await test("the graph shows states while it runs", async () => {
  await page.click("nav a[href='#graph']");
  await page.waitForFunction(() => document.querySelectorAll("#graph [data-node]").length > 2);
  const states = await page.$$eval("#graph [data-node]", all => all.map(one => one.dataset.state));
  assert(states.every(state => ["there", "waiting", "running", "done"].includes(state)), states.join());
  await page.screenshot({ path: file("graph.png") });
  await page.click("nav a[href='#status']");
});

const last = await line();
await test("what it shows at the end is what last_run() says", async () => {
  await page.waitForFunction(([run, tasks]) => document.getElementById("run-number").textContent === "Run " + run &&
    document.getElementById("run-state").textContent === "done" && document.getElementById("run-tasks").textContent.replace(/,/g, "").startsWith(tasks + " /"), [last.run, last.tasks]);
  assert.deepEqual(numbers(await text(page, "#run-tasks")), [last.tasks, last.tasks]);
  const state = await data();
  // Progress and kernels, stage by stage.
  const stages = await page.$$eval("#progress .stage", all => all.map(one => [one.querySelector(".title").title, one.querySelector(".count").textContent]));
  assert.deepEqual(stages.map(([title]) => title), last.kernels.map(kernel => kernel.title));
  stages.forEach(([, counts], i) => assert.deepEqual(numbers(counts), [last.kernels[i].tasks, last.kernels[i].tasks]));
  const rows = await page.$$eval("#kernels tbody tr", all => all.map(row => [...row.children].map(cell => cell.textContent)));
  last.kernels.forEach((kernel, i) => {
    assert.equal(numbers(rows[i][2])[0], kernel.tasks);
    // On a device: its own time, and bytes of the buffers that it was given.
    const shown = state.run.kernels.find(k => k.stage === Number(rows[i][0].match(/^#(\d+)/)[1]));
    assert.equal(shown.device_ns, kernel.device_ns);
    const speed = kernel.on_device ? shown.device_bytes / kernel.device_ns : kernel.bytes / kernel.busy_ns;
    assert.equal(rows[i][4], speed.toFixed(2));
  });
  // The stream: each task is in the row of one thread.
  const threads = await page.$$eval("#rows div", all => all.map(one => [one.dataset.row, one.lastChild.textContent]));
  const lanes = ["upload", "compute", "download", "disk"];
  const tasks = threads.filter(([name]) => !lanes.includes(name)).map(([, counts]) => numbers(counts)[0]);
  const sum = tasks.reduce((sum, n) => sum + n, 0);
  // Chunks that are there already are brought to a device by tasks that no plan counts.
  assert(last.on_device ? sum >= last.tasks : sum === last.tasks, `${sum} drawn of ${last.tasks} tasks`);
  assert.deepEqual(threads.slice(-4).map(([name]) => name), lanes);
  // Memory and disk.
  assert.equal(state.run.run, last.run);
  // The store counts every moment; events are told after tasks, so the drawn peak may be lower, and never higher.
  const peak = state.run.memory.peaks.host;
  assert(peak > 0.5 * last.peak_host && peak <= last.peak_host, `${peak} drawn, ${last.peak_host} held`);
  assert.equal(Math.max(...state.run.memory.host), peak);
  assert.equal(state.run.predicted.host, last.predicted_host);
  assert.deepEqual(state.run.kernels.filter(k => k.tasks).map(k => [k.done, k.busy_ns, k.bytes]), last.kernels.map(k => [k.tasks, k.busy_ns, k.bytes]));
  assert(Math.abs(state.run.wall_ns - last.wall_ns) < 2e6 + 0.02 * last.wall_ns, `${state.run.wall_ns} shown, ${last.wall_ns} reported`);
  const disk = state.run.rows.find(row => row.name === "disk").bytes;
  assert(disk >= last.spilled, `${disk} to and from the disk, ${last.spilled} spilled`);
  assert.match(await text(page, "#memory"), /host peak .* predicted .* limit/);
  await page.screenshot({ path: file("status.png") });
  if (last.on_device) {
    const row = name => state.run.rows.find(row => row.name === name);
    // The device's lane has its kernels, each in its stage's colour, and as busy as the report says.
    assert(row("compute").tasks >= last.on_device && row("upload").bytes > 0 && row("download").bytes > 0);
    assert.deepEqual(last.kernels.filter(k => k.on_device && !k.device_ns), []);
    const busy = last.kernels.reduce((sum, kernel) => sum + kernel.device_ns, 0);
    assert(row("compute").busy_ns <= 1.02 * busy + 1e6 && busy <= last.wall_ns, `${row("compute").busy_ns} drawn, ${busy} told`);
  }
  for (const id of ["stream-canvas", "memory-canvas", "links-canvas"]) assert((await colours(page, id)) >= 2, id + " is empty");
});
await test("runs are listed with their reports, and one can be chosen", async () => {
  await page.click("nav a[href='#run']");
  // A page is drawn some time after its link was clicked: nothing is read before it is waited for.
  await page.waitForFunction(() => document.querySelectorAll("#runs tbody tr").length >= 2);
  const first = await page.locator("#runs tbody tr").last().getAttribute("data-run");
  await page.click(`#runs button[data-pick='${first}']`);
  await shows(page, first);
  assert.match(await text(page, "#report"), /tasks on cpu, \d+ on gpu/);
  await page.screenshot({ path: file("runs.png") });
  await page.click("#which button");
  await shows(page, last.run);
});
await test("names stay text", async () => {
  const run = (await data()).runs.find(one => one.detailed && one.stages < 4);
  await page.click(`#runs button[data-pick='${run.run}']`);
  await page.click("nav a[href='#status']");
  await page.waitForFunction(() => document.getElementById("progress").textContent.includes("<script>alert(1)</script>"));
  await page.click("nav a[href='#graph']");
  await page.waitForFunction(() => document.getElementById("graph").textContent.includes("<script>"));
  assert.equal(await page.locator("script").count(), 1);
});
await test("requests that are not the page's own are refused", async () => {
  const wrong = async (status, where, how) => assert.equal((await ask(where, how)).status, status, where + " " + JSON.stringify(how));
  await wrong(200, "/?token=" + token);
  await wrong(403, "/?token=" + token.slice(0, -1) + (token.endsWith("0") ? "1" : "0"));
  for (const where of ["/", "/events", "/data.json"]) await wrong(403, where);
  await wrong(403, "/?token=" + token, { headers: { Host: "evil.example:" + at.port } });
  await wrong(403, "/data.json?token=" + token, { headers: { Origin: "http://evil.example" } });
  await wrong(405, "/?token=" + token, { method: "POST" });
  await wrong(404, "/../Cargo.toml?token=" + token);
  await wrong(404, "/unknown?token=" + token);
  // As browsers do it: a page of another site cannot read it, nor put it into a frame.
  const other = await open("data:text/html,<p>elsewhere");
  const before = errors.length;
  const read = await other.evaluate(link => fetch(link).then(answer => answer.text(), error => "refused: " + error), link);
  assert.match(read, /^refused/);
  await other.context().close();
  errors.length = before;
});
await test("the dark page", async () => {
  const night = await open(link, { colorScheme: "dark" });
  await night.waitForFunction(() => document.querySelectorAll("#progress .stage").length > 0);
  assert.equal(await night.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(18, 22, 28)");
  await night.screenshot({ path: file("dark.png") });
  await night.context().close();
});
await test("a narrow page does not scroll sideways", async () => {
  const small = await open(link, { viewport: { width: 420, height: 800 } });
  await small.waitForFunction(() => document.querySelectorAll("#progress .stage").length > 0);
  const [wide, window] = await small.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert(wide <= window, `${wide} of ${window} pixels`);
  await small.screenshot({ path: file("narrow.png") });
  await small.context().close();
});
await test("no error was written while it was watched", async () => assert.deepEqual(errors, []));

program.stdin.end();
assert.equal(await gone, 0, "the program's exit code");
await test("without its client the page says so", async () => {
  await page.waitForFunction(() => document.getElementById("link").className === "lost");
});
errors.length = 0;
await test("the saved report opens from disk, without a network", async () => {
  const saved = await open(null, { offline: true });
  const asked = [];
  saved.on("request", request => asked.push(request.url()));
  await saved.goto(pathToFileURL(file("report.html")).href);
  await saved.waitForFunction(() => document.querySelectorAll("#progress .stage").length > 0);
  await shows(saved, last.run);
  assert.deepEqual(numbers(await text(saved, "#run-tasks")), [last.tasks, last.tasks]);
  assert((await colours(saved, "stream-canvas")) >= 2, "the stream is empty");
  await saved.screenshot({ path: file("report.png"), fullPage: true });
  await saved.click("nav a[href='#run']");
  const first = await saved.locator("#runs tbody tr").last().getAttribute("data-run");
  await saved.click(`#runs button[data-pick='${first}']`);
  await shows(saved, first);
  assert.match(await text(saved, "#report"), /tasks on cpu/);
  assert.deepEqual(asked.filter(url => !url.startsWith("file:") && !url.startsWith("data:")), []);
  assert.deepEqual(errors, []);
});
await test("the trace of the same runs", async () => {
  const { traceEvents } = JSON.parse(readFileSync(file("trace.json"), "utf8"));
  const run = traceEvents.find(event => event.name === "run " + last.run);
  assert(Math.abs(run.dur * 1e3 - last.wall_ns) < 2e6 + 0.02 * last.wall_ns);
  assert.equal(traceEvents.filter(event => event.cat === "task" && event.args.run === last.run && event.args.on !== "memory").length, last.tasks);
});
await browser.close();
console.log(failed ? `${failed} failed` : `all well; pictures in ${folder}`);
process.exit(failed ? 1 : 0);
