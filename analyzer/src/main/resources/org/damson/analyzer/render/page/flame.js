// Call stacks of a time as a flame graph, root above: one element for each function that is wide enough to see.
const flame = {
  box: byId("flame"),
  parents: [0],
  names: [0],
  steps: [],
  nodes: [],
  counts: [],
  root: 0,
  focus: 0,
  needle: "",
  ROW: 20,
  MAX_DEPTH: 120,

  load() {
    if (!meta.stacks) return;
    const tree = data.varints("stack-nodes");
    for (let i = 0; i < tree.length; i += 2) {
      flame.parents.push(flame.parents.length - tree[i]);
      flame.names.push(tree[i + 1]);
    }
    if (meta.stacks.rare) byId("functions").querySelector("th:last-child").textContent += ", at least";
    const counts = data.varints("stack-counts");
    let step = 0;
    for (let i = 0; i < counts.length; i += 3) {
      step += counts[i];
      flame.steps.push(step);
      flame.nodes.push(counts[i + 1]);
      flame.counts.push(counts[i + 2]);
    }
  },

  // Samples of each node in a time: ended there, and there or below. A step counts where its middle is within.
  count(t0, t1) {
    const self = new Float64Array(flame.parents.length);
    const stepNs = meta.stacks.stepNs;
    for (let i = 0; i < flame.steps.length; i++) {
      const middle = (flame.steps[i] + 0.5) * stepNs;
      if (middle >= t0 && middle < t1) self[flame.nodes[i]] += flame.counts[i];
    }
    const total = self.slice();
    for (let n = total.length - 1; n > 0; n--) total[flame.parents[n]] += total[n];
    return { self, total };
  },

  name: (node) => (node === 0 ? "all" : meta.stacks.names[flame.names[node]]),

  // Functions by how often they ran themselves; one that calls itself counts once a stack.
  functions({ self, total }) {
    const all = new Map();
    for (let n = 1; n < self.length; n++) {
      if (total[n] === 0) continue;
      const f = flame.names[n];
      let e = all.get(f);
      if (!e) all.set(f, (e = { id: f, name: flame.name(n), self: 0, total: 0 }));
      e.self += self[n];
      if (!flame.calledBySame(n)) e.total += total[n];
    }
    return [...all.values()].sort((a, b) => b.self - a.self || b.total - a.total || (a.name < b.name ? -1 : 1));
  },
  calledBySame(node) {
    for (let n = flame.parents[node]; n > 0; n = flame.parents[n]) if (flame.names[n] === flame.names[node]) return true;
    return false;
  },

  draw() {
    if (!meta.stacks) return;
    const t = view.chosen();
    const key = [t.t0, t.t1, flame.root, flame.needle, flame.box.clientWidth].join(" ");
    if (key === flame.drawn) return;
    flame.drawn = key;
    const counts = flame.count(t.t0, t.t1);
    const sum = counts.total[0];
    byId("stacks-about").textContent = units.counted(sum, "sample") + " of " + meta.stacks.event + " in " + view.describe(t.t0, t.t1)
      + (view.brush ? ", selected" : "") + ". Matched by time alone: other code may have accessed the memory."
      + (meta.stacks.others ? " Not counted: " + units.counted(meta.stacks.others, "sample") + " of other events." : "")
      + (meta.stacks.rare ? " Of stacks too rare to list, which have no callers here: " + units.counted(meta.stacks.rare, "sample") + "." : "");
    flame.layOut(counts);
    flame.table(counts, sum);
    byId("flame-reset").disabled = flame.root === 0;
  },

  layOut({ total }) {
    if (flame.root !== 0 && total[flame.root] === 0) flame.root = 0;
    const children = flame.children(total);
    const width = flame.box.clientWidth || 900;
    const scale = total[flame.root] > 0 ? width / total[flame.root] : 0;
    // The way from the root to what is looked at, each as wide as all.
    const way = [];
    for (let n = flame.root; ; n = flame.parents[n]) {
      way.unshift(n);
      if (n === 0) break;
    }
    const frames = [];
    let depth = way.length - 1;
    let foundSamples = 0;
    way.forEach((n, d) => frames.push(flame.frame(n, 0, width, d, total)));
    const put = (node, x, d, isFound) => {
      let at = x;
      for (const child of children.get(node) || []) {
        const w = total[child] * scale;
        const matches = flame.matches(child);
        if (matches && !isFound) foundSamples += total[child];
        if (w >= 1 && d < flame.MAX_DEPTH) {
          frames.push(flame.frame(child, at, w, d + 1, total));
          depth = Math.max(depth, d + 1);
        }
        if (w >= 1 || flame.needle) put(child, at, d + 1, isFound || matches);
        at += w;
      }
    };
    put(flame.root, 0, way.length - 1, false);
    flame.box.style.height = (depth + 1) * flame.ROW + 2 + "px";
    flame.box.replaceChildren(...frames);
    const focused = frames.find((e) => Number(e.dataset.node) === flame.focus) || frames[way.length - 1];
    if (focused) focused.tabIndex = 0;
    byId("found").textContent = flame.needle ? units.percent(total[0] ? foundSamples / total[flame.root] : 0) + " of the samples" : "";
  },
  children(total) {
    const children = new Map();
    for (let n = 1; n < total.length; n++) {
      if (total[n] === 0) continue;
      const p = flame.parents[n];
      if (!children.has(p)) children.set(p, []);
      children.get(p).push(n);
    }
    for (const list of children.values()) list.sort((a, b) => (flame.name(a) < flame.name(b) ? -1 : 1));
    return children;
  },
  matches: (node) => flame.needle !== "" && flame.name(node).toLowerCase().includes(flame.needle),

  frame(node, x, width, depth, total) {
    const name = flame.name(node);
    const share = total[0] > 0 ? total[node] / total[0] : 0;
    const label = name + ": " + units.counted(total[node], "sample") + ", " + units.percent(share);
    const e = make("div", { class: "frame", role: "treeitem", "aria-level": String(depth + 1), "aria-label": label, title: label, tabindex: "-1", "data-node": String(node) });
    if (width > 24) e.textContent = name;
    if (width < 12) e.classList.add("tiny");
    if (node !== 0 && meta.stacks.kernel[flame.names[node]]) e.classList.add("kernel");
    else if (/^\[|\+0x[0-9a-f]+$| at 0x[0-9a-f]+$/.test(name)) e.classList.add("unknown");
    if (flame.matches(node)) e.classList.add("found");
    // In shares, so that paper of another width shows it whole.
    const all = (flame.box.clientWidth || 900) / 100;
    e.style.left = x / all + "%";
    e.style.top = depth * flame.ROW + "px";
    e.style.width = width / all + "%";
    return e;
  },

  table(counts, sum) {
    const body = byId("functions").tBodies[0];
    body.replaceChildren();
    for (const f of flame.functions(counts).slice(0, 12)) {
      if (f.self === 0) continue;
      body.append(make("tr", {},
        make("td", { class: "mono", text: f.name }),
        make("td", { class: "number", text: units.count(f.self) }),
        make("td", { class: "number", text: units.percent(f.self / sum) }),
        make("td", { class: "number", text: units.percent(f.total / sum) })));
    }
  },

  open(node) {
    flame.root = node;
    flame.focus = node;
    view.changed();
  },

  listen() {
    flame.box.addEventListener("click", (event) => {
      const e = event.target.closest(".frame");
      if (e) flame.open(Number(e.dataset.node));
    });
    flame.box.addEventListener("keydown", flame.key);
    byId("find").addEventListener("input", (event) => {
      flame.needle = event.target.value.trim().toLowerCase();
      view.changed();
    });
    byId("flame-reset").addEventListener("click", () => flame.open(0));
  },
  key(event) {
    const e = event.target.closest(".frame");
    if (!e) return;
    const node = Number(e.dataset.node);
    const all = [...flame.box.children];
    const level = (o) => o.getAttribute("aria-level");
    const parent = all.find((o) => Number(o.dataset.node) === flame.parents[node]);
    const siblings = all.filter((o) => level(o) === level(e));
    const at = siblings.indexOf(e);
    let to = null;
    if (event.key === "ArrowUp") to = node === 0 ? null : parent;
    else if (event.key === "ArrowDown") to = all.find((o) => flame.parents[Number(o.dataset.node)] === node && Number(o.dataset.node) !== 0);
    else if (event.key === "ArrowLeft") to = siblings[at - 1];
    else if (event.key === "ArrowRight") to = siblings[at + 1];
    else if (event.key === "Home") to = all[0];
    else if (event.key === "Enter" || event.key === " ") flame.reopen(node);
    else if (event.key === "Escape") flame.reopen(0);
    else return;
    event.preventDefault();
    if (to) {
      flame.focus = Number(to.dataset.node);
      e.tabIndex = -1;
      to.tabIndex = 0;
      to.focus();
    }
  },
  // Opens a function by key: the new element of it gets the focus.
  reopen(node) {
    flame.open(node);
    requestAnimationFrame(() => requestAnimationFrame(() => {
      const e = flame.box.querySelector('[tabindex="0"]');
      if (e) e.focus();
    }));
  },
};
