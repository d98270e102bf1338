return search(x, 0u, bins);
