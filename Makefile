# Seven words: run, test, check, explore, fix, bench, clean. The first two are all a newcomer needs.
PYTHON ?= python3
BIN = .venv/bin
# Two files of tests at a time: most of them wait for a telephone to ring.
PYTEST = $(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder

.PHONY: run test check explore fix bench clean

run:
	@$(PYTHON) -m callcenter.install run
	@exec $(BIN)/python -m callcenter run

# Telephones, browsers and clocks share two cores: what fails beside others is printed, and has one more try by
# itself. What fails then as well is broken; what passes then was either too tight or a race: look at it.
test:
	@$(PYTHON) -m callcenter.install test
	@$(BIN)/ruff check -q .
	@$(BIN)/ruff format -q --check .
	@$(BIN)/mypy
	@$(PYTEST) || { [ $$? = 1 ] && echo "Failed beside others, now by themselves:" && $(BIN)/python -m pytest -q -x --lf --lfnf=none; }

check:
	@$(PYTHON) -m callcenter.install test
	@$(BIN)/ruff check -q .
	@$(BIN)/mypy
	@$(PYTEST) -m "not exchange and not browser and not postgres"

# New cases at each run, ten times as many; those that failed are printed, and drawn again next time.
explore:
	@$(PYTHON) -m callcenter.install test
	@$(PYTEST) -m hypothesis --hypothesis-profile explore

fix:
	@$(BIN)/ruff check -q --fix .
	@$(BIN)/ruff format -q .

bench:
	@$(PYTHON) -m callcenter.install test
	@for name in ami popup presence board calls journal callbacks export calls_file import search lists reports pages reload audio range; do \
		$(BIN)/python -m tests.bench.bench_$$name || exit 1; done

clean:
	rm -rf .venv web/node_modules web/static/vendor .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@echo "var/ and recordings/ hold your data and stay."
