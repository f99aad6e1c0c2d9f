// How numbers and times are written. The page speaks English; times are those of the browser's zone, and UTC in their titles.

import { element, setAttribute, setText } from "./dom.js";

const grouped = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const hundredths = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

export const count = value => grouped.format(value ?? 0);

export const rate = value => value === null || value === undefined ? null : value < 100 ? tenths.format(value) : grouped.format(value);

export const percent = share => share === null || share === undefined ? null : `${share > 0 && share < 1 ? tenths.format(Math.min(share * 100, 99.9)) : grouped.format(share * 100)} %`;

export const plural = (number, one, many = `${one}s`) => `${count(number)} ${number === 1 ? one : many}`;

export const milliseconds = value => value < 1000 ? `${tenths.format(value ?? 0)} ms` : `${hundredths.format(value / 1000)} s`;

/** Of a clock that is ahead or behind. */
export const offset = seconds => `${seconds < 0 ? "−" : "+"}${milliseconds(Math.abs(seconds) * 1000)}`;

export function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 120)
    return `${whole} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 120)
    return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? withRest(hours, "h", minutes % 60, "min") : withRest(Math.floor(hours / 24), "d", hours % 24, "h");
}

/** Names in a sentence; a long list is cut. */
export function names(list) {
  const shown = list.length > 5 ? [...list.slice(0, 4), `${list.length - 4} more`] : list;
  return shown.length < 2 ? shown.join("") : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
}

/** 14:03:22, or 2026-11-25 14:03 where that is not today. */
export function moment(date, now = new Date()) {
  const two = number => String(number).padStart(2, "0");
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  return date.toDateString() === now.toDateString()
    ? `${time}:${two(date.getSeconds())}`
    : `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${time}`;
}

/** Puts a moment into a table's cell. */
export function showMoment(cell, iso) {
  const shown = cell.firstElementChild ?? cell.appendChild(element("time"));
  setAttribute(shown, "datetime", iso);
  setAttribute(shown, "title", iso && `${iso.replace(/\.\d+/, "").replace("T", " ").replace("Z", "")} UTC`);
  setText(shown, iso ? moment(new Date(iso)) : "–");
}

const withRest = (whole, unit, rest, part) => rest === 0 ? `${whole} ${unit}` : `${whole} ${unit} ${rest} ${part}`;
