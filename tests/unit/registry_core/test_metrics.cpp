#include "registry_core/metrics.hpp"
#include "registry_core/metrics_page.hpp"
#include "registry_core/server.hpp"

#include <doctest/doctest.h>

#include <arpa/inet.h>
#include <memory>
#include <netinet/in.h>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

using namespace registry_core;

namespace {

/// A TCP connection to the page.
class Browser {
public:
  explicit Browser(const std::string& bound) : descriptor_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(bound.substr(bound.rfind(':') + 1))));
    REQUIRE(connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  }
  ~Browser() { close(descriptor_); }
  Browser(const Browser&) = delete;
  Browser& operator=(const Browser&) = delete;

  void say(const std::string& text) const {
    REQUIRE(send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size()));
  }
  /// All until the other side closes, or has sent the page's end and stays; fails after 10 s.
  [[nodiscard]] std::string answer(const std::string& end = {}) const {
    std::string text;
    std::array<char, 4096> block{};
    while (end.empty() || !text.ends_with(end)) {
      pollfd ready{descriptor_, POLLIN, 0};
      REQUIRE(poll(&ready, 1, 10'000) == 1);
      const ssize_t size = recv(descriptor_, block.data(), block.size(), 0);
      if (size <= 0) return text;
      text.append(block.data(), static_cast<std::size_t>(size));
    }
    return text;
  }
  [[nodiscard]] bool is_answered() const {
    pollfd ready{descriptor_, POLLIN, 0};
    return poll(&ready, 1, 0) == 1;
  }
  [[nodiscard]] std::string get(const std::string& request) const {
    say(request + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    return answer();
  }

private:
  int descriptor_;
};

} // namespace

TEST_CASE("a histogram's buckets end where their bounds say") {
  Histogram histogram;
  histogram.add(0);
  histogram.add(1000);
  histogram.add(1001);
  histogram.add(2'000'000'000);
  CHECK(histogram.counts()[0] == 2);
  CHECK(histogram.counts()[1] == 1);
  CHECK(histogram.counts().back() == 1);
  CHECK(histogram.sum() == 2'000'002'001);
  CHECK(histogram.longest() == 2'000'000'000);
}

TEST_CASE("the page is OpenMetrics: families together, totals, buckets that add up, an end") {
  Metrics metrics;
  metrics.lookup.add(1500);
  metrics.lookup.add(40'000);
  metrics.round.add(21'500'000);
  metrics.round.add(3000);
  metrics.batches_stored = 3;
  metrics.events.at(static_cast<std::size_t>(Event::Kind::offline)) = 2;
  MetricsSnapshot snapshot;
  snapshot.metrics = &metrics;
  snapshot.counters = {{"request.LookupActor", 7}, {"error.taken", 1}, {"dropped_replies", 4}, {"stalls", 0}};
  snapshot.counts = {10, 8, 5, 4, 1};
  snapshot.uptime_s = 1.5;
  snapshot.version = "1.2";
  const std::string page = open_metrics(snapshot);
  for (const char* line : {
           "actors_registry_build_info{version=\"1.2\"} 1\n",
           "# TYPE actors_registry_uptime_seconds gauge\n# UNIT actors_registry_uptime_seconds seconds\n",
           "actors_registry_uptime_seconds 1.5\n",
           "actors_registry_requests_total{type=\"LookupActor\"} 7\n",
           "actors_registry_errors_total{code=\"taken\"} 1\n",
           "actors_registry_dropped_replies_total 4\n",
           "actors_registry_lookup_seconds_bucket{le=\"1e-06\"} 0\n",
           "actors_registry_lookup_seconds_bucket{le=\"2.5e-06\"} 1\n",
           "actors_registry_lookup_seconds_bucket{le=\"5e-05\"} 2\n",
           "actors_registry_lookup_seconds_bucket{le=\"+Inf\"} 2\n",
           "actors_registry_lookup_seconds_sum 4.15e-05\n",
           "actors_registry_lookup_seconds_count 2\n",
           "actors_registry_loop_round_longest_seconds 0.0215\n",
           "actors_registry_managers{state=\"online\"} 3\n",
           "actors_registry_managers{state=\"suspect\"} 1\n",
           "actors_registry_managers{state=\"offline\"} 1\n",
           "actors_registry_actors{state=\"offline\"} 2\n",
           "actors_registry_transitions_total{event=\"offline\"} 2\n",
           "actors_registry_store_batches_total{result=\"stored\"} 3\n",
           "actors_registry_store_works 1\n",
       }) {
    CHECK_MESSAGE(page.find(line) != std::string::npos, line);
  }
  CHECK(page.ends_with("# EOF\n"));
}

TEST_CASE("the page is served, with its type, and nothing else is") {
  MetricsPage page("127.0.0.1:0");
  CHECK(page.bound().starts_with("127.0.0.1:"));
  page.publish("hello 1\n# EOF\n");
  const std::string got = Browser(page.bound()).get("GET /metrics");
  CHECK(got.starts_with("HTTP/1.1 200"));
  CHECK(got.find("Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8") !=
        std::string::npos);
  CHECK(got.ends_with("hello 1\n# EOF\n"));
  CHECK(Browser(page.bound()).get("HEAD /metrics").starts_with("HTTP/1.1 200"));
  CHECK(Browser(page.bound()).get("GET /").find("see /metrics") != std::string::npos);
  CHECK(Browser(page.bound()).get("GET /x").starts_with("HTTP/1.1 404"));
  CHECK(Browser(page.bound()).get("DELETE /metrics").starts_with("HTTP/1.1 405"));
}

TEST_CASE("half a request, and many, hold nobody up, and the end does not wait for them") {
  auto page = std::make_unique<MetricsPage>("127.0.0.1:0");
  std::vector<std::unique_ptr<Browser>> idle;
  for (int i = 0; i < 20; ++i) {
    idle.push_back(std::make_unique<Browser>(page->bound()));
    idle.back()->say("GET /met");
  }
  CHECK(Browser(page->bound()).get("GET /metrics").starts_with("HTTP/1.1 200"));
  page.reset();
}

TEST_CASE("who comes when all places are taken is served as soon as one is free") {
  const MetricsPage page("127.0.0.1:0");
  std::vector<std::unique_ptr<Browser>> idle;
  for (int i = 0; i < 32; ++i) {
    idle.push_back(std::make_unique<Browser>(page.bound()));
    idle.back()->say("GET /met");
  }
  const Browser late(page.bound());
  late.say("GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  // One that stays is served again and again meanwhile: the late one was not overlooked for an instant only.
  idle.front()->say("rics HTTP/1.1\r\nHost: x\r\n\r\n");
  for (int i = 0; i < 3; ++i) {
    CHECK(idle.front()->answer("# EOF\n").starts_with("HTTP/1.1 200"));
    idle.front()->say("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
  }
  CHECK_FALSE(late.is_answered());
  idle.clear();
  CHECK(late.answer().starts_with("HTTP/1.1 200"));
}

TEST_CASE("an address that can't be bound is named") {
  const MetricsPage page("127.0.0.1:0");
  CHECK_THROWS_WITH_AS(
      MetricsPage(page.bound()),
      ("can't bind the metrics page to " + page.bound() + ": Address already in use").c_str(), BindError);
  CHECK_THROWS_AS(MetricsPage("host.invalid:1"), BindError);
}
