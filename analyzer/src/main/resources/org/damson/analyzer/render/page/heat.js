// The heatmap: cells of the finest level that a point of the screen can show, averaged where several fall on one point.
const PALETTES = {
  magma: [0x1b1044, 0x3b0f70, 0x641a80, 0x8c2981, 0xb5367a, 0xde4968, 0xf66e5b, 0xfe9f6d, 0xfece91, 0xfcfdbf],
  cividis: [0x00224e, 0x123570, 0x3b496c, 0x575d6d, 0x707173, 0x8a8678, 0xa59c74, 0xc3b369, 0xe1cc55, 0xfee838],
  grey: [0xf4f4f4, 0xdedede, 0xc8c8c8, 0xb1b1b1, 0x9a9a9a, 0x818181, 0x676767, 0x4c4c4c, 0x303030, 0x111111],
};

const heat = {
  canvas: byId("heat"),
  levels: [],
  out: null,
  max: 1,
  palette: "magma",
  scale: "root",
  showsOut: false,
  frame: { left: 128, right: 150, top: 10, bottom: 40, width: 0, height: 0 },
  colours: new Uint32Array(1025),
  ofCode: new Uint32Array(256),

  load() {
    const h = meta.heat;
    let max = 0;
    for (let k = 0; k < h.levels; k++) {
      const cells = data.cells("heat-" + k, (h.cols >> k) * (h.rows >> k));
      heat.levels.push({ cells, cols: h.cols >> k, rows: h.rows >> k });
      if (k === 0) for (const c of cells) if (c !== NOT_MONITORED && c > max) max = c;
    }
    heat.max = max > 0 ? heatOf[max] : 1;
    if (meta.whatIf) {
      const k = meta.whatIf.level;
      heat.out = { cells: data.cells("out", (h.cols >> k) * (h.rows >> k)), cols: h.cols >> k, rows: h.rows >> k };
    }
    heat.paint();
  },

  level(value) {
    if (!(value > 0)) return 0;
    const share = Math.min(1, value / heat.max);
    if (heat.scale === "linear") return share;
    return heat.scale === "log" ? Math.max(0, 1 + Math.log10(share) / 4) : Math.sqrt(share);
  },
  rgb(level) {
    const stops = PALETTES[heat.palette];
    const at = Math.max(0, Math.min(1, level)) * (stops.length - 1);
    const i = Math.min(stops.length - 2, Math.floor(at));
    const f = at - i;
    const mix = (shift) => {
      const a = (stops[i] >> shift) & 255;
      return Math.round(a + (((stops[i + 1] >> shift) & 255) - a) * f);
    };
    return [mix(16), mix(8), mix(0)];
  },
  // The colours of all heats, by the square root of their share, fine enough for every scale.
  paint() {
    for (let i = 0; i <= 1024; i++) {
      const [r, g, b] = heat.rgb(heat.level(Math.pow(i / 1024, 4) * heat.max));
      heat.colours[i] = (255 << 24) | (b << 16) | (g << 8) | r;
    }
    for (let code = 0; code < 255; code++) heat.ofCode[code] = heat.colourOf(heatOf[code]);
  },

  colourOf: (value) => heat.colours[Math.min(1024, Math.round(Math.pow(value / heat.max, 0.25) * 1024))],

  // The first and end cell of each point, of cells that begin `origin` before the first point.
  spans(points, from, perPoint, cells) {
    const spans = new Int32Array(points * 2);
    for (let i = 0; i < points; i++) {
      const first = Math.floor(from + i * perPoint + 1e-9);
      spans[2 * i] = Math.max(0, Math.min(cells, first));
      spans[2 * i + 1] = Math.max(0, Math.min(cells, Math.max(first + 1, Math.floor(from + (i + 1) * perPoint + 1e-9))));
    }
    return spans;
  },

  draw() {
    const f = heat.frame;
    const box = heat.canvas.getBoundingClientRect();
    const width = box.width || 900;
    const height = box.height || 460;
    const narrow = width < 640;
    f.left = narrow ? 106 : 128;
    f.right = narrow || mappings.length === 0 ? 22 : 150;
    f.width = Math.max(40, width - f.left - f.right);
    f.height = Math.max(40, height - f.top - f.bottom);
    const g = prepare(heat.canvas, width, height);
    heat.image(g);
    heat.axes(g, narrow);
    heat.overlay(g);
  },

  // What is seen, in the units of one level, for points of the screen.
  spansOf(level, w, h) {
    const colNs = meta.heat.colNs * (meta.heat.cols / level.cols);
    const rowsPer = meta.heat.rows / level.rows;
    return {
      x: heat.spans(w, (view.t0 - meta.heat.fromNs) / colNs, (view.t1 - view.t0) / w / colNs, level.cols),
      y: heat.spans(h, view.r0 / rowsPer, (view.r1 - view.r0) / h / rowsPer, level.rows),
    };
  },

  // The coarsest level that is still as fine as the screen in both directions.
  best(w, h) {
    const perX = (view.t1 - view.t0) / meta.heat.colNs / w;
    const perY = (view.r1 - view.r0) / h;
    const k = Math.floor(Math.log2(Math.max(1, Math.min(perX, perY))));
    return Math.min(heat.levels.length - 1, k);
  },

  image(g) {
    const f = heat.frame;
    const ratio = heat.canvas.width / heat.canvas.getBoundingClientRect().width || 1;
    const w = Math.max(1, Math.round(f.width * ratio));
    const h = Math.max(1, Math.round(f.height * ratio));
    const level = heat.levels[heat.best(w, h)];
    const { x, y } = heat.spansOf(level, w, h);
    const out = heat.out && heat.showsOut ? { ...heat.out, ...heat.spansOf(heat.out, w, h) } : null;
    const image = g.createImageData(w, h);
    const pixels = new Uint32Array(image.data.buffer);
    const blank = heat.packed(colour("blank"));
    const hatch = heat.packed(colour("hatch"));
    const outColour = heat.packed(colour("out"));
    const { cells, rows } = level;
    for (let i = 0; i < w; i++) {
      for (let j = 0; j < h; j++) {
        let sum = 0;
        let n = 0;
        let last = 0;
        for (let c = x[2 * i]; c < x[2 * i + 1]; c++) {
          const at = c * rows;
          for (let r = y[2 * j]; r < y[2 * j + 1]; r++) {
            const code = cells[at + r];
            if (code !== NOT_MONITORED) {
              sum += heatOf[code];
              last = code;
              n++;
            }
          }
        }
        const to = (h - 1 - j) * w + i;
        if (n === 0) pixels[to] = (i + h - j) % 9 === 0 ? hatch : blank;
        else pixels[to] = n === 1 ? heat.ofCode[last] : heat.colourOf(sum / n);
        if (out && n > 0) {
          let share = 0;
          let m = 0;
          for (let c = out.x[2 * i]; c < out.x[2 * i + 1]; c++) {
            for (let r = out.y[2 * j]; r < out.y[2 * j + 1]; r++) {
              share += heatOf[out.cells[c * out.rows + r]];
              m++;
            }
          }
          if (m > 0 && share > 0) pixels[to] = heat.mixed(pixels[to], outColour, 0.75 * Math.min(1, share / m));
        }
      }
    }
    g.putImageData(image, Math.round(f.left * ratio), Math.round(f.top * ratio));
  },
  packed(css) {
    const v = parseInt(css.slice(1, 7), 16);
    return (255 << 24) | ((v & 255) << 16) | (v & 0xff00) | (v >> 16);
  },
  mixed(a, b, share) {
    const one = (shift) => Math.round(((a >> shift) & 255) * (1 - share) + ((b >> shift) & 255) * share) << shift;
    return (255 << 24) | one(16) | one(8) | one(0);
  },

  x: (t) => heat.frame.left + ((t - view.t0) / (view.t1 - view.t0)) * heat.frame.width,
  y: (r) => heat.frame.top + heat.frame.height - ((r - view.r0) / (view.r1 - view.r0)) * heat.frame.height,
  t: (x) => view.t0 + ((x - heat.frame.left) / heat.frame.width) * (view.t1 - view.t0),
  r: (y) => view.r0 + ((heat.frame.top + heat.frame.height - y) / heat.frame.height) * (view.r1 - view.r0),

  axes(g, narrow) {
    const f = heat.frame;
    g.font = "11px system-ui, sans-serif";
    g.lineWidth = 1;
    heat.timeAxis(g);
    heat.addressAxis(g, narrow);
    if (!narrow) heat.names(g);
    g.strokeStyle = colour("faint");
    g.strokeRect(f.left - 0.5, f.top - 0.5, f.width + 1, f.height + 1);
  },

  timeAxis(g) {
    const f = heat.frame;
    const step = steps.time(view.t1 - view.t0, Math.max(2, Math.floor(f.width / 90)));
    g.fillStyle = colour("faint");
    g.strokeStyle = colour("faint");
    g.textAlign = "center";
    g.textBaseline = "top";
    for (let t = Math.ceil(view.t0 / step - 1e-9) * step; t <= view.t1 + step * 1e-6; t += step) {
      const x = Math.round(heat.x(t)) + 0.5;
      g.beginPath();
      g.moveTo(x, f.top + f.height);
      g.lineTo(x, f.top + f.height + 4);
      g.stroke();
      g.fillText(units.moment(t, step), x, f.top + f.height + 7);
    }
    g.fillText(units.timeAxis(), f.left + f.width / 2, f.top + f.height + 23);
  },

  // Of each lane where it begins, and round offsets above.
  addressAxis(g, narrow) {
    const f = heat.frame;
    g.textAlign = "right";
    g.textBaseline = "middle";
    let last = Infinity;
    const tick = (row, text, strong) => {
      const y = heat.y(row);
      if (y < f.top - 1 || y > f.top + f.height + 1) return;
      g.strokeStyle = colour("faint");
      g.beginPath();
      g.moveTo(f.left - (strong ? 7 : 4), Math.round(y) + 0.5);
      g.lineTo(f.left, Math.round(y) + 0.5);
      g.stroke();
      if (last - y < 12) return;
      last = y;
      g.fillStyle = colour(strong ? "ink" : "faint");
      g.font = strong ? "11px ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" : "11px system-ui, sans-serif";
      g.fillText(text, f.left - 9, y);
    };
    for (const lane of lanes) {
      const bottom = heat.y(lane.row);
      const top = heat.y(lane.row + lane.rows);
      if (bottom < f.top || top > f.top + f.height) continue;
      if (bottom <= f.top + f.height) {
        g.globalAlpha = bottom - top > 14 ? 0.8 : 0.3;
        g.strokeStyle = colour("paper");
        g.beginPath();
        g.moveTo(f.left, Math.round(bottom) + 0.5);
        g.lineTo(f.left + f.width, Math.round(bottom) + 0.5);
        g.stroke();
        g.globalAlpha = 1;
      }
      tick(lane.row, units.address(lane.from), true);
      if (!lane.used) {
        if (bottom - top > 22 && last - (bottom + top) / 2 >= 12) {
          last = (bottom + top) / 2;
          g.fillStyle = colour("faint");
          g.font = "italic 11px system-ui, sans-serif";
          g.fillText(units.bytes(lane.bytes) + (narrow ? "" : ", shortened"), f.left - 9, last);
        }
        continue;
      }
      const seen = Math.min(bottom, f.top + f.height) - Math.max(top, f.top);
      const step = steps.binary((seen / (bottom - top)) * lane.bytes, Math.max(1, Math.floor(seen / 34)));
      const first = Math.max(1, Math.ceil(((view.r0 - lane.row) * lane.perRow) / step));
      for (let n = first; n * step < lane.bytes && n < first + 60; n++) {
        if (heat.y(lane.row + lane.rows) + 10 < heat.y(place.rowOf(lane, n * step))) tick(place.rowOf(lane, n * step), "+" + units.bytes(n * step), false);
      }
    }
  },

  // Names of the mappings to the right, where there is room for them.
  names(g) {
    const f = heat.frame;
    g.textAlign = "left";
    g.textBaseline = "middle";
    g.font = "11px system-ui, sans-serif";
    const middle = (view.t0 + view.t1) / 2;
    const found = [];
    for (const m of mappings) {
      if (m.t0 > middle || m.t1 < middle) continue;
      for (const lane of lanes) {
        if (lane.target !== m.target) continue;
        const from = Number(m.from - lane.from);
        const to = from + m.bytes;
        if (to <= 0 || from >= lane.bytes) continue;
        const bottom = Math.min(f.top + f.height, heat.y(place.rowOf(lane, Math.max(0, from))));
        const top = Math.max(f.top, heat.y(place.rowOf(lane, Math.min(lane.bytes, to))));
        if (bottom - top >= 3) found.push({ top, bottom, name: m.name.slice(m.name.lastIndexOf("/") + 1) || m.name });
      }
    }
    // The tallest first; none within a line of another.
    found.sort((a, b) => b.bottom - b.top - (a.bottom - a.top));
    const taken = [];
    for (const { top, bottom, name } of found) {
      const y = (top + bottom) / 2;
      g.strokeStyle = colour("line");
      g.beginPath();
      g.moveTo(f.left + f.width + 4.5, top + 1);
      g.lineTo(f.left + f.width + 4.5, bottom - 1);
      g.stroke();
      if (taken.some((t) => Math.abs(t - y) < 13)) continue;
      taken.push(y);
      g.fillStyle = colour("faint");
      g.fillText(heat.fit(g, name, f.right - 12), f.left + f.width + 9, y);
    }
  },
  fit(g, text, width) {
    if (g.measureText(text).width <= width) return text;
    let n = text.length;
    while (n > 1 && g.measureText(text.slice(0, n) + "\u2026").width > width) n--;
    return text.slice(0, n) + "\u2026";
  },

  // Losses, the selection, the cross and the spot.
  overlay(g) {
    const f = heat.frame;
    g.save();
    g.beginPath();
    g.rect(f.left, f.top - 8, f.width, f.height + 8);
    g.clip();
    g.fillStyle = colour("warn");
    for (const [t0, t1] of meta.losses) {
      g.fillRect(heat.x(t0) - 1, f.top - 7, Math.max(3, heat.x(t1) - heat.x(t0)), 5);
    }
    phases.draw(g, f.top, f.height, true);
    if (view.brush) {
      const b = view.brush;
      const x0 = heat.x(b.t0);
      const x1 = heat.x(b.t1);
      const y1 = b.r0 === null ? f.top + f.height : heat.y(b.r0);
      const y0 = b.r0 === null ? f.top : heat.y(b.r1);
      g.fillStyle = colour("accent-soft");
      g.fillRect(x0, y0, x1 - x0, y1 - y0);
      g.strokeStyle = "#ffffff";
      g.strokeRect(Math.round(x0) + 0.5, Math.round(y0) + 0.5, Math.round(x1 - x0), Math.round(y1 - y0) - 1);
    }
    if (view.spot) {
      const x = heat.x(view.spot.t);
      const y = heat.y(view.spot.r);
      for (const [style, width] of [["#000000", 4], ["#ffffff", 2]]) {
        g.strokeStyle = style;
        g.lineWidth = width;
        g.beginPath();
        g.arc(x, y, 6, 0, 7);
        g.stroke();
      }
      g.lineWidth = 1;
    }
    if (document.activeElement === heat.canvas) {
      const x = Math.round(heat.x(view.at.t)) + 0.5;
      const y = Math.round(heat.y(view.at.r)) + 0.5;
      heat.dashes(g, x, f.top, x, f.top + f.height);
      heat.dashes(g, f.left, y, f.left + f.width, y);
    }
    g.restore();
  },

  // Light and dark dashes, so that a line is seen on every colour.
  dashes(g, x0, y0, x1, y1) {
    g.lineWidth = 1;
    g.setLineDash([4, 4]);
    for (const [style, offset] of [["#000000", 0], ["#ffffff", 4]]) {
      g.strokeStyle = style;
      g.lineDashOffset = offset;
      g.beginPath();
      g.moveTo(x0, y0);
      g.lineTo(x1, y1);
      g.stroke();
    }
    g.setLineDash([]);
  },

  legend() {
    const box = byId("legend");
    box.replaceChildren();
    const bar = make("canvas", { "aria-hidden": "true" });
    const middle = heat.scale === "root" ? 0.25 : heat.scale === "linear" ? 0.5 : 0.01;
    const marks = make("span", { class: "marks" }, make("span", { text: "0" }), make("span", { text: units.percent(heat.max * middle) }), make("span", { text: units.percent(heat.max) }));
    box.append(make("span", { class: "key" }, make("span", { class: "ramp" }, bar, marks), make("span", { text: meta.heat.referenced ? "of the bytes referenced in the mean sample" : "of samples found an access" })));
    const g = prepare(bar, 220, 10);
    for (let i = 0; i < 220; i++) {
      const [r, gr, b] = heat.rgb(i / 219);
      g.fillStyle = "rgb(" + r + "," + gr + "," + b + ")";
      g.fillRect(i, 0, 1, 10);
    }
    box.append(make("span", { class: "key" }, make("span", { class: "swatch blank" }), make("span", { text: "not monitored" })));
    if (meta.losses.length) box.append(make("span", { class: "key" }, make("span", { class: "swatch gap" }), make("span", { text: "something lost (above the map)" })));
    if (heat.showsOut) box.append(make("span", { class: "key" }, make("span", { class: "swatch out" }), make("span", { text: "what-if: out, likely course" })));
  },

  // One cell of the finest level, or null outside of them.
  cell(t, r) {
    const col = Math.floor((t - meta.heat.fromNs) / meta.heat.colNs);
    const row = Math.floor(r);
    const level = heat.levels[0];
    if (col < 0 || col >= level.cols || row < 0 || row >= level.rows) return null;
    return { col, row, code: level.cells[col * level.rows + row] };
  },
};
