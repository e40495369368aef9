"""What the benchmarks draw on pages: pens, marks, specimens of handwriting, distortions."""
