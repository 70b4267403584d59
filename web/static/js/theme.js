// Light or dark: changed at once, kept with the user (or, on the sign-in page, with the browser).

import { ask } from "./page.js"

class ThemeSwitch extends HTMLElement {
  connectedCallback() {
    this.querySelector("button").addEventListener("click", () => this.turn())
  }

  turn() {
    const root = document.documentElement
    const dark = matchMedia("(prefers-color-scheme: dark)").matches
    const theme = (root.dataset.theme ?? (dark ? "dark" : "light")) === "dark" ? "light" : "dark"
    root.dataset.theme = theme
    ask("/me/preferences", { method: "POST", form: { theme } }).catch(() => {}) // it holds for this page
  }
}

customElements.define("theme-switch", ThemeSwitch)
