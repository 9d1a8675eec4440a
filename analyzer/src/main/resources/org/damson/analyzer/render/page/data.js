// What the page holds, and how numbers are shown.
const byId = (id) => document.getElementById(id);
const meta = JSON.parse(byId("data-meta").textContent);

const data = {
  bytes(name) {
    const raw = atob(byId("data-" + name).textContent);
    const bytes = new Uint8Array(raw.length);
    for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
    return bytes;
  },
  has: (name) => byId("data-" + name) !== null,
  doubles: (name) => new Float64Array(data.bytes(name).buffer),
  // Undoes Packed.runs.
  cells(name, length) {
    const from = data.bytes(name);
    const cells = new Uint8Array(length);
    for (let i = 0, at = 0; i < from.length; ) {
      const n = from[i++];
      if (n < 128) {
        cells.set(from.subarray(i, i + n + 1), at);
        i += n + 1;
        at += n + 1;
      } else {
        cells.fill(from[i++], at, at + n - 126);
        at += n - 126;
      }
    }
    return cells;
  },
  // Undoes Packed.varint.
  varints(name) {
    const from = data.bytes(name);
    const values = [];
    for (let i = 0; i < from.length; ) {
      let value = 0;
      let scale = 1;
      let byte;
      do {
        byte = from[i++];
        value += (byte & 127) * scale;
        scale *= 128;
      } while (byte > 127);
      values.push(value);
    }
    return values;
  },
};

const NOT_MONITORED = 255;
const heatOf = new Float64Array(256);
for (let code = 1; code <= meta.heat.codes; code++) {
  heatOf[code] = Math.pow(10, ((code - 1) / (meta.heat.codes - 1) - 1) * meta.heat.decades);
}

const units = {
  number(v, digits = 3) {
    if (v === 0) return "0";
    const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(Math.abs(v))));
    return v.toFixed(Math.min(decimals, 6)).replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "");
  },
  bytes(v) {
    const names = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    let u = 0;
    while (Math.abs(v) >= 1024 && u < names.length - 1) {
      v /= 1024;
      u++;
    }
    return units.number(v) + "\u00a0" + names[u];
  },
  duration(ns) {
    if (ns < 1e3) return units.number(ns) + "\u00a0ns";
    if (ns < 1e6) return units.number(ns / 1e3) + "\u00a0\u00b5s";
    if (ns < 1e9) return units.number(ns / 1e6) + "\u00a0ms";
    if (ns < 120e9) return units.number(ns / 1e9, 4) + "\u00a0s";
    const s = Math.round(ns / 1e9);
    const h = Math.floor(s / 3600);
    const m = Math.floor(s / 60) % 60;
    return h > 0 ? h + "\u00a0h\u00a0" + m + "\u00a0min" : m + "\u00a0min\u00a0" + (s % 60) + "\u00a0s";
  },
  // A moment since the start, as exact as a step of the axis asks.
  moment(ns, stepNs) {
    const s = ns / 1e9;
    const step = stepNs / 1e9;
    const decimals = Math.max(0, Math.min(9, Math.ceil(-Math.log10(step) - 1e-9)));
    if (meta.lengthNs < 300e9) return s.toFixed(decimals);
    const whole = Math.floor(s + 1e-9);
    const two = (v) => String(v).padStart(2, "0");
    const rest = decimals > 0 ? (s - whole).toFixed(decimals).slice(1) : "";
    const h = Math.floor(whole / 3600);
    return (h > 0 ? h + ":" + two(Math.floor(whole / 60) % 60) : Math.floor(whole / 60)) + ":" + two(whole % 60) + rest;
  },
  timeAxis: () => (meta.lengthNs < 300e9 ? "time since start (s)" : meta.lengthNs < 3600e9 ? "time since start (min:s)" : "time since start (h:min:s)"),
  address: (big) => "0x" + BigInt.asUintN(64, big).toString(16),
  percent(share) {
    if (share > 0 && share < 0.0001) return "less than 0.01\u00a0%";
    return units.number(share * 100) + "\u00a0%";
  },
  counted: (n, noun) => units.count(n) + " " + noun + (n === 1 ? "" : "s"),
  count: (n) => Math.round(n).toLocaleString("en-US"),
};

// Round steps for an axis of at most `most` steps.
const steps = {
  decimal(range, most) {
    const power = Math.pow(10, Math.floor(Math.log10(range / most)));
    for (const f of [1, 2, 5]) if (range / (power * f) <= most) return power * f;
    return power * 10;
  },
  time(rangeNs, most) {
    if (meta.lengthNs < 300e9 || rangeNs / most < 1e9) return steps.decimal(rangeNs, most);
    for (const s of [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400]) {
      if (rangeNs / (s * 1e9) <= most) return s * 1e9;
    }
    return steps.decimal(rangeNs / 86400e9, most) * 86400e9;
  },
  binary(bytes, most) {
    let step = 4096;
    while (bytes / step > most) step *= 2;
    return step;
  },
};

// Makes an element; texts become text nodes, so that no text of a trace is ever markup.
function make(tag, options, ...children) {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(options || {})) {
    if (name === "text") e.textContent = value;
    else e.setAttribute(name, value);
  }
  e.append(...children);
  return e;
}

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
}

// Sizes a canvas for the screen it is on; drawing is in CSS pixels.
function prepare(canvas, width, height) {
  const ratio = Math.min(3, window.devicePixelRatio || 1);
  const w = Math.max(1, Math.round(width * ratio));
  const h = Math.max(1, Math.round(height * ratio));
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w;
    canvas.height = h;
  }
  const g = canvas.getContext("2d");
  g.setTransform(ratio, 0, 0, ratio, 0, 0);
  g.clearRect(0, 0, width, height);
  return g;
}
