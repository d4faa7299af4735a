# Thin names for what the scripts do; `make` alone lists them.

SHELL := /bin/bash
.DEFAULT_GOAL := help

# NODES, NODE, BIND, DATA and FIRST_PORT go to scripts/cluster as they are given; their defaults are there.
ROUNDS ?= 50
FAULTS ?= 60
SEEDS ?= 1000
# NAME=value when it was given to make, else nothing, and the script's own default holds.
given = $(if $(filter command% environment%,$(origin $(1))),$(1)=$($(1)))
FUZZ_SECONDS = $(if $(filter command% environment%,$(origin SECONDS)),$(SECONDS),60)

# `make kill start` means that order.
.NOTPARALLEL:

.PHONY: help setup build test lint run-cluster stop-cluster reset-cluster kill start pause resume status logs seed \
	load load-cluster simulate mutants fuzz crash-test fault-test disk-loss outage deletes repair-cost overwrites \
	million disk-full slow-clients check-metrics check-tracing bench-metrics bench-observability metrics-document \
	monitoring-up monitoring-down lint-monitoring check-monitoring clean

help: ## list these targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install what building needs and this machine lacks
	@scripts/setup

build: setup ## release build of hedgehogdb and hedgehogctl, into .build/release
	@scripts/build

test: ## set up, build and run every test
	@scripts/setup --with checks
	swift test

lint: ## lengths, import fences, words, explained danger, shell strictness
	@scripts/setup --with checks
	@scripts/lint
	@scripts/check-docs

run-cluster: ## build and start the cluster, wait until it is ready (NODES=3 BIND=127.0.0.1 DATA=.cluster)
	@scripts/cluster check
	@scripts/setup --with cluster
	@scripts/build
	@scripts/cluster run

stop-cluster: ## stop every node; its data stays
	@scripts/cluster stop

reset-cluster: ## stop every node and delete the cluster's data
	@scripts/cluster reset

kill: ## kill -9 one node (NODE=1)
	@scripts/cluster kill

start: ## start one node that is down (NODE=1)
	@scripts/cluster start

pause: ## freeze one node with SIGSTOP (NODE=1)
	@scripts/cluster pause

resume: ## let a paused node go on (NODE=1)
	@scripts/cluster resume

status: ## which nodes run, and what each says of itself
	@scripts/cluster status

logs: ## follow the logs of all nodes
	@scripts/cluster logs

seed: ## sample tables users, products and orders in the running cluster
	@scripts/seed

load: ## wrk against one node, GET and durable PUT, as ratios to a bare libuv server
	@scripts/load

load-cluster: ## wrk against three nodes, strong and eventual GET and PUT, with p50 and p99
	@scripts/load-cluster

simulate: ## the cluster's code under simulated faults, judged (SEEDS=1000)
	@scripts/simulate --seeds $(SEEDS)

mutants: ## plant one fault after another and see the simulation catch each
	@scripts/mutants

fuzz: ## fuzz parser, percent coding and record decoding under AddressSanitizer (SECONDS=60)
	@scripts/fuzz $(FUZZ_SECONDS)

crash-test: ## kill -9 under load and prove that nothing acknowledged is lost (ROUNDS=50 SEED=...)
	@scripts/crash-test.sh ROUNDS=$(ROUNDS)

fault-test: ## three nodes under load, faults one after another, all judged (FAULTS=60 PROFILE=usual|grace SEED=...)
	@scripts/fault-test.sh FAULTS=$(FAULTS) $(call given,PROFILE) $(call given,SEED)

disk-loss: ## disks lost one after another under load, no acknowledged strong write with them (ROUNDS=20 SEED=...)
	@scripts/disk-loss.sh $(call given,ROUNDS) $(call given,ITEMS) $(call given,SEED)

outage: ## one of three nodes away under load, and its way back (SECONDS=600 RATE=2000 BUDGET=1GiB)
	@scripts/outage.sh $(call given,SECONDS) $(call given,RATE) $(call given,BUDGET) $(call given,HINTS) \
		$(call given,P99_FACTOR)

deletes: ## many items deleted while a node is away beyond gc-grace: none comes back (COUNT=100000)
	@scripts/deletes.sh $(call given,COUNT)

repair-cost: ## bytes that anti-entropy moves between replicas, equal and not quite (ITEMS=1000000)
	@scripts/repair-cost.sh $(call given,ITEMS) $(call given,DIFFERING)

overwrites: ## 100,000 strong overwrites through nodes whose clocks differ by 300 s: the last one wins
	@scripts/overwrites.sh

million: ## a million items: restarts, exact count, scans across page borders while writers run
	@scripts/million.sh

disk-full: ## a full disk refuses writes, serves reads and recovers by itself (needs root)
	@scripts/disk-full.sh

slow-clients: ## 5,000 idle and 200 dripping connections beside a good client
	@scripts/slow-clients.sh

check-metrics: ## the page of metrics under promtool, a strict parser and hostile requests (REQUESTS=100000 SEED=...)
	@scripts/check-metrics $(call given,REQUESTS) $(call given,SEED)

bench-observability: ## what access log and traces cost of GET throughput, in paired rounds (ROUNDS=20)
	@scripts/bench-observability

check-tracing: ## spans against OpenTelemetry's own decoder, and traces over three nodes (SPANS=100000)
	@scripts/check-otlp
	@scripts/check-tracing $(call given,SPANS)

bench-metrics: ## what counting a request costs, beside prometheus-cpp and client_golang
	@scripts/bench-metrics

metrics-document: ## write docs/metrics.md anew from the catalogue
	@WRITE_METRICS_DOCUMENT=1 swift test --filter MetricsDocumentTests

monitoring-up: ## Prometheus, Grafana and Tempo in Docker beside the cluster (PROFILE=logs adds Loki)
	@scripts/monitoring up

monitoring-down: ## stop them; what they stored stays
	@scripts/monitoring down

lint-monitoring: ## promtool, Compose's parser and our rules on monitoring/, without running it
	@scripts/lint-monitoring

check-monitoring: ## every panel, rule and alert against a real Prometheus, load and faults (QUIET=30 PICTURES=folder)
	@scripts/check-monitoring $(call given,QUIET) $(call given,PICTURES) $(call given,KEEP) $(call given,SEED)

clean: ## delete what was built; a cluster's data stays
	rm -rf .build .build-*
