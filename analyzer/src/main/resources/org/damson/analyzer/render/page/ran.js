// Which functions ran, over time: shares of the samples of those that ran most, on the axis of the heatmap.
const ran = {
  canvas: byId("ran"),
  // Distinct also for the colour-blind (Okabe and Ito).
  COLOURS: ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"],
  REST: "#a9a9a9",
  height: () => (appearance.printing ? 90 : 130),
  top: [],
  rowOf: null,
  from: null,

  load() {
    if (!meta.stacks) return;
    byId("ran-section").hidden = meta.lengthNs <= 1;
    const counts = flame.count(0, Infinity);
    const all = flame.functions(counts).filter((f) => f.self > 0);
    ran.top = all.slice(0, ran.COLOURS.length);
    ran.rowOf = new Uint8Array(meta.stacks.names.length).fill(ran.top.length);
    ran.top.forEach((f, i) => (ran.rowOf[f.id] = i));
    const sum = counts.total[0];
    const keys = ran.top.map((f, i) => [ran.COLOURS[i], f.name, f.self]);
    const rest = sum - ran.top.reduce((n, f) => n + f.self, 0);
    if (rest > 0) keys.push([ran.REST, "other functions", rest]);
    for (const [shade, name, self] of keys) {
      const swatch = make("span", { class: "swatch" });
      swatch.style.background = shade;
      byId("ran-legend").append(make("span", { class: "key" }, swatch, make("span", { text: name + " " + units.percent(self / sum) })));
    }
    byId("ran-about").textContent = "Share of the samples of " + meta.stacks.event + " in which a function ran itself; blank where there is no sample. Matched by time alone: other code may have accessed the memory.";
  },

  // Samples in equal parts of what is seen, by function, and of what was opened in the flame graph with all that it called. Parts hold
  // four samples on average, and a step of the page at least.
  parts() {
    const { steps, nodes, counts, names } = flame;
    const stepNs = meta.stacks.stepNs;
    const length = view.t1 - view.t0;
    const at = (i) => (steps[i] + 0.5) * stepNs;
    let n = 0;
    for (let i = 0; i < steps.length; i++) if (at(i) >= view.t0 && at(i) < view.t1) n += counts[i];
    const parts = Math.max(1, Math.min(240, Math.floor(n / 4), Math.floor(length / stepNs)));
    const rows = Array.from({ length: ran.top.length + 1 }, () => new Float64Array(parts));
    const opened = new Float64Array(parts);
    const isOpened = ran.below(flame.root);
    for (let i = 0; i < steps.length; i++) {
      const part = Math.floor(((at(i) - view.t0) / length) * parts);
      if (part < 0 || part >= parts) continue;
      rows[ran.rowOf[names[nodes[i]]]][part] += counts[i];
      if (isOpened[nodes[i]]) opened[part] += counts[i];
    }
    return { rows, opened };
  },
  // A node comes after its parent.
  below(root) {
    const is = new Uint8Array(flame.parents.length);
    is[root] = 1;
    for (let n = root + 1; n < is.length; n++) is[n] = is[flame.parents[n]];
    return is;
  },

  draw() {
    if (!meta.stacks) return;
    const f = heat.frame;
    const width = ran.canvas.getBoundingClientRect().width || 900;
    const g = prepare(ran.canvas, width, ran.height());
    const top = 6;
    const height = ran.height() - top - 6;
    ran.axis(g, top, height);
    const { rows, opened } = ran.parts();
    const parts = opened.length;
    const line = new Path2D();
    for (let p = 0; p < parts; p++) {
      let sum = 0;
      for (const row of rows) sum += row[p];
      if (sum === 0) continue;
      const x0 = f.left + Math.round((p * f.width) / parts);
      const x1 = f.left + Math.round(((p + 1) * f.width) / parts);
      let below = 0;
      rows.forEach((row, r) => {
        const y1 = top + height - Math.round((below / sum) * height);
        below += row[p];
        const y0 = top + height - Math.round((below / sum) * height);
        g.fillStyle = r < ran.top.length ? ran.COLOURS[r] : ran.REST;
        g.fillRect(x0, y0, x1 - x0, y1 - y0);
      });
      const y = top + height - Math.round((opened[p] / sum) * height);
      line.moveTo(x0, y);
      line.lineTo(x1, y);
    }
    ran.opened(g, line);
    phases.draw(g, top, height, false);
    if (view.brush) {
      const x0 = Math.max(f.left, heat.x(view.brush.t0));
      const x1 = Math.min(f.left + f.width, heat.x(view.brush.t1));
      g.fillStyle = colour("accent-soft");
      if (x1 > x0) g.fillRect(x0, top, x1 - x0, height);
      g.strokeStyle = "#ffffff";
      if (x1 > x0) g.strokeRect(Math.round(x0) + 0.5, top + 0.5, Math.round(x1 - x0), height - 1);
    }
  },
  // What was opened in the flame graph, as a line over the others.
  opened(g, line) {
    byId("ran-opened").textContent = flame.root === 0 ? "" : "White line: " + flame.name(flame.root) + ", opened below, with all that it called.";
    if (flame.root === 0) return;
    for (const [style, width] of [["#000000", 4], ["#ffffff", 2]]) {
      g.strokeStyle = style;
      g.lineWidth = width;
      g.stroke(line);
    }
    g.lineWidth = 1;
  },
  axis(g, top, height) {
    const f = heat.frame;
    g.font = "11px system-ui, sans-serif";
    g.textAlign = "right";
    g.textBaseline = "middle";
    for (const share of [0, 0.5, 1]) {
      const y = Math.round(top + height * (1 - share)) + 0.5;
      g.strokeStyle = colour("grid");
      g.beginPath();
      g.moveTo(f.left - 4, y);
      g.lineTo(f.left + f.width, y);
      g.stroke();
      g.fillStyle = colour("faint");
      g.fillText(units.percent(share), f.left - 9, y);
    }
  },

  // Dragging selects a time, as in the pictures above.
  listen() {
    if (!meta.stacks) return;
    const t = (event) => heat.t(Math.max(heat.frame.left, Math.min(heat.frame.left + heat.frame.width, event.clientX - ran.canvas.getBoundingClientRect().left)));
    ran.canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      ran.from = { t: t(event), x: event.clientX };
      ran.canvas.setPointerCapture(event.pointerId);
    });
    ran.canvas.addEventListener("pointermove", (event) => {
      if (ran.from && Math.abs(event.clientX - ran.from.x) > 3) view.select(ran.from.t, t(event));
    });
    for (const end of ["pointerup", "pointercancel"]) ran.canvas.addEventListener(end, () => (ran.from = null));
  },
};
