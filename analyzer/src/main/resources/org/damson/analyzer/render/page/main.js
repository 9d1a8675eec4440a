// Puts it together: texts, switches, mouse and keys.
function texts() {
  document.title = meta.title + " - damson";
  byId("title").textContent = meta.title;
  const fact = new Map(meta.facts);
  const hasMemory = lanes.length > 0;
  const memory = [fact.has("Snapshots") ? "snapshots: " + fact.get("Snapshots") : "", fact.get("Intervals")];
  byId("summary").textContent = [fact.get("Source"), ...(hasMemory ? memory : ["no snapshots of memory"])].filter((f) => f).join(" \u00b7 ");
  document.documentElement.toggleAttribute("data-no-memory", !hasMemory);
  byId("spot-section").hidden = !hasMemory;
  // Nothing, or one sample: no time to select from.
  byId("tools").hidden = byId("heat-section").hidden = meta.lengthNs <= 1;
  if (!hasMemory) byId("keys-short").textContent = "Drag to select a time; Ctrl and the wheel zoom.";
  for (const note of [...meta.notes, meta.leftOut].filter((n) => n)) byId("notes").append(make("li", { text: note }));
  const w = meta.workingSet;
  byId("wss-about").textContent = w.points
    ? "mean " + units.bytes(w.mean) + ", median " + units.bytes(w.median) + ", most " + units.bytes(w.most) + "; " + w.note
      + (w.snapshots > w.points ? "; each point stands for several snapshots, the band for the least and the most of them" : "")
    : "no snapshots of memory";
  byId("heat-about").textContent = lanes.length
    ? "The colour is the share of " + (meta.heat.referenced ? "bytes that were referenced in a sample; a region is a mapping, and which part of it was touched is not known. It is the" : "samples that found an access,") + " mean over time and bytes; a cell is " + units.duration(meta.heat.colNs) + " by a row of addresses, its heat within "
      + units.percent(meta.heat.error) + " of the mean." + (meta.heat.ages ? " Time between snapshots is told by ages." : "")
      + (lanes.some((l) => !l.used) ? " Addresses that are hardly accessed are shortened." : "")
    : "no regions were monitored";
  for (const [name, value] of meta.facts) byId("facts").tBodies[0].append(make("tr", {}, make("th", { scope: "row", text: name }), make("td", { text: value })));
  losses();
  for (const [name, what, text] of meta.licences) byId("licences").append(make("p", { text: name + ": " + what }), ...(text ? [make("pre", { text })] : []));
  byId("stacks-section").querySelectorAll("table, #stacks-tools, #flame").forEach((e) => (e.hidden = !meta.stacks));
  if (!meta.stacks) byId("stacks-about").textContent = "This trace has no call stacks. damson record --stacks takes them; damson merge adds those of perf record -g, of the same time and clock.";
  const c = meta.curves;
  byId("curves-about").textContent = c.reason
    ? "Not shown: " + c.reason + "."
    : "mean memory that was idle for at least so long; solid: seen touched before, dashed: all that was monitored and idle" + (c.partial ? " (regions are mappings: which part of one in use is idle is not known)" : "") + c.notes.map((note) => "; " + note).join("");
  byId("curves").hidden = Boolean(c.reason);
  if (meta.whatIf) {
    byId("what-if-switch").hidden = false;
    byId("what-if-section").hidden = false;
    byId("what-if-about").textContent = "What the schemes would have done in this recording, simulated, not measured: out in the mean " + units.bytes(meta.whatIf.savedLikely) + ", between "
      + units.bytes(meta.whatIf.savedLeast) + " and " + units.bytes(meta.whatIf.savedMost) + ". The line is the likely course, which the heatmap shows too, the band its bounds.";
    byId("what-if-text").textContent = meta.whatIf.text.join("\n");
  }
}

// What the recording lacks, as a list; the heatmap marks all of it.
function losses() {
  const LISTED = 50;
  byId("losses-section").hidden = meta.losses.length === 0;
  for (const [t0, t1, what] of meta.losses.slice(0, LISTED)) {
    byId("losses").tBodies[0].append(make("tr", {}, make("td", { text: view.describe(t0, t1) }), make("td", { text: what })));
  }
  byId("losses-about").textContent = "Figures of these times may be too low, or missing; the heatmap marks them above its edge."
    + (meta.losses.length > LISTED ? " The first " + LISTED + " of " + units.count(meta.losses.length) + "." : "");
}

