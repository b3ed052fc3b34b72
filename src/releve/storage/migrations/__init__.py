"""The history of the schema: `versions/`, in order. How to add a step: docs/storage.md."""
