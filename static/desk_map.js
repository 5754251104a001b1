/**
 * Maps of the desk. Each is drawn from the table of positions that its `data-map` names, which says the
 * same to whoever does without. No other origin is asked, unless the page names one for the pictures.
 */

import { control, divIcon, geoJSON, layerGroup, map, marker, polyline, tileLayer } from './vendor/leaflet-1.9.4.js';

/** @typedef {import('./vendor/leaflet-1.9.4.js').Position} Position */
/** @typedef {{ at: Position, label: string, time: string, address: string }} Spot */

const NEAREST = 17;
/** An hour of a shift stays in one look. */
const PADDING = /** @type {Position} */ ([36, 36]);

/**
 * @param {string} table
 * @returns {Spot[]}
 */
function spotsOf(table) {
  const rows = document.querySelectorAll(`#${table} tr[data-latitude]`);
  return [...rows].map((row) => {
    const { latitude, longitude, label = '', time = '' } = /** @type {HTMLElement} */ (row).dataset;
    const address = row.querySelector('a')?.getAttribute('href') ?? '';
    return { at: [Number(latitude), Number(longitude)], label, time, address };
  });
}

/** @param {HTMLElement} place */
function base(place) {
  const chart = map(place, { scrollWheelZoom: false, zoomSnap: 0.5 });
  chart.attributionControl.setPrefix(false);
  control.scale({ imperial: false }).addTo(chart);
  const { tiles, attribution = '', wards } = place.dataset;
  if (tiles) tileLayer(tiles, { attribution: inText(attribution), maxZoom: 19 }).addTo(chart);
  if (wards) drawWards(wards, chart);
  return chart;
}

/** @param {string} text that Leaflet takes for HTML */
function inText(text) {
  const said = document.createElement('span');
  said.textContent = text;
  return said.innerHTML;
}

/**
 * @param {string} address
 * @param {import('./vendor/leaflet-1.9.4.js').Chart} chart
 */
async function drawWards(address, chart) {
  const answer = await fetch(address, { headers: { Accept: 'application/geo+json' } }).catch(() => null);
  if (answer?.status !== 200) return;
  geoJSON(await answer.json(), { interactive: false, className: 'map__ward' }).addTo(chart);
}

/** @param {HTMLElement} place */
function drawn(place) {
  const { map: table = '', line } = place.dataset;
  /** @type {import('./vendor/leaflet-1.9.4.js').Chart | undefined} */
  let chart;
  const layer = layerGroup();
  let shown = '';
  return () => {
    const spots = spotsOf(table);
    place.hidden = spots.length === 0;
    const found = JSON.stringify(spots);
    if (place.hidden || found === shown) return;
    shown = found;
    // Only at first: later it stays where the reader has moved it.
    chart ??= base(place).fitBounds(spots.map(({ at }) => at), { padding: PADDING, maxZoom: NEAREST });
    layer.clearLayers().addTo(chart);
    if (line !== undefined) polyline(spots.map(({ at }) => at), { className: 'map__line', interactive: false }).addTo(layer);
    for (const spot of spots) pin(spot).addTo(layer);
  };
}

/** @param {Spot} spot */
function pin({ at, label, time, address }) {
  const link = document.createElement('a');
  link.href = address;
  link.className = 'map__label';
  link.tabIndex = -1;
  link.textContent = label;
  const icon = divIcon({ className: 'map__pin', html: link, iconSize: null });
  return marker(at, { icon, keyboard: false, title: `${label}, ${time}` });
}

const draw = [...document.querySelectorAll('[data-map]')].map((place) => drawn(/** @type {HTMLElement} */ (place)));
const drawAll = () => draw.forEach((one) => one());
drawAll();
document.addEventListener('htmx:afterSwap', drawAll);
