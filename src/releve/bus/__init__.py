"""To whom it concerns: live events out."""
