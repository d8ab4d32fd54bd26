"""Models and manifests in files: data only, checked before anything is taken."""
