/** A position: latitude and longitude, degrees WGS84. */
export type Position = [number, number];

type Layer = { addTo(map: Chart | Group): Layer };

export type Group = Layer & {
  addTo(map: Chart): Group;
  clearLayers(): Group;
};

/** A map, as it is drawn. */
export type Chart = {
  attributionControl: { setPrefix(prefix: false): void };
  fitBounds(bounds: Position[], options: { padding: Position; maxZoom: number }): Chart;
};

export function map(place: HTMLElement, options?: object): Chart;
export function tileLayer(address: string, options: object): Layer;
export function layerGroup(): Group;
export function marker(at: Position, options: object): Layer;
export function divIcon(options: object): object;
export function polyline(line: Position[], options: object): Layer;
export function geoJSON(shapes: object, options: object): Layer;
export const control: { scale(options: object): Layer };
