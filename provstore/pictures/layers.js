/* Computes a layered layout of any graph. In: the number of boxes, and links from left to right.
   Out: layers, places, ways. It repeats the arithmetic of layered_layout.py line by line: change
   both. A test compares them. */

function arrange(count, links, size, gap, bend, tune) {
  const ahead = acyclic(count, links);
  const layer = layersOf(count, ahead);
  const rows = Array.from({ length: count ? Math.max(...new Set(layer)) + 1 : 0 }, () => []);
  for (let box = 0; box < count; box++) rows[layer[box]].push(box);
  const before = Array.from({ length: count }, () => []);
  const after = Array.from({ length: count }, () => []);
  const bends = links.map(() => []);
  const span = (link) => layer[ahead[link][1]] - layer[ahead[link][0]];
  let left = tune.bends;
  for (const index of ahead.map((_, at) => at).sort((a, b) => span(a) - span(b))) {
    const [start, end] = ahead[index];
    if (start === end) continue;
    left -= layer[end] - layer[start] - 1;
    let last = start;
    for (let between = layer[start] + 1; left >= 0 && between < layer[end]; between++) {
      const item = before.length;
      before.push([last]);
      after.push([]);
      after[last].push(item);
      rows[between].push(item);
      bends[index].push(item);
      layer.push(between);
      last = item;
    }
    after[last].push(end);
    before[end].push(last);
  }
  const ordered = order(rows, before, after, tune.sweeps);
  const place = places(ordered, before, after, count, size, gap, bend, tune.passes);
  const ways = bends.map((passed) => passed.map((item) => [layer[item], place[item]]));
  return { layer: layer.slice(0, count), place: place.slice(0, count), ways };
}

function acyclic(count, links) {
  const entering = Array.from({ length: count }, () => []);
  links.forEach(([, end], index) => entering[end].push(index));
  const ahead = links.slice();
  const state = new Int8Array(count);
  for (let root = 0; root < count; root++) {
    const path = state[root] ? [] : [[root, 0]];
    while (path.length) {
      const [box, at] = path.pop();
      state[box] = 1;
      if (at === entering[box].length) {
        state[box] = 2;
        continue;
      }
      path.push([box, at + 1]);
      const start = links[entering[box][at]][0];
      if (state[start] === 1) ahead[entering[box][at]] = [box, start];
      else if (!state[start]) path.push([start, 0]);
    }
  }
  return ahead;
}

function layersOf(count, ahead) {
  const before = Array.from({ length: count }, () => []);
  const after = Array.from({ length: count }, () => []);
  for (const [start, end] of ahead) {
    if (start === end) continue;
    after[start].push(end);
    before[end].push(start);
  }
  const waits = before.map((found) => found.length);
  const found = [];
  for (let box = 0; box < count; box++) if (!waits[box]) found.push(box);
  const layer = new Array(count).fill(0);
  for (const box of found) {
    for (const end of after[box]) {
      layer[end] = Math.max(layer[end], layer[box] + 1);
      if (!--waits[end]) found.push(end);
    }
  }
  for (const box of found.reverse()) {
    if (after[box].length > before[box].length) {
      layer[box] = after[box].reduce((least, end) => Math.min(least, layer[end]), Infinity) - 1;
    }
  }
  const used = new Map();
  [...new Set(layer)].sort((a, b) => a - b).forEach((old, at) => used.set(old, at));
  return layer.map((old) => used.get(old));
}

const copied = (rows) => rows.map((row) => row.slice());

function order(rows, before, after, sweeps) {
  const at = new Array(before.length).fill(0);
  const count = (row) => row.forEach((item, index) => { at[item] = index; });
  rows.forEach(count);
  let best = copied(rows);
  let fewest = crossings(rows, after, at);
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const forth = sweep % 2 === 0;
    const near = forth ? before : after;
    for (const row of forth ? rows : rows.slice().reverse()) {
      const middle = new Map(row.map((item) => [item, mean(near[item], at, at[item])]));
      row.sort((a, b) => middle.get(a) - middle.get(b));
      count(row);
    }
    const now = crossings(rows, after, at);
    if (now < fewest) [best, fewest] = [copied(rows), now];
  }
  return best;
}

function mean(items, values, otherwise) {
  if (!items.length) return otherwise;
  let sum = 0;
  for (const item of items) sum += values[item];
  return sum / items.length;
}

function crossings(rows, after, at) {
  let total = 0;
  for (let number = 0; number + 1 < rows.length; number++) {
    const most = rows[number + 1].length;
    const tree = new Int32Array(most + 1);
    let seen = 0;
    for (const item of rows[number]) {
      const ends = after[item].map((other) => at[other]).sort((a, b) => a - b);
      for (const end of ends) {
        let passed = 0;
        for (let index = end + 1; index; index &= index - 1) passed += tree[index];
        total += seen - passed;
      }
      for (const end of ends) {
        seen += 1;
        for (let index = end + 1; index <= most; index += index & -index) tree[index] += 1;
      }
    }
  }
  return total;
}

function places(rows, before, after, count, size, gap, bend, passes) {
  const place = new Array(before.length).fill(0);
  const offsets = rows.map((row) => {
    let at = 0;
    const offset = row.map((item, index) => {
      const room = item < count ? size : bend;
      at += room / 2 + (index ? gap : 0);
      const middle = at;
      at += room / 2;
      return middle;
    });
    row.forEach((item, index) => { place[item] = offset[index] - at / 2; });
    return offset;
  });
  for (let turn = 0; turn < passes; turn++) {
    const forth = turn % 2 === 0;
    const both = turn >= passes - 2;
    for (let step = 0; step < rows.length; step++) {
      const number = forth ? step : rows.length - 1 - step;
      const wanted = [];
      const weights = [];
      for (const item of rows[number]) {
        const one = forth ? before[item] : after[item];
        const near = both && item < count ? before[item].concat(after[item]) : one;
        wanted.push(mean(near, place, place[item]));
        weights.push(item < count ? near.length + 0.5 : 8);
      }
      const found = apart(wanted, weights, offsets[number]);
      rows[number].forEach((item, index) => { place[item] = found[index]; });
    }
  }
  const least = place.reduce((low, one) => Math.min(low, one), place.length ? Infinity : 0);
  return place.map((one) => one - least);
}

function apart(wanted, weights, offset) {
  const pools = [];
  wanted.forEach((want, index) => {
    let pool = [want - offset[index], weights[index], 1];
    while (pools.length && pools[pools.length - 1][0] > pool[0]) {
      const [other, more, others] = pools.pop();
      const middle = (other * more + pool[0] * pool[1]) / (more + pool[1]);
      pool = [middle, pool[1] + more, pool[2] + others];
    }
    pools.push(pool);
  });
  const found = [];
  for (const [middle, , members] of pools) {
    for (let one = 0; one < members; one++) found.push(middle + offset[found.length]);
  }
  return found;
}