const appearance = {
  printing: false,
  set() {
    const chosen = byId("theme").value;
    const dark = !appearance.printing && (chosen === "dark" || (chosen === "auto" && matchMedia("(prefers-color-scheme: dark)").matches));
    document.documentElement.toggleAttribute("data-dark", dark);
    heat.palette = byId("palette").value;
    heat.scale = byId("scale").value;
    heat.paint();
    heat.legend();
  },
  listen() {
    for (const id of ["theme", "palette", "scale"]) byId(id).addEventListener("change", appearance.redraw);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", appearance.redraw);
    addEventListener("beforeprint", () => appearance.print(true));
    addEventListener("afterprint", () => appearance.print(false));
  },
  redraw() {
    appearance.set();
    view.changed();
  },
  print(is) {
    appearance.printing = is;
    // Lower pictures, so that those on one axis are on one sheet where texts are short.
    document.documentElement.toggleAttribute("data-printing", is);
    appearance.set();
    drawAll();
  },
};

function drawAll() {
  const isTime = meta.lengthNs > 1;
  if (isTime) heat.draw();
  series.draw();
  if (isTime) ran.draw();
  flame.draw();
  spot.drawHistory();
  byId("range").textContent = view.describe(view.t0, view.t1) + (view.brush ? "; selected " + view.describe(view.brush.t0, view.brush.t1) : "");
  byId("zoom-selection").disabled = !view.brush;
  byId("clear-selection").disabled = !view.brush;
}

function tell(t, r) {
  const cell = heat.cell(t, r);
  const lane = place.laneOf(r);
  if (!cell || !lane) return;
  const address = place.address(lane, r);
  const m = mappingAt(lane.target, address, t);
  byId("cell").textContent = units.moment(t, (view.t1 - view.t0) / 500) + (meta.lengthNs < 300e9 ? "\u00a0s" : "") + ", " + units.address(address) + (m ? ", " + m.name : "") + ": " + spot.heat(cell.code);
}

// Dragging selects, with Alt or the middle button moves.
const mouse = {
  from: null,
  listen() {
    const c = heat.canvas;
    c.addEventListener("pointerdown", mouse.down);
    c.addEventListener("pointermove", mouse.move);
    c.addEventListener("pointerup", mouse.up);
    c.addEventListener("pointercancel", () => (mouse.from = null));
    c.addEventListener("dblclick", view.reset);
    c.addEventListener("wheel", mouse.wheel, { passive: false });
  },
  position(event) {
    const box = heat.canvas.getBoundingClientRect();
    const f = heat.frame;
    return {
      x: Math.max(f.left, Math.min(f.left + f.width, event.clientX - box.left)),
      y: Math.max(f.top, Math.min(f.top + f.height - 0.01, event.clientY - box.top)),
    };
  },
  down(event) {
    if (event.button > 1) return;
    const p = mouse.position(event);
    mouse.from = { ...p, t: heat.t(p.x), r: heat.r(p.y), pans: event.altKey || event.button === 1, box: event.shiftKey, view: { ...view }, moved: false };
    heat.canvas.setPointerCapture(event.pointerId);
  },
  move(event) {
    const p = mouse.position(event);
    const from = mouse.from;
    if (!from) {
      tell(heat.t(p.x), heat.r(p.y));
      return;
    }
    if (Math.abs(p.x - from.x) + Math.abs(p.y - from.y) > 3) from.moved = true;
    if (!from.moved) return;
    if (from.pans) {
      const dt = ((from.x - p.x) / heat.frame.width) * (from.view.t1 - from.view.t0);
      const dr = ((p.y - from.y) / heat.frame.height) * (from.view.r1 - from.view.r0);
      view.time(from.view.t0 + dt, from.view.t1 + dt);
      view.rows(from.view.r0 + dr, from.view.r1 + dr);
    } else if (from.box) view.select(from.t, heat.t(p.x), from.r, heat.r(p.y));
    else view.select(from.t, heat.t(p.x));
  },
  up(event) {
    const from = mouse.from;
    mouse.from = null;
    if (from && !from.moved && !from.pans) spot.look(from.t, from.r);
  },
  wheel(event) {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const p = mouse.position(event);
    const factor = Math.exp(Math.max(-60, Math.min(60, event.deltaY || event.deltaX)) * 0.006);
    if (event.shiftKey) view.zoomRows(factor, heat.r(p.y));
    else view.zoomTime(factor, heat.t(p.x));
  },
};

