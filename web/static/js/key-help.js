// The overlay of "?": every key of the table the keyboard works by, by where it works.

import { caps, GROUPS } from "./keys.js"

const make = (name, className, ...content) => {
  const made = document.createElement(name)
  if (className) made.className = className
  made.append(...content)
  return made
}

export function showKeys() {
  const dialog = document.getElementById("keys")
  const place = dialog.querySelector("[data-part=groups]")
  if (!place.childElementCount) place.append(...GROUPS.filter(({ is }) => !is || is()).map(drawGroup))
  dialog.showModal()
}

function drawGroup({ words, rows }) {
  const list = make("dl", "key-rows")
  for (const row of rows) {
    const keys = row.hears.flatMap((one, at) => [...(at ? [" / "] : []), drawKeys(one)])
    list.append(make("dt", "", ...keys), make("dd", "", row.words()))
  }
  return make("section", "", make("h3", "lbl", words()), list)
}

function drawKeys(one) {
  const pressed = make("span", "key")
  pressed.append(...caps(one).map((cap) => make("kbd", "", cap)))
  return pressed
}
