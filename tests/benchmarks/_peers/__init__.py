"""What tests/benchmarks/peers.py is made of: environments, cells, metrics, tables, and one module a system."""