const keys = {
  listen() {
    heat.canvas.addEventListener("keydown", keys.press);
    heat.canvas.addEventListener("focus", view.changed);
    heat.canvas.addEventListener("blur", view.changed);
  },
  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const action = keys.actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action) return;
    event.preventDefault();
    action(event);
  },
  // Moves the cross by some points of the screen; what is seen follows it.
  go(event, dx, dy) {
    const dt = (dx * (view.t1 - view.t0)) / heat.frame.width;
    const dr = (dy * (view.r1 - view.r0)) / heat.frame.height;
    const before = view.at.t;
    view.at.t = Math.max(0, Math.min(meta.lengthNs * (1 - 1e-9), Math.max(view.t0, Math.min(view.t1, view.at.t)) + dt));
    view.at.r = Math.max(0, Math.min(meta.heat.rows - 0.01, Math.max(view.r0, Math.min(view.r1, view.at.r)) + dr));
    if (view.at.t < view.t0 || view.at.t > view.t1) view.time(view.t0 + dt, view.t1 + dt);
    if (view.at.r < view.r0 || view.at.r > view.r1) view.rows(view.r0 + dr, view.r1 + dr);
    if (event.shiftKey && dx !== 0) {
      keys.anchor = view.brush && keys.anchor !== undefined ? keys.anchor : before;
      view.select(keys.anchor, view.at.t);
    }
    tell(view.at.t, view.at.r);
    view.changed();
  },
  page(sign) {
    const dr = sign * (view.r1 - view.r0) * 0.8;
    view.rows(view.r0 + dr, view.r1 + dr);
  },
  actions: {
    ArrowLeft: (e) => keys.go(e, -8, 0),
    ArrowRight: (e) => keys.go(e, 8, 0),
    ArrowUp: (e) => keys.go(e, 0, 8),
    ArrowDown: (e) => keys.go(e, 0, -8),
    "+": () => view.zoomTime(0.5, view.at.t),
    "=": () => view.zoomTime(0.5, view.at.t),
    "-": () => view.zoomTime(2, view.at.t),
    "]": () => view.zoomRows(0.5, view.at.r),
    "[": () => view.zoomRows(2, view.at.r),
    PageUp: () => keys.page(1),
    PageDown: () => keys.page(-1),
    Enter: () => spot.look(view.at.t, view.at.r),
    " ": () => spot.look(view.at.t, view.at.r),
    n: () => phases.step(1),
    p: () => phases.step(-1),
    z: view.zoomToSelection,
    0: view.reset,
    Escape: view.clear,
  },
};

function buttons() {
  const middle = () => (view.t0 + view.t1) / 2;
  byId("zoom-in").addEventListener("click", () => view.zoomTime(0.5, middle()));
  byId("zoom-out").addEventListener("click", () => view.zoomTime(2, middle()));
  byId("zoom-selection").addEventListener("click", view.zoomToSelection);
  byId("clear-selection").addEventListener("click", view.clear);
  byId("reset").addEventListener("click", view.reset);
  byId("what-if").addEventListener("change", (event) => {
    heat.showsOut = event.target.checked;
    heat.legend();
    view.changed();
  });
}

heat.load();
flame.load();
phases.load();
ran.load();
texts();
appearance.set();
appearance.listen();
buttons();
mouse.listen();
keys.listen();
ran.listen();
flame.listen();
view.listeners.push(drawAll);
new ResizeObserver(view.changed).observe(document.querySelector("main"));
drawAll();
document.documentElement.setAttribute("data-ready", "");
