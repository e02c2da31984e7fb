"""Parts of the model of Nomad: tests/support/nomad_model.py puts them together."""
