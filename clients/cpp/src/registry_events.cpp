#include "actors/registry/RegistryEvents.hpp"

#include "clients/cpp/src/connection.hpp"
#include "clients/cpp/src/event_stream.hpp"
#include "clients/cpp/src/making_process.hpp"
#include "clients/cpp/src/replies.hpp"
#include "clients/cpp/src/subscriber.hpp"
#include "clients/cpp/src/zmq_calls.hpp"

#include <algorithm>
#include <utility>

namespace actors::registry {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds longest_question(1000);
/// Between two questions where the registry publishes.
constexpr milliseconds pause_between_questions(3000);

} // namespace

struct RegistryEvents::State {
  MakingProcess process;
  Connection connection;
  milliseconds timeout;
  zmq::context_t context = new_context();
  std::vector<std::string> topics;
  std::unique_ptr<Subscriber> subscriber; ///< none after one that was refused
  EventStream stream;
  Clock::time_point next_question;

  State(std::vector<std::string> endpoints, std::vector<std::string> chosen, milliseconds time,
        CurveKeys keys)
      : connection(std::move(endpoints), std::move(keys)), timeout(time), topics(std::move(chosen)),
        stream(topics.empty()) {
    connect(Clock::now() + timeout, timeout);
  }

  void connect(Clock::time_point deadline, milliseconds promised) {
    const Json info = ask(deadline, promised);
    const auto endpoint = info.find("events_endpoint");
    if (endpoint == info.end() || !endpoint->is_string()) throw EventsOffError(connection.good_endpoint());
    subscriber =
        std::make_unique<Subscriber>(context, endpoint->get<std::string>(), connection.keys(), topics);
  }

  Json ask(Clock::time_point deadline, milliseconds promised) {
    try {
      return expect_reply(connection.call({{"message_type", "RegistryInfo"}}, deadline, promised),
                          "RegistryInfo", connection.good_endpoint());
    } catch (const Json::exception& error) {
      throw RegistryError("registry " + connection.good_endpoint() + ": malformed reply: " + error.what());
    }
  }

  /// A new socket, in place of one whose connection may be dead without knowing it; also the way to a
  /// registry that publishes elsewhere now.
  void connect_again(Clock::time_point deadline) {
    const auto now = Clock::now();
    if (!stream.silent() || now < next_question || now >= deadline) return;
    next_question = now + pause_between_questions;
    try {
      connect(std::min(deadline, now + longest_question), longest_question);
    } catch (const TimeoutError&) { // still away
    }
  }

  [[nodiscard]] bool is_chosen(const std::string& topic) const {
    if (topics.empty() || topic == tick_topic) return true;
    // No name is empty, so these two stand for all of their kind. The rest of a subscription is a mere
    // prefix.
    return std::any_of(topics.begin(), topics.end(), [&](const std::string& chosen) {
      return chosen == "actor/" || chosen == "manager/" ? topic.starts_with(chosen) : topic == chosen;
    });
  }

  /// \returns false where the registry does not answer where it publishes.
  bool has_subscriber(Clock::time_point deadline) {
    if (subscriber) return true;
    try {
      connect(std::min(deadline, Clock::now() + longest_question), longest_question);
    } catch (const TimeoutError&) {
      return false;
    }
    return true;
  }

  std::optional<Subscriber::Message> receive() {
    try {
      return subscriber->receive();
    } catch (const RegistryError&) {
      subscriber.reset();
      throw;
    }
  }

  /// Reads until there is something to tell.
  bool read_arrived() {
    while (!stream.has_next()) {
      const auto message = receive();
      if (!message) return false;
      if (is_chosen(message->topic)) stream.arrived(message->text);
    }
    return true;
  }
};

RegistryEvents::RegistryEvents(std::vector<std::string> endpoints, std::vector<std::string> topics,
                               milliseconds timeout, CurveKeys keys)
    : state_(left_to_parent(new State(std::move(endpoints), std::move(topics), timeout, std::move(keys)))) {}
RegistryEvents::RegistryEvents(RegistryEvents&&) noexcept = default;
RegistryEvents& RegistryEvents::operator=(RegistryEvents&&) noexcept = default;
RegistryEvents::~RegistryEvents() = default;

void RegistryEvents::subscribe(const std::string& topic) {
  state_->process.check("client");
  auto& topics = state_->topics;
  if (topics.empty() || std::find(topics.begin(), topics.end(), topic) != topics.end()) return;
  topics.push_back(topic);
  if (state_->subscriber) state_->subscriber->subscribe(topic);
}

RegistryEvents::Next RegistryEvents::next(Clock::time_point deadline) {
  state_->process.check("client");
  for (;;) {
    if (!state_->has_subscriber(deadline)) return std::monostate{};
    if (state_->read_arrived()) return state_->stream.take_next();
    state_->connect_again(deadline);
    const auto now = Clock::now();
    const auto step = std::min<Clock::duration>(deadline - now, EventStream::longest_wait);
    if (step <= Clock::duration::zero()) return std::monostate{};
    const bool undisturbed = state_->subscriber->wait(step);
    // A process that was stopped meanwhile waited no longer than it had set out to.
    state_->stream.waited(std::min(Clock::now() - now, step));
    if (!undisturbed) return std::monostate{};
  }
}

} // namespace actors::registry
