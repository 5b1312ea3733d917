"""`python -m shampoo_tune` equals `shampoo-tune`."""

from shampoo_tune.cli import main

main()
