// The charts of lines, by uPlot: working set over time on the heatmap's axis, and idle memory by age.
const series = {
  wss: null,
  outs: null,
  curves: null,
  built: "",

  size: () => ({ width: Math.max(200, byId("wss").clientWidth), height: 170 }),

  // uPlot keeps colours in what it was made with: it is made anew for another theme or width.
  draw() {
    const key = document.documentElement.hasAttribute("data-dark") + " " + series.size().width;
    if (key !== series.built) {
      series.built = key;
      for (const chart of [series.wss, series.outs, series.curves]) if (chart) chart.destroy();
      series.wss = series.workingSet();
      series.outs = series.out();
      series.curves = series.idle();
    } else {
      for (const chart of [series.wss, series.outs]) if (chart) chart.setScale("x", { min: view.t0, max: view.t1 });
    }
    series.brush();
  },

  axis(options) {
    return {
      stroke: colour("faint"),
      font: "11px system-ui, sans-serif",
      labelFont: "11px system-ui, sans-serif",
      grid: { stroke: colour("grid"), width: 1 },
      ticks: { stroke: colour("line"), width: 1, size: 4 },
      ...options,
    };
  },
  bytesAxis: (label) => series.axis({
    size: heat.frame.left,
    values: (u, splits) => splits.map((v) => (v < 0 ? "" : units.bytes(v))),
    splits: (u, index, min, max) => series.binarySplits(max),
    label,
    labelSize: 0,
  }),
  binarySplits(max) {
    const splits = [];
    const step = max > 0 ? Math.pow(2, Math.ceil(Math.log2(max / 4))) : 1;
    for (let v = 0; v <= max; v += step) splits.push(v);
    return splits;
  },

  // Two points for each snapshot, its start and end: sizes hold for a time.
  workingSet() {
    const box = byId("wss");
    box.replaceChildren();
    if (meta.workingSet.points === 0) {
      box.append(make("p", { class: "hint", text: "no snapshots" }));
      return null;
    }
    const columns = series.steps();
    const list = [{}, { stroke: colour("accent"), fill: colour("accent-soft"), width: 1.25, points: { show: false } }];
    const bands = [];
    if (data.has("wss-most")) {
      list.push({ stroke: "transparent", width: 0, points: { show: false } }, { stroke: "transparent", width: 0, points: { show: false } });
      bands.push({ series: [2, 3], fill: colour("accent-soft") });
    }
    const values = [columns.t, columns.mean];
    if (data.has("wss-most")) values.push(columns.most, columns.least);
    const size = series.size();
    const chart = new uPlot({
      ...size,
      padding: [10, heat.frame.right, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: true, y: false, setScale: false }, points: { show: false } },
      scales: { x: { time: false, range: () => [view.t0, view.t1] }, y: { range: (u, min, max) => [0, Math.max(1, max * 1.06)] } },
      axes: [
        series.axis({ size: 10, values: (u, splits) => splits.map(() => ""), splits: (u, i, min, max) => series.timeSplits(min, max) }),
        series.bytesAxis(),
      ],
      series: list,
      bands,
      hooks: { setSelect: [series.selected], setCursor: [series.pointed] },
    }, values, box);
    return chart;
  },
  timeSplits(min, max) {
    const step = steps.time(max - min, Math.max(2, Math.floor(heat.frame.width / 90)));
    const splits = [];
    for (let t = Math.ceil(min / step - 1e-9) * step; t <= max; t += step) splits.push(t);
    return splits;
  },

  steps() {
    const from = data.doubles("wss-from");
    const to = data.doubles("wss-to");
    const twice = (values) => {
      const all = [];
      for (const v of values) all.push(v, v);
      return all;
    };
    const t = [];
    for (let i = 0; i < from.length; i++) {
      // A chart wants times that grow.
      const start = Math.max(from[i], t.length ? t[t.length - 1] : 0);
      t.push(start, Math.max(start, to[i]));
    }
    const all = { t, mean: twice(data.doubles("wss-mean")) };
    if (data.has("wss-most")) {
      all.most = twice(data.doubles("wss-most"));
      all.least = twice(data.doubles("wss-least"));
    }
    return all;
  },

  // Memory that a scheme takes away: the likely course, and its bounds.
  out() {
    const box = byId("out");
    if (!meta.whatIf || meta.whatIf.points.length === 0) return null;
    box.replaceChildren();
    const points = meta.whatIf.points;
    const column = (i) => points.flatMap((p) => [p[i], p[i]]);
    const times = [];
    for (const p of points) times.push(Math.max(p[0], times.length ? times[times.length - 1] : 0), p[1]);
    const bound = { stroke: colour("out"), width: 1, dash: [2, 3], points: { show: false } };
    return new uPlot({
      ...series.size(),
      padding: [10, heat.frame.right, 0, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { time: false, range: () => [view.t0, view.t1] }, y: { range: (u, min, max) => [0, Math.max(1, max * 1.06)] } },
      axes: [
        series.axis({ size: 26, values: (u, splits) => splits.map((t) => units.moment(t, splits.length > 1 ? splits[1] - splits[0] : 1e9)), splits: (u, i, min, max) => series.timeSplits(min, max), label: units.timeAxis(), labelSize: 16, labelGap: 0 }),
        series.bytesAxis(),
      ],
      series: [{}, bound, bound, { stroke: colour("out"), width: 2, points: { show: false } }],
      bands: [{ series: [1, 2], fill: colour("out") + "30" }],
    }, [times, column(4), column(2), column(3)], box);
  },

  selected(u) {
    if (u.select.width < 2) return;
    const t0 = u.posToVal(u.select.left, "x");
    const t1 = u.posToVal(u.select.left + u.select.width, "x");
    if (view.brush && Math.abs(view.brush.t0 - t0) < 1 && Math.abs(view.brush.t1 - t1) < 1) return;
    view.select(t0, t1);
  },
  pointed(u) {
    if (u.cursor.left >= 0 && u.cursor.idx !== null && u.cursor.idx !== undefined) {
      const t = u.posToVal(u.cursor.left, "x");
      const mean = u.data[1][u.cursor.idx];
      byId("cell").textContent = "working set " + units.bytes(mean) + " at " + units.moment(t, (view.t1 - view.t0) / 500);
    }
  },
  // Shows the selection in the chart.
  brush() {
    const u = series.wss;
    if (!u) return;
    const b = view.brush;
    const left = b ? u.valToPos(Math.max(view.t0, b.t0), "x") : 0;
    const right = b ? u.valToPos(Math.min(view.t1, b.t1), "x") : 0;
    u.setSelect({ left, top: 0, width: Math.max(0, right - left), height: u.over.clientHeight }, false);
  },

  idle() {
    const box = byId("curves");
    box.replaceChildren();
    const points = meta.curves.points.filter((p) => p[0] > 0);
    if (points.length < 2) return null;
    const size = { width: series.size().width, height: 210 };
    const column = (i) => points.map((p) => p[i]);
    return new uPlot({
      ...size,
      padding: [10, Math.max(28, heat.frame.right), 0, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { time: false, distr: 3, range: (u, min, max) => [min, max] }, y: { range: (u, min, max) => [0, Math.max(1, max * 1.06)] } },
      axes: [
        series.axis({ size: 26, values: (u, splits) => splits.map((v) => (v === null ? "" : units.duration(v * 1e9))), label: "idle for at least", labelSize: 16, labelGap: 0 }),
        series.bytesAxis(),
      ],
      series: [
        {},
        { stroke: colour("accent"), fill: colour("accent-soft"), width: 1.5, points: { show: false } },
        { stroke: colour("faint"), width: 1, dash: [3, 3], points: { show: false } },
      ],
    }, [column(0), column(1), column(2)], box);
  },
};
