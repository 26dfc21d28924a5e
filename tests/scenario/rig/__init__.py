"""What scenarios are told with: the real binary, brokers and databases, started on free loopback ports in a temporary folder and
stopped by their process ids."""
