"use strict";
// Draws the plots from the numbers in the page. Colours come from the style sheet, so that light and dark both fit.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const drawn = [];
  const marks = { real: "circle", emerging: "triangle", one_sided_them: "rect", one_sided_us: "rectRot", transactional: "star",
    spam_driven: "crossRot", lapsed: "cross", insufficient: "line" };
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const day = (at) => new Date(at).toISOString().slice(0, data.step < 86400000 ? 16 : 10).replace("T", " ");
  const pairs = (values) => data.times.map((x, at) => ({ x, y: values[at] }));

  // What was not seen is shaded: a line through it would be a lie.
  const gaps = {
    id: "gaps",
    beforeDatasetsDraw(chart) {
      const { ctx, chartArea: area, scales } = chart;
      ctx.save();
      ctx.fillStyle = colour("warn-text");
      ctx.globalAlpha = 0.18;
      for (const gap of data.gaps) {
        const from = Math.max(area.left, scales.x.getPixelForValue(gap.since));
        const to = Math.min(area.right, scales.x.getPixelForValue(gap.until));
        if (to > from) ctx.fillRect(from, area.top, Math.max(2, to - from), area.height);
      }
      ctx.restore();
    },
  };

  const axes = (time, y) => {
    const grid = { color: colour("line") }, ticks = { color: colour("quiet"), maxRotation: 0 };
    const x = time
      ? { type: "linear", min: data.times[0], max: data.times[data.times.length - 1] + data.step, grid,
          ticks: { ...ticks, autoSkip: true, maxTicksLimit: 6, callback: (at) => day(at) } }
      : { type: "linear", beginAtZero: true, grid, ticks, title: { display: true, text: "they give", color: colour("quiet") } };
    return { x, y: { beginAtZero: true, grid, ticks, ...y } };
  };
  const plugins = (time) => ({
    legend: { position: "bottom", labels: { color: colour("text"), usePointStyle: true, filter: (item) => item.text !== "" } },
    tooltip: time
      ? { filter: (item) => item.dataset.label !== "", callbacks: { title: (items) => (items.length ? day(items[0].parsed.x) : "") } }
      : { callbacks: { label: (item) => `${item.raw.name}: they give ${item.raw.x}, we give ${item.raw.y}` } },
  });
  const draw = (id, config) => {
    const canvas = document.getElementById(id);
    if (!canvas) return;
    drawn.push(new Chart(canvas, config));
  };

  const plots = () => {
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    const still = { responsive: true, maintainAspectRatio: false, animation: false };
    const over = { ...still, interaction: { mode: "index", intersect: false } };
    const dots = data.times.length > 60 ? 0 : 2;
    draw("volume", {
      type: "line",
      data: { datasets: [
        { label: "raw", data: pairs(data.raw), borderColor: colour("raw"), backgroundColor: colour("raw") + "33", fill: true, pointRadius: dots, pointStyle: "line" },
        { label: "trusted", data: pairs(data.trusted), borderColor: colour("trusted"), backgroundColor: colour("trusted") + "55", fill: true, pointRadius: dots, pointStyle: "line" },
      ] },
      options: { ...over, scales: axes(true, {}), plugins: plugins(true) },
      plugins: [gaps],
    });
    draw("share", {
      type: "line",
      data: { datasets: [
        { label: "", data: pairs(data.high), borderWidth: 0, pointRadius: 0, backgroundColor: colour("trusted") + "33", fill: "+1" },
        { label: "", data: pairs(data.low), borderWidth: 0, pointRadius: 0 },
        { label: "real share", data: pairs(data.share), borderColor: colour("trusted"), backgroundColor: colour("trusted"), pointRadius: dots, pointStyle: "line" },
      ] },
      options: { ...over, scales: axes(true, { max: 1, ticks: { color: colour("quiet"), callback: (share) => `${Math.round(share * 100)} %` } }), plugins: plugins(true) },
      plugins: [gaps],
    });
    draw("classes", {
      type: "line",
      data: { datasets: Object.keys(data.classes).filter((name) => name !== "insufficient").map((name) => ({
        label: data.classes[name],
        data: data.changes.filter((row) => row.class === name).map((row) => ({ x: row.time, y: row.people })),
        borderColor: colour(name), backgroundColor: colour(name) + "99", fill: "-1", pointRadius: 0, pointStyle: "rect", borderWidth: 1,
      })).map((set, at) => (at ? set : { ...set, fill: "origin" })) },
      options: { ...over, scales: axes(true, { stacked: true }), plugins: plugins(true) },
      plugins: [gaps],
    });
    draw("map", {
      type: "scatter",
      data: { datasets: Object.keys(data.classes).map((name) => ({
        label: data.classes[name],
        data: data.people.filter((row) => row.class === name).map((row) => ({ x: row.received, y: row.given, name: row.name, number: row.number })),
        borderColor: colour(name), backgroundColor: colour(name) + "99", pointStyle: marks[name], pointRadius: 5, pointHoverRadius: 8,
      })).filter((set) => set.data.length) },
      options: {
        ...still,
        scales: axes(false, { title: { display: true, text: "we give", color: colour("quiet") } }),
        plugins: plugins(false),
        onClick: (event, hits, chart) => { if (hits.length) show(chart.data.datasets[hits[0].datasetIndex].data[hits[0].index].number); },
      },
    });
  };

  const all = () => {
    document.querySelectorAll("details.more").forEach((one) => { one.hidden = false; });
    const button = document.getElementById("more");
    if (button) button.hidden = true;
  };
  const show = (number) => {
    const person = document.getElementById(`person-${number}`);
    if (person.hidden) all();
    person.open = true;
    person.scrollIntoView({ block: "center" });
    person.querySelector("summary").focus();
  };
  const redraw = () => { drawn.splice(0).forEach((chart) => chart.destroy()); plots(); };

  document.getElementById("more")?.addEventListener("click", all);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  plots();
})();
