import "./theme.js"
