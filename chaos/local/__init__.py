"""The compiled fleet on this machine: real processes behind a real Envoy, autoscaled, that never outlive the trial."""
