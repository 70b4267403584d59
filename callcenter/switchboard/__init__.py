"""The switchboard: where calls lead, set in the browser, checked, and made live as a whole."""
