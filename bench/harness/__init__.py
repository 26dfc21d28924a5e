"""What bench/run is made of: peers, contests, figures, and how they are shown."""
