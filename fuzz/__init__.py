"""Coverage-guided fuzzing with atheris: `make fuzz`, or `python -m fuzz decode_v16 -max_total_time=60`."""
