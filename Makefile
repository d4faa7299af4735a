# Short names for the scripts; `make` without a target lists them.

SHELL := /bin/bash
.DEFAULT_GOAL := help

# A test gets its parameters as NAME=value, if they are given on the command line of make or in the environment. Their
# defaults are in Tests/System/system_tests.py and Tests/Benchmarks/benchmarks.py. If the test is the only target, it
# also gets all other variables of the command line, so that it refuses a misspelled name.
given = $(foreach name,$(1),$(if $(filter $(2),$(origin $(name))),'$(name)=$($(name))'))
read_from_environment = FLAGS KEEP HEDGEHOGDB CHECK_HISTORY LOAD_FOLDER
others = $(if $(word 2,$(MAKECMDGOALS)),,$(filter-out $(1) $(read_from_environment),$(.VARIABLES)))
arguments = $(call given,$(1),command% environment%) $(call given,$(call others,$(1)),command%)
system_test = @Tests/System/run $@ $(call arguments,$(1))
benchmark = @Tests/Benchmarks/run $@ $(call arguments,$(1))
SEEDS ?= 1000
FUZZ_SECONDS = $(if $(filter command% environment%,$(origin SECONDS)),$(SECONDS),60)

# `make kill start` runs the targets in this order.
.NOTPARALLEL:

# Every target that `make help` lists makes no file.
.PHONY: $(shell sed -n 's/^\([a-z-]*\):.* \#\# .*/\1/p' Makefile)

help: ## list these targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  make %-20s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install the packages that a build needs and this machine lacks
	@scripts/setup

build: setup ## release build of hedgehogdb and hedgehogctl, into .build/release
	@scripts/build

test: ## set up, build and run all unit tests
	@scripts/setup --with checks
	swift test

lint: ## check lengths, imports, words, names and documents, and test the rules themselves
	@scripts/setup --with checks
	@scripts/lint
	@scripts/check-docs
	@python3 Tests/Lint/test_linting.py
	@python3 Tests/System/test_arguments.py

run-cluster: ## build and start the cluster, wait until it is ready (NODES=3 BIND=127.0.0.1 DATA=.cluster)
	@scripts/cluster check
	@scripts/setup --with cluster
	@scripts/build
	@scripts/cluster run

stop-cluster: ## stop all nodes; their data stays
	@scripts/cluster stop

reset-cluster: ## stop all nodes and delete the data of the cluster
	@scripts/cluster reset

kill: ## kill -9 one node (NODE=1)
	@scripts/cluster kill

start: ## start one node that is down (NODE=1)
	@scripts/cluster start

pause: ## freeze one node with SIGSTOP (NODE=1)
	@scripts/cluster pause

resume: ## continue a paused node (NODE=1)
	@scripts/cluster resume

status: ## show which nodes run, whether they are ready, and how many peers they see alive
	@scripts/cluster status

logs: ## follow the logs of all nodes
	@scripts/cluster logs

seed: ## put sample tables (users, products, orders) into the running cluster
	@scripts/seed

load: ## wrk against one node, GET and durable PUT, as ratios to a bare libuv server (ROUNDS=3 SECONDS_EACH=5)
	$(call benchmark,ROUNDS SECONDS_EACH CONNECTIONS)

load-cluster: ## wrk against three nodes, strong and eventual GET and PUT, with p50 and p99 (ROUNDS=3)
	$(call benchmark,ROUNDS SECONDS_EACH CONNECTIONS)

simulate: ## run the code of the cluster under simulated faults and check its promises (SEEDS=1000)
	@scripts/simulate --seeds $(SEEDS)

mutants: ## plant one fault after another and check that the simulation detects each
	@scripts/simulate --mutants

fuzz: ## fuzz the parser, percent coding and record decoding under AddressSanitizer (SECONDS=60)
	@scripts/fuzz $(FUZZ_SECONDS)

crash-test: ## kill -9 one node under load; no acknowledged write is lost (ROUNDS=50 SEED=...)
	$(call system_test,ROUNDS SEED)

fault-test: ## three nodes under load, one fault after another (FAULTS=60 PROFILE=usual|grace SEED=...)
	$(call system_test,FAULTS PROFILE SEED)

disk-loss: ## nodes lose their disks under load; no acknowledged strong write is lost (ROUNDS=20 SEED=...)
	$(call system_test,ROUNDS ITEMS SEED)

outage: ## one of three nodes is down under load and returns (SECONDS=600 RATE=2000 BUDGET=1GiB)
	$(call system_test,SECONDS RATE BUDGET HINTS P99_FACTOR)

deletes: ## items deleted while a node is down longer than gc-grace do not come back (COUNT=100000)
	$(call system_test,COUNT EQUAL_SECONDS PURGE_SECONDS)

repair-cost: ## bytes that anti-entropy moves between equal and differing replicas (ITEMS=1000000)
	$(call system_test,ITEMS DIFFERING)

overwrites: ## strong overwrites through nodes whose clocks differ by 300 s: the last one wins (COUNT=100000)
	$(call system_test,COUNT)

upgrade-test: ## nodes of an earlier build (OLD=path of its hedgehogdb) change to this one under load (ITEMS=700)
	$(call system_test,OLD ITEMS)

million: ## a million items: restarts, exact count, scans across page borders during writes (ITEMS=1000000 SEED=...)
	$(call system_test,ITEMS SEED)

disk-full: ## a full disk refuses writes, serves reads and recovers without a restart (needs root)
	$(call system_test,)

slow-clients: ## 5,000 idle and 200 slow connections do not slow down a normal client (IDLE=5000 SLOW=200)
	$(call system_test,IDLE SLOW)

collapsed-paths: ## no HTTP client turns the deletion of an item into that of a table
	$(call system_test,)

environments: ## a node without /proc, with closed or full outputs, few descriptors and more
	$(call system_test,)

race-test: setup ## three nodes built with ThreadSanitizer, under load and faults: no data race (SECONDS=120 SEED=...)
	swift build -c release --sanitize=thread --scratch-path .build/tsan --product hedgehogdb
	$(call system_test,SECONDS SEED)

check-metrics: ## promtool, a strict parser and hostile requests against /metrics (REQUESTS=100000 SEED=...)
	$(call system_test,REQUESTS SEED)

check-otlp: ## OpenTelemetry's own decoder reads the spans that our encoders write
	$(call system_test,)

check-tracing: ## check-otlp, then traces over three nodes and collectors that fail (SPANS=100000)
	@Tests/System/run check-otlp
	$(call system_test,SPANS)

bench-observability: ## throughput with access log and traces on and off, in paired rounds (ROUNDS=20)
	$(call benchmark,ROUNDS SECONDS_EACH CONNECTIONS ONE_CORE)

bench-metrics: ## time to count a request, compared with prometheus-cpp and client_golang (ROUNDS=5)
	$(call benchmark,ROUNDS)

metrics-document: ## generate docs/metrics.md from the catalogue
	@WRITE_METRICS_DOCUMENT=1 swift test --filter MetricsDocumentTests

monitoring-up: ## start Prometheus, Grafana and Tempo in Docker beside the cluster (PROFILE=logs adds Loki)
	@scripts/monitoring up

monitoring-down: ## stop them; their data stays
	@scripts/monitoring down

lint-monitoring: ## check monitoring/ with promtool, Compose's parser and our rules, without running it
	@monitoring/tools/lint-monitoring

check-monitoring: ## every panel, rule and alert against a real Prometheus and faults (QUIET=30 PICTURES=folder KEEP=1)
	$(call system_test,QUIET PICTURES SEED)

clean: ## delete all builds; the data of a cluster stays
	rm -rf .build .build-*
