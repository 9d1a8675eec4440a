// What is at a chosen time and address.
const spot = {
  listeners: [],

  look(t, r) {
    const cell = heat.cell(t, r);
    const lane = place.laneOf(r);
    if (!cell || !lane) return;
    view.spot = { t, r };
    view.at = { t, r };
    spot.show(cell, lane, t, r);
    view.changed();
  },

  show(cell, lane, t, r) {
    const from = meta.heat.fromNs + cell.col * meta.heat.colNs;
    const to = Math.min(meta.lengthNs, from + meta.heat.colNs);
    // Accesses are known of pages, at best.
    const address = place.page(place.address(lane, r));
    const low = place.page(place.address(lane, cell.row));
    const high = place.page(place.address(lane, cell.row + 1) + 4095n);
    const m = mappingAt(lane.target, address, t);
    const list = make("dl");
    const add = (name, value, mono) => list.append(make("dt", { text: name }), make("dd", mono ? { text: value, class: "mono" } : { text: value }));
    add("Address", units.address(address), true);
    add("Cell", units.address(low) + " - " + units.address(high) + " (" + units.bytes(Number(high - low)) + ")", true);
    add("Time", view.describe(from, to));
    add("Target", meta.targets[lane.target]);
    if (m) {
      add("Mapping", m.name, true);
      add("", units.address(m.from) + " - " + units.address(m.from + BigInt(Math.round(m.bytes))) + " (" + units.bytes(m.bytes) + ")" + (m.permissions ? ", " + m.permissions : ""), true);
      if (m.t0 > 0 || m.t1 < meta.lengthNs) add("There", view.describe(m.t0, m.t1));
    } else {
      add("Mapping", mappings.length ? "none known here at this time" : "the trace has no mappings");
    }
    add("Heat", spot.heat(cell.code));
    if (touches.length > 0 && !meta.physical) spot.touched(add, lane.target, address, m, to);
    if (meta.whatIf) add("What-if", spot.out(t, r));
    const history = spot.history(cell.row);
    add("Over all time", history.text);
    const canvas = make("canvas", { id: "history", role: "img", "aria-label": history.text });
    const left = make("div", {}, list, make("figure", {}, canvas, make("figcaption", { text: "heat of this cell's addresses over the whole trace" })));
    byId("spot").replaceChildren(left, spot.stacks(from, to));
    spot.drawHistory();
  },

  // The stack that touched the 2 MiB around an address first, leaf first.
  touched(add, target, address, mapping, t) {
    const found = firstTouch.at(target, address, mapping, t);
    const title = meta.fromStart ? "First touch" : "First touch since this page begins";
    if (!found) {
      add(title, "none is known of this mapping by then" + (meta.stacks.touchesLeftOut ? " (" + units.count(meta.stacks.touchesLeftOut) + " are not on this page)" : ""));
      return;
    }
    const { touch, away } = found;
    const names = [];
    for (let n = touch.node; n > 0; n = flame.parents[n]) names.push(flame.name(n));
    add(title, names.slice(0, 12).join(" \u2190 ") + (names.length > 12 ? " \u2190 \u2026" : ""), true);
    add("", "at " + units.address(touch.address) + ", " + units.moment(touch.t, 1e6) + (meta.lengthNs < 300e9 ? "\u00a0s" : "") 
      + (away === 0 ? ": the first fault kept of these 2 MiB" : ": the nearest that is known, " + units.bytes(away) + (touch.address > address ? " above" : " below")));
  },

  heat(code) {
    if (code === NOT_MONITORED) return "not monitored";
    if (code === 0) return "no access seen";
    return (code === 1 ? "at most " : "") + units.percent(heatOf[code]) + (meta.heat.referenced ? " of these bytes were referenced in the mean sample" : " of the samples of these bytes found an access");
  },
  out(t, r) {
    const o = heat.out;
    const colNs = meta.heat.colNs * (meta.heat.cols / o.cols);
    const c = Math.min(o.cols - 1, Math.max(0, Math.floor((t - meta.heat.fromNs) / colNs)));
    const share = heatOf[o.cells[c * o.rows + Math.floor(r / (meta.heat.rows / o.rows))]];
    return share > 0 ? units.percent(share) + " of these bytes would be out, in the likely course" : "these bytes would not be out, in the likely course";
  },

  // How the addresses of a row fared, by the cells of it.
  history(row) {
    const level = heat.levels[0];
    let monitored = 0;
    let active = 0;
    let first = -1;
    let idle = 0;
    let longest = 0;
    for (let c = 0; c < level.cols; c++) {
      const code = level.cells[c * level.rows + row];
      if (code === NOT_MONITORED) continue;
      monitored++;
      if (code > 0) {
        active++;
        if (first < 0) first = c;
        idle = 0;
      } else {
        idle++;
        longest = Math.max(longest, idle);
      }
    }
    if (active === 0) return { text: "no access was seen in this row of cells" };
    const text = "accessed in " + units.percent(active / monitored) + " of the cells that were monitored; first after "
      + units.duration(Math.max(0, meta.heat.fromNs + first * meta.heat.colNs)) + "; longest run without an access " + units.duration(longest * meta.heat.colNs);
    return { text };
  },

  drawHistory() {
    const canvas = byId("history");
    if (!canvas || !view.spot) return;
    const width = canvas.clientWidth || 400;
    const height = 84;
    const g = prepare(canvas, width, height);
    const level = heat.levels[0];
    const row = Math.floor(view.spot.r);
    const plot = height - 4;
    g.fillStyle = colour("accent");
    let top = 0;
    for (let c = 0; c < level.cols; c++) {
      const code = level.cells[c * level.rows + row];
      if (code !== NOT_MONITORED) top = Math.max(top, heatOf[code]);
    }
    const x = (col) => ((meta.heat.fromNs + col * meta.heat.colNs) / meta.lengthNs) * width;
    for (let c = 0; c < level.cols; c++) {
      const code = level.cells[c * level.rows + row];
      if (code === NOT_MONITORED || code === 0) continue;
      const h = Math.max(1, (heatOf[code] / top) * (plot - 14));
      g.fillRect(Math.floor(x(c)), plot - h, Math.max(1, Math.ceil(x(c + 1)) - Math.floor(x(c))), h);
    }
    g.fillStyle = colour("faint");
    g.fillRect(0, plot, width, 1);
    g.font = "11px system-ui, sans-serif";
    g.textBaseline = "top";
    if (top > 0) g.fillText("most " + units.percent(top), 0, 0);
    g.fillStyle = colour("ink");
    g.fillRect(Math.round((view.spot.t / meta.lengthNs) * width), 14, 1, plot - 14);
  },

  // The functions that ran around the time of the cell.
  stacks(from, to) {
    if (!meta.stacks) return make("div", {}, make("p", { class: "hint", text: "This trace has no call stacks." }));
    const least = Math.max(2 * meta.stacks.stepNs, meta.lengthNs / 200);
    const middle = (from + to) / 2;
    const t0 = Math.min(from, middle - least / 2);
    const t1 = Math.max(to, middle + least / 2);
    const counts = flame.count(t0, t1);
    const sum = counts.total[0];
    const text = units.counted(sum, "sample") + " of " + meta.stacks.event + " in " + view.describe(Math.max(0, t0), Math.min(meta.lengthNs, t1)) + ". Matched by time alone: other code may have accessed the memory.";
    const table = make("table", {}, make("caption", { text }));
    const body = make("tbody");
    table.append(body);
    for (const f of flame.functions(counts).slice(0, 7)) {
      if (f.self === 0) continue;
      body.append(make("tr", {}, make("td", { class: "mono", text: f.name }), make("td", { class: "number", text: units.percent(f.self / sum) })));
    }
    const button = make("button", { type: "button", text: "Show these stacks" });
    button.addEventListener("click", () => {
      view.select(Math.max(0, t0), Math.min(meta.lengthNs, t1));
      byId("stacks-section").scrollIntoView();
    });
    return sum > 0 ? make("div", {}, table, button) : make("div", {}, make("p", { class: "hint", text }));
  },
};
