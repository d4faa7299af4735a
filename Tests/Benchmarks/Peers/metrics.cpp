// The updates of Tests/Benchmarks/Metrics with prometheus-cpp. Handles are resolved in advance, buckets and values are
// the same, and a request updates as many counters and histograms as in HedgehogDB. Prints one line for each kind of
// update: name, CPU nanoseconds.

#include <cstdio>
#include <ctime>
#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <vector>

using namespace prometheus;

static const Histogram::BucketBoundaries request_bounds{0.001, 0.005, 0.01, 0.025, 0.05, 0.1,
                                                        0.25,  0.5,   1,    2.5,   5,    10};
static const Histogram::BucketBoundaries fine_bounds{0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005,
                                                     0.01,    0.025,  0.05,    0.1,    0.25,  1};
static const Histogram::BucketBoundaries size_bounds{64, 256, 1024, 4096, 16384, 65536, 262144, 1048576};
static const long rounds = 20000000;

static double processor_nanoseconds() {
    timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return time.tv_sec * 1e9 + time.tv_nsec;
}

template <typename Update> static void measure(const char *name, Update update) {
    for (long index = 0; index < 1000000; index++) update(index);
    double start = processor_nanoseconds();
    for (long index = 0; index < rounds; index++) update(index);
    std::printf("%s %f\n", name, (processor_nanoseconds() - start) / rounds);
}

int main() {
    std::vector<double> seconds;
    for (long place = 0; place < 1024; place++)
        seconds.push_back((place % 16 == 0 ? place * 3000000 : 40000 + place * 900) / 1e9);
    Registry registry;
    const Labels labels{{"operation", "get_item"}, {"table", "users"}};
    auto counter = [&](const char *name) -> Counter & {
        return BuildCounter().Name(name).Help("h").Register(registry).Add(labels);
    };
    auto histogram = [&](const char *name, const Histogram::BucketBoundaries &bounds) -> Histogram & {
        return BuildHistogram().Name(name).Help("h").Register(registry).Add(labels, bounds);
    };
    auto &requests = counter("requests_total"), &responses = counter("responses_total");
    auto &items = counter("items_total");
    auto &duration = histogram("duration_seconds", request_bounds);
    auto &latency = histogram("latency_seconds", fine_bounds);
    auto &in = histogram("request_bytes", size_bounds), &out = histogram("response_bytes", size_bounds);
    measure("counter", [&](long) { requests.Increment(); });
    measure("histogram", [&](long index) { duration.Observe(seconds[index & 1023]); });
    measure("request", [&](long index) {
        double took = seconds[index & 1023];
        requests.Increment();
        duration.Observe(took);
        responses.Increment();
        latency.Observe(took);
        in.Observe(120);
        out.Observe(220);
        items.Increment();
    });
    return 0;
}
