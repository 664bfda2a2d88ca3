# The commands themselves are in xtask/, for those without make.
.PHONY: run test lint cluster

run:
	cargo xtask run

test:
	cargo xtask test

lint:
	cargo xtask lint

cluster:
	cargo xtask cluster
