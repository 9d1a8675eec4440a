// Phases: lines through the pictures where one begins, and a table from which each is selected.
const phases = {
  list: meta.phases,

  load() {
    if (phases.list.length === 0) return;
    byId("phases-section").hidden = false;
    byId("phases-switch").hidden = phases.list.length < 2;
    byId("phases-about").textContent = "Times in which the same memory is used alike" + (meta.stacks ? ", and the same functions run" : "")
      + "; found to within a 120th of the time. Sizes are means." + (meta.stacks ? " Functions are those that ran most themselves, by samples of " + meta.stacks.event + ", matched by time alone." : "");
    byId("phases").querySelector("th:last-child").hidden = !meta.stacks;
    phases.list.forEach((p, i) => byId("phases").tBodies[0].append(phases.row(p, i)));
    byId("show-phases").addEventListener("change", view.changed);
  },

  row(p, i) {
    const button = make("button", { type: "button", text: String(i + 1), "aria-label": "Select phase " + (i + 1) });
    button.addEventListener("click", () => phases.select(i));
    const ran = p.functions.map(([name, percent]) => name + " " + units.percent(percent / 100)).join(", ");
    const row = make("tr", {},
      make("td", {}, button),
      make("td", { text: view.describe(p.fromNs, p.toNs) }),
      make("td", { class: "number", text: units.bytes(p.workingSet) }),
      make("td", { class: "mono", text: phases.place(p) }),
      make("td", { class: "number", text: p.hottest ? units.percent(p.hottestPercent / 100) : "" }));
    if (meta.stacks) row.append(make("td", { class: "mono", text: ran || "no sample" }));
    return row;
  },
  // The addresses, and the mapping there where there is one target.
  place(p) {
    if (!p.hottest) return "nothing is hot";
    const [from, to] = p.hottest.split(" - ").map(BigInt);
    const address = (from + to) / 2n;
    const m = meta.targets.length === 1 ? mappingAt(0, address, (p.fromNs + p.toNs) / 2) : null;
    return p.hottest + (m ? " " + m.name : "");
  },

  select(i) {
    const p = phases.list[i];
    if (p.toNs <= view.t0 || p.fromNs >= view.t1) {
      const half = (view.t1 - view.t0) / 2;
      const middle = (p.fromNs + p.toNs) / 2;
      view.time(middle - half, middle + half);
    }
    view.select(p.fromNs, p.toNs);
  },
  // From the phase that is selected to the next or the one before; from none to that of the cross.
  step(by) {
    if (phases.list.length === 0) return;
    const b = view.brush;
    const selected = b ? phases.list.findIndex((p) => p.fromNs === b.t0 && p.toNs === b.t1) : -1;
    if (selected >= 0) phases.select(Math.max(0, Math.min(phases.list.length - 1, selected + by)));
    else phases.select(Math.max(0, phases.list.findIndex((p) => view.at.t < p.toNs)));
  },

  shown: () => phases.list.length > 1 && byId("show-phases").checked,

  // A line where each begins, and its number where there is room.
  draw(g, top, height, isNumbered) {
    if (!phases.shown()) return;
    const f = heat.frame;
    const right = f.left + f.width;
    g.save();
    g.font = "bold 11px system-ui, sans-serif";
    g.textAlign = "center";
    g.textBaseline = "top";
    g.lineJoin = "round";
    phases.list.forEach((p, i) => {
      const x = heat.x(p.fromNs);
      if (i > 0 && x > f.left && x < right) {
        const at = Math.round(x) + 0.5;
        heat.dashes(g, at, top, at, top + height);
      }
      const from = Math.max(f.left, x);
      const to = Math.min(right, heat.x(p.toNs));
      const text = String(i + 1);
      if (isNumbered && to - from > g.measureText(text).width + 6) {
        g.lineWidth = 3;
        g.strokeStyle = "#000000";
        g.strokeText(text, (from + to) / 2, top + 4);
        g.fillStyle = "#ffffff";
        g.fillText(text, (from + to) / 2, top + 4);
      }
    });
    g.restore();
  },
};
