// What is seen: one range of time for all pictures, one of rows, one selection.
const view = {
  t0: 0,
  t1: meta.lengthNs,
  r0: 0,
  r1: meta.heat.rows,
  // Selected time and rows; null for none.
  brush: null,
  // The cross: time and row.
  at: { t: meta.lengthNs / 2, r: meta.heat.rows / 2 },
  spot: null,
  listeners: [],
  pending: false,

  changed() {
    if (view.pending) return;
    view.pending = true;
    requestAnimationFrame(() => {
      view.pending = false;
      for (const l of view.listeners) l();
    });
  },
  // Shows a time, no shorter than a few nanoseconds and within the trace.
  time(t0, t1) {
    const least = Math.min(meta.lengthNs, Math.max(100, meta.heat.colNs / 64));
    const length = Math.min(meta.lengthNs, Math.max(least, t1 - t0));
    view.t0 = Math.max(0, Math.min(meta.lengthNs - length, (t0 + t1 - length) / 2));
    view.t1 = view.t0 + length;
    view.changed();
  },
  rows(r0, r1) {
    const length = Math.min(meta.heat.rows, Math.max(1, r1 - r0));
    view.r0 = Math.max(0, Math.min(meta.heat.rows - length, (r0 + r1 - length) / 2));
    view.r1 = view.r0 + length;
    view.changed();
  },
  zoomTime(factor, around) {
    view.time(around - (around - view.t0) * factor, around + (view.t1 - around) * factor);
  },
  zoomRows(factor, around) {
    view.rows(around - (around - view.r0) * factor, around + (view.r1 - around) * factor);
  },
  select(t0, t1, r0, r1) {
    const from = Math.max(0, Math.min(t0, t1));
    const to = Math.min(meta.lengthNs, Math.max(t0, t1));
    view.brush = { t0: from, t1: to, r0: r0 === undefined ? null : Math.min(r0, r1), r1: r0 === undefined ? null : Math.max(r0, r1) };
    view.changed();
  },
  clear() {
    view.brush = null;
    view.changed();
  },
  zoomToSelection() {
    if (!view.brush) return;
    const b = view.brush;
    if (b.t1 > b.t0) view.time(b.t0, b.t1);
    if (b.r0 !== null) view.rows(b.r0, b.r1);
    view.clear();
  },
  reset() {
    view.time(0, meta.lengthNs);
    view.rows(0, meta.heat.rows);
  },
  // The time that stacks are counted over: what is selected, else what is seen.
  chosen: () => (view.brush && view.brush.t1 > view.brush.t0 ? view.brush : view),
  describe(t0, t1) {
    if (meta.lengthNs <= 1) return "one moment";
    const step = Math.pow(10, Math.floor(Math.log10(Math.max(1, (t1 - t0) / 500))));
    return units.moment(t0, step) + " to " + units.moment(t1, step) + (meta.lengthNs < 300e9 ? "\u00a0s" : "") + " (" + units.duration(t1 - t0) + ")";
  },
};

// Rows and addresses.
const lanes = meta.lanes.map((l) => ({ ...l, from: BigInt("0x" + l.start), perRow: l.bytes / l.rows }));
const place = {
  laneOf: (row) => lanes.find((l) => row >= l.row && row < l.row + l.rows),
  address(lane, row) {
    return lane.from + BigInt(Math.floor(Math.max(0, Math.min(lane.bytes, (row - lane.row) * lane.perRow))));
  },
  page: (address) => address - (address % 4096n),
  rowOf: (lane, offset) => lane.row + offset / lane.perRow,
};

const mappings = meta.mappings.rows.map((m) => ({
  target: m[0], from: BigInt("0x" + m[1]), bytes: m[2], permissions: m[3], name: meta.mappings.names[m[4]], t0: m[5], t1: m[6],
}));

// What was mapped at an address and time.
function mappingAt(target, address, t) {
  return mappings.find((m) => m.target === target && address >= m.from && address < m.from + BigInt(Math.round(m.bytes)) && t >= m.t0 && t <= m.t1);
}

// Who touched memory first: page faults with addresses. Where nobody says whose memory a target is and there is one process, it is that one's.
const touches = (meta.stacks ? meta.stacks.touches : []).map((t) => ({ pid: t[0], address: BigInt("0x" + t[1]), t: t[2], node: t[3] }));
const touchedPids = new Set(touches.map((t) => t.pid));

const firstTouch = {
  BLOCK: 1n << 21n,
  of(target) {
    if (meta.physical) return [];
    const pid = meta.touchedPids[target];
    if (pid >= 0) return touches.filter((t) => t.pid === pid);
    return touchedPids.size === 1 ? touches : [];
  },
  // The earliest in the same 2 MiB, as report objects has it, since the mapping is there; else the nearest in the same mapping.
  // Mappings are looked at now and then: one may have been touched before it was seen.
  SLACK_NS: 1e9,
  at(target, address, mapping, t) {
    const end = mapping ? mapping.from + BigInt(Math.round(mapping.bytes)) : null;
    let found = null;
    let nearest = null;
    const away = (touch) => (touch.address > address ? touch.address - address : address - touch.address);
    for (const touch of firstTouch.of(target)) {
      if (touch.t > t) break;
      const isOfMapping = mapping && touch.address >= mapping.from && touch.address < end && touch.t >= mapping.t0 - firstTouch.SLACK_NS;
      const isOfBlock = touch.address / firstTouch.BLOCK === address / firstTouch.BLOCK;
      if (isOfBlock && (isOfMapping || !mapping) && !found) found = touch;
      if (isOfMapping && (!nearest || away(touch) < away(nearest))) nearest = touch;
    }
    return found ? { touch: found, away: 0 } : nearest ? { touch: nearest, away: Number(away(nearest)) } : null;
  },
};
