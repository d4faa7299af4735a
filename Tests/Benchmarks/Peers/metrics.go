// The updates of Tests/Benchmarks/Metrics with client_golang. Handles are resolved in advance, buckets and values are
// the same, and a request updates as many counters and histograms as in HedgehogDB. Prints one line for each kind of
// update: name, CPU nanoseconds.
package main

import (
	"fmt"
	"syscall"

	"github.com/prometheus/client_golang/prometheus"
)

const rounds = 20000000

func processorNanoseconds() int64 {
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return usage.Utime.Nano() + usage.Stime.Nano()
}

func measure(name string, update func(int)) {
	for index := 0; index < 1000000; index++ {
		update(index)
	}
	start := processorNanoseconds()
	for index := 0; index < rounds; index++ {
		update(index)
	}
	fmt.Printf("%s %f\n", name, float64(processorNanoseconds()-start)/rounds)
}

func counter(name string) prometheus.Counter {
	vector := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: "h"}, []string{"operation", "table"})
	return vector.WithLabelValues("get_item", "users")
}

func histogram(name string, bounds []float64) prometheus.Observer {
	vector := prometheus.NewHistogramVec(
		prometheus.HistogramOpts{Name: name, Help: "h", Buckets: bounds}, []string{"operation", "table"})
	return vector.WithLabelValues("get_item", "users")
}

func main() {
	var seconds [1024]float64
	for place := range seconds {
		if place%16 == 0 {
			seconds[place] = float64(place) * 0.003
		} else {
			seconds[place] = (40000 + float64(place)*900) / 1e9
		}
	}
	requestBounds := []float64{0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10}
	fineBounds := []float64{0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1}
	sizeBounds := []float64{64, 256, 1024, 4096, 16384, 65536, 262144, 1048576}
	requests, responses, items := counter("requests_total"), counter("responses_total"), counter("items_total")
	duration, latency := histogram("duration_seconds", requestBounds), histogram("latency_seconds", fineBounds)
	in, out := histogram("request_bytes", sizeBounds), histogram("response_bytes", sizeBounds)
	measure("counter", func(int) { requests.Inc() })
	measure("histogram", func(index int) { duration.Observe(seconds[index&1023]) })
	measure("request", func(index int) {
		took := seconds[index&1023]
		requests.Inc()
		duration.Observe(took)
		responses.Inc()
		latency.Observe(took)
		in.Observe(120)
		out.Observe(220)
		items.Inc()
	})
}
