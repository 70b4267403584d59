"""What all pages share: templates, languages, the shell around a page, the headers that keep it safe."""
