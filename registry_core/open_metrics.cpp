#include "registry_core/event_text.hpp"
#include "registry_core/metrics.hpp"

#include <cstdio>

namespace registry_core {

namespace {

std::string number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.9g", value);
  return text.data();
}

double seconds(Nanos time) {
  return static_cast<double>(time) / nanos_per_second;
}

/// A family of metrics, one sample a line.
class Family {
public:
  Family(std::string& out, const char* name, const char* type, const char* help)
      : out_(out), name_(std::string("actors_registry_") + name) {
    out_ += "# TYPE " + name_ + " " + type + "\n";
    if (name_.ends_with("_seconds")) out_ += "# UNIT " + name_ + " seconds\n";
    out_ += "# HELP " + name_ + " " + help + "\n";
  }
  void sample(const std::string& suffix, const std::string& labels, const std::string& value) {
    out_ += name_ + suffix + (labels.empty() ? "" : "{" + labels + "}") + " " + value + "\n";
  }
  void gauge(const std::string& labels, std::uint64_t value) { sample("", labels, std::to_string(value)); }
  void total(const std::string& labels, std::uint64_t value) {
    sample("_total", labels, std::to_string(value));
  }

private:
  std::string& out_;
  std::string name_;
};

std::string label(const char* name, std::string_view value) {
  return std::string(name) + "=\"" + std::string(value) + "\"";
}

void add_histogram(std::string& out, const char* name, const char* help, const Histogram& histogram) {
  Family family(out, name, "histogram", help);
  std::uint64_t so_far = 0;
  for (std::size_t i = 0; i < Histogram::bounds.size(); ++i) {
    so_far += histogram.counts()[i];
    family.sample("_bucket", label("le", number(seconds(Histogram::bounds[i]))), std::to_string(so_far));
  }
  so_far += histogram.counts().back();
  family.sample("_bucket", label("le", "+Inf"), std::to_string(so_far));
  family.sample("_sum", "", number(seconds(histogram.sum())));
  family.sample("_count", "", std::to_string(so_far));
}

/// Counters of RegistryInfo whose names begin so, the rest being the label.
void add_counters(std::string& out, const MetricsSnapshot& snapshot, const char* name, const char* help,
                  std::string_view prefix, const char* label_name) {
  Family family(out, name, "counter", help);
  for (const auto& counter : snapshot.counters) {
    if (counter.name.starts_with(prefix))
      family.total(label(label_name, counter.name.substr(prefix.size())), counter.value);
  }
}

void add_counter(std::string& out, const MetricsSnapshot& snapshot, const char* name, const char* help,
                 std::string_view counter_name) {
  for (const auto& counter : snapshot.counters) {
    if (counter.name == counter_name) Family(out, name, "counter", help).total("", counter.value);
  }
}

void add_states(std::string& out, const Registry::Counts& counts) {
  Family managers(out, "managers", "gauge", "Managers by state.");
  managers.gauge(label("state", "online"), counts.managers_online - counts.managers_suspect);
  managers.gauge(label("state", "suspect"), counts.managers_suspect);
  managers.gauge(label("state", "offline"), counts.managers - counts.managers_online);
  Family actors(out, "actors", "gauge", "Actors by state.");
  actors.gauge(label("state", "online"), counts.actors_online);
  actors.gauge(label("state", "offline"), counts.actors - counts.actors_online);
}

void add_transitions(std::string& out, const Metrics& metrics) {
  using Kind = Event::Kind;
  Family family(out, "transitions", "counter", "Changes of managers and of the ownership of names.");
  for (const Kind kind :
       {Kind::registered, Kind::endpoint_changed, Kind::unregistered, Kind::taken_over, Kind::online,
        Kind::offline, Kind::goodbye, Kind::superseded, Kind::forgotten, Kind::suspect})
    family.total(label("event", word_of(kind)), metrics.events.at(static_cast<std::size_t>(kind)));
}

void add_store(std::string& out, const MetricsSnapshot& snapshot) {
  Family(out, "store_works", "gauge", "1, or 0 where the latest batch could not be stored.")
      .gauge("", snapshot.store_works ? 1 : 0);
  Family batches(out, "store_batches", "counter", "Batches of changes, by what came of them.");
  batches.total(label("result", "stored"), snapshot.metrics->batches_stored);
  batches.total(label("result", "failed"), snapshot.metrics->batches_failed);
  add_histogram(out, "store_commit_seconds", "From the loop's handing over a batch to its being stored.",
                snapshot.metrics->commit);
}

} // namespace

std::string open_metrics(const MetricsSnapshot& snapshot) {
  const Metrics& metrics = *snapshot.metrics;
  std::string out;
  Family(out, "build", "info", "The version of actorsctl.")
      .sample("_info", label("version", snapshot.version), "1");
  Family(out, "uptime_seconds", "gauge", "Since the registry started.")
      .sample("", "", number(snapshot.uptime_s));
  add_counters(out, snapshot, "requests", "Requests by type.", "request.", "type");
  add_counters(out, snapshot, "errors", "Refusals by code.", "error.", "code");
  add_counters(out, snapshot, "refused", "Connections and messages that were turned away unread, by reason.",
               "refused.", "reason");
  Family(out, "connections", "gauge", "Connections of peers and listeners.").gauge("", snapshot.connections);
  add_counter(out, snapshot, "dropped_replies",
              "Replies that could not be sent: the peer was gone, or had too many unread.",
              "dropped_replies");
  add_counter(out, snapshot, "stalls", "Times that the registry itself did not run for over a second.",
              "stalls");
  Family(out, "held_requests", "gauge", "Requests that wait for the store.")
      .gauge("", snapshot.held_requests);
  add_histogram(out, "lookup_seconds", "A lookup, from its turn to its reply.", metrics.lookup);
  add_histogram(out, "request_seconds", "Any other request, as far as it is answered without the store.",
                metrics.request);
  add_histogram(out, "loop_round_seconds", "A round of the loop: how long a request may wait for others.",
                metrics.round);
  Family(out, "loop_round_longest_seconds", "gauge", "The longest round since the start.")
      .sample("", "", number(seconds(metrics.round.longest())));
  add_states(out, snapshot.counts);
  add_transitions(out, metrics);
  Family(out, "events_sent", "counter", "Events that were published to listeners.")
      .total("", snapshot.events_sent);
  add_store(out, snapshot);
  return out + "# EOF\n";
}

} // namespace registry_core
