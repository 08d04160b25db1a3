#include "registry_core/server.hpp"

#include "registry_core/actor_socket.hpp"
#include "registry_core/counters.hpp"
#include "registry_core/descriptors.hpp"
#include "registry_core/dispatcher.hpp"
#include "registry_core/endpoints.hpp"
#include "registry_core/event_socket.hpp"
#include "registry_core/event_text.hpp"
#include "registry_core/metrics.hpp"
#include "registry_core/metrics_page.hpp"
#include "registry_core/persistence.hpp"
#include "registry_core/random.hpp"
#include "registry_core/reachable_endpoint.hpp"
#include "registry_core/router_socket.hpp"
#include "registry_core/security/zap_socket.hpp"
#include "registry_core/wait_set.hpp"

#include <algorithm>
#include <atomic>
#include <climits>
#include <ctime>
#include <utility>

namespace registry_core {

namespace {

constexpr Nanos nanos_per_ms = 1'000'000;

/// Short enough that LivenessClock never falls behind while nothing is to be done.
constexpr Nanos longest_wait = 100 * nanos_per_ms;
constexpr Nanos tick_interval = 200 * nanos_per_ms;
constexpr Nanos event_tick_interval = nanos_per_second;
constexpr Nanos page_interval = nanos_per_second;

// A round is short, so that nobody waits long for others, and liveness and ticks have their turn under any
// load.
constexpr int requests_a_round = 1000;
constexpr int requests_a_round_while_storing = 64; ///< answers to what was stored come between
constexpr Nanos longest_round = 2 * nanos_per_ms;
constexpr std::size_t answers_a_round = 32; ///< to requests that were stored
constexpr std::size_t expired_a_round = 1000;
constexpr int comings_a_round = 256; ///< and goings, of each socket
constexpr int handshakes_a_round = 64;
constexpr int subscriptions_a_round = 256;

constexpr Nanos quiet_before_end = 100 * nanos_per_ms;
constexpr Nanos longest_end = nanos_per_second;

Nanos monotonic_now() noexcept {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * nanos_per_second + time.tv_nsec;
}

RegistryOptions registry_options(const ServerSettings& settings) {
  RegistryOptions result;
  result.heartbeat_timeout = settings.heartbeat_timeout.count();
  result.takeover = settings.takeover;
  if (settings.forget_offline_after) result.forget_offline_after = settings.forget_offline_after->count();
  result.mass_timeout_guard = settings.mass_timeout_guard;
  result.guard_max = settings.guard_max.count();
  result.limits = settings.limits;
  if (!settings.connect_endpoints.empty()) result.connect_host = host_of(settings.connect_endpoints.front());
  return result;
}

/// No more connections than there may be open files.
ServerSettings within_descriptors(ServerSettings settings, bool answers_actors) {
  Limits& limits = settings.limits;
  const auto shares = share_descriptors(most_open_files(), answers_actors ? limits.push_connections : 0);
  limits.connections = std::min(limits.connections, shares.connections);
  if (answers_actors) limits.push_connections = shares.push_connections;
  return settings;
}

ServerOptions within_descriptors(ServerOptions options) {
  options.settings = within_descriptors(std::move(options.settings), !options.actor_endpoint.empty());
  return options;
}

/// With what the store holds. The liveness clock begins afterwards: reading is no silence of anybody's.
Registry make_registry(const ServerSettings& settings, std::optional<Persistence>& store) {
  RegistryOptions options = registry_options(settings);
  options.epoch = store ? store->epoch() : random_id();
  options.run = random_id();
  Registry registry(std::move(options));
  if (store) store->restore(registry, {0, monotonic_now()});
  return registry;
}

} // namespace

class Server::State {
public:
  explicit State(ServerOptions options);
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  void run();
  void stop() noexcept;
  void change_settings(ServerSettings settings);

  [[nodiscard]] const RouterSocket& router() const noexcept { return router_; }
  [[nodiscard]] const std::optional<ActorSocket>& actor_socket() const noexcept { return actor_socket_; }
  [[nodiscard]] const std::optional<EventSocket>& event_socket() const noexcept { return event_socket_; }
  [[nodiscard]] const std::optional<MetricsPage>& metrics_page() const noexcept { return metrics_page_; }
  [[nodiscard]] Registry::Counts counts() const noexcept { return registry_.counts(); }

private:
  Dispatcher::Options dispatcher_options();
  void set_access();
  void set_guarded();
  void watch_descriptors();
  void end_refused();
  /// \returns whether there may be more.
  bool watch_connections(int most);
  void finish();
  void wait(Nanos longest);
  void serve_connections();
  /// \returns how many requests there were; as many as a round can have where there is more to do at once.
  int round();
  void advance_clock(Nanos monotonic);
  int serve_requests();
  Received receive();
  void take_stored();
  void complete(protocol::RegistryInfoReply& info, Incoming& incoming);
  void check_liveness();
  void report();
  void publish_metrics();
  [[nodiscard]] double uptime_s() const noexcept {
    return static_cast<double>(now_.monotonic - started_) / nanos_per_second;
  }
  void tick();
  void log(LogLevel level, std::string text, std::string event = {}) const {
    if (options_.log) options_.log({level, std::move(text), std::move(event)});
  }

  ServerOptions options_;
  const Endpoints endpoints_{options_};
  zmq::context_t context_{1};
  WaitSet wait_set_;
  std::atomic<bool> stopping_ = false;

  Counters counters_;
  Metrics metrics_;
  std::optional<Persistence> store_;
  Registry registry_;
  LivenessClock clock_;
  Nanos started_;
  Now now_;
  Nanos next_check_ = 0;
  Nanos next_tick_ = 0;
  Nanos next_event_tick_ = 0;
  Nanos next_page_ = 0;
  bool connections_move_ = true; ///< there may be something to take note of

  Gate gate_;
  ZapSocket zap_; ///< before the sockets below, and longer than they
  RouterSocket router_;
  std::optional<ActorSocket> actor_socket_;
  std::optional<EventSocket> event_socket_;
  std::optional<MetricsPage> metrics_page_;
  Dispatcher dispatcher_;
};

Server::State::State(ServerOptions options)
    : options_(within_descriptors(std::move(options))),
      store_(options_.store ? std::optional<Persistence>(std::in_place, *options_.store) : std::nullopt),
      registry_(make_registry(options_.settings, store_)), clock_(monotonic_now()), started_(monotonic_now()),
      gate_(counters_, options_.log),
      zap_(context_, [this](const ConnectionRequest& request) { return gate_.judge(request); }),
      router_(context_, endpoints_.router_bindings(), options_.settings.limits, counters_, gate_,
              options_.listening),
      dispatcher_(registry_, counters_, dispatcher_options()) {
  if (options_.endpoints.empty()) throw BindError("there is no endpoint to bind");
  set_access();
  if (!options_.actor_endpoint.empty())
    actor_socket_.emplace(context_, endpoints_.binding(endpoints_.actor_index()), options_.settings,
                          counters_, gate_, options_.log, options_.listening);
  if (!options_.events_endpoint.empty())
    event_socket_.emplace(context_, endpoints_.binding(endpoints_.events_index()), endpoints_.events_index(),
                          options_.settings.limits, gate_, options_.listening);
  if (!options_.metrics_endpoint.empty()) metrics_page_.emplace(options_.metrics_endpoint);
  set_guarded();
  watch_descriptors();
}

void Server::State::watch_descriptors() {
  using Of = WaitSet::Of;
  wait_set_.add(zap_.descriptor(), Of::connections);
  wait_set_.add(router_.guard().descriptor(), Of::connections);
  wait_set_.add(router_.descriptor(), Of::requests);
  if (actor_socket_) {
    wait_set_.add(actor_socket_->guard().descriptor(), Of::connections);
    wait_set_.add(actor_socket_->descriptor(), Of::requests);
  }
  if (event_socket_) {
    wait_set_.add(event_socket_->guard().descriptor(), Of::connections);
    wait_set_.add(event_socket_->descriptor(), Of::connections);
  }
  if (store_) wait_set_.add(store_->descriptor(), Of::requests);
}

/// What changes with the settings.
void Server::State::set_access() {
  const auto& settings = options_.settings;
  gate_.set_access(endpoints_.access(), settings.clients);
  gate_.rate().change(settings.limits.peer_messages_s);
  gate_.connections().set_limits({settings.limits.connections, settings.limits.peer_connections});
}

void Server::State::set_guarded() {
  std::vector<GuardedEndpoint> endpoints;
  for (std::size_t i = 0; i < router_.bound().size(); ++i)
    endpoints.push_back({router_.bound()[i], i});
  router_.guard().set_endpoints(std::move(endpoints));
  if (actor_socket_)
    actor_socket_->guard().set_endpoints({{actor_socket_->bound(), endpoints_.actor_index()}});
  if (event_socket_)
    event_socket_->guard().set_endpoints({{event_socket_->bound(), endpoints_.events_index()}});
}

/// Those who have come already and would not be let in any more.
void Server::State::end_refused() {
  watch_connections(INT_MAX);
  for (std::size_t i = 0; i < endpoints_.size(); ++i)
    gate_.end_refused_addresses(i);
  const bool asks_listeners = event_socket_ && endpoints_.is_curve(endpoints_.events_index());
  if (asks_listeners) event_socket_->end_untrusted();
}

Dispatcher::Options Server::State::dispatcher_options() {
  Dispatcher::Options options;
  if (store_) options.append = [this](std::string batch) { store_->append(std::move(batch)); };
  options.complete_info = [this](protocol::RegistryInfoReply& info, Incoming& incoming) {
    complete(info, incoming);
  };
  options.most_of_a_peer = options_.settings.limits.peer_queue;
  return options;
}

void Server::State::change_settings(ServerSettings settings) {
  options_.settings = within_descriptors(std::move(settings), !options_.actor_endpoint.empty());
  registry_.change_options(registry_options(options_.settings));
  dispatcher_.change_most_of_a_peer(options_.settings.limits.peer_queue);
  router_.change_limits(options_.settings.limits);
  if (actor_socket_) actor_socket_->change_settings(options_.settings);
  set_access();
  end_refused();
}

void Server::State::stop() noexcept {
  if (!stopping_.exchange(true)) wait_set_.wake(); // who says it again does not keep finish() awake
}

void Server::State::run() {
  Nanos longest = 0;
  while (!stopping_) {
    wait(longest);
    const int served = round();
    // libzmq's descriptor tells of what is new, so nobody sleeps before the queue was seen empty.
    longest = served < requests_a_round ? longest_wait : 0;
  }
  finish();
}

/// Unbinding first would lose what is on its way (measured).
void Server::State::finish() {
  wait_set_.forget_wake();
  if (options_.on_ending) options_.on_ending();
  const Nanos end = monotonic_now() + longest_end;
  Nanos quiet_since = monotonic_now();
  while (monotonic_now() < end && (monotonic_now() - quiet_since < quiet_before_end || !dispatcher_.idle())) {
    wait(quiet_before_end / 10);
    if (round() != 0) quiet_since = monotonic_now();
  }
}

/// What concerns connections is rare, and looking for it in vain would cost each round as much as a lookup.
/// So it is looked at only where its descriptors say so, or something was left.
void Server::State::wait(Nanos longest) {
  if (wait_set_.wait(connections_move_ ? 0 : longest)) connections_move_ = true;
}

/// Who comes, who goes, and who may come.
void Server::State::serve_connections() {
  if (!std::exchange(connections_move_, false)) return;
  bool more = watch_connections(comings_a_round);
  if (zap_.work(handshakes_a_round)) more = true;
  if (event_socket_ && event_socket_->take_subscriptions(now_.monotonic, subscriptions_a_round)) more = true;
  connections_move_ = more;
}

void Server::State::advance_clock(Nanos monotonic) {
  const Nanos before = clock_.now();
  if (clock_.advance(monotonic)) {
    registry_.grant_timeout(before, clock_.now());
    counters_.count_stall();
    log(LogLevel::warning,
        "the registry did not run for over 1 s; every manager that was online has a full timeout again",
        "stall");
  }
  now_ = {clock_.now(), monotonic};
}

int Server::State::round() {
  const Nanos monotonic = monotonic_now();
  advance_clock(monotonic);
  serve_connections();
  take_stored();
  bool more = dispatcher_.work(answers_a_round);
  const int served = serve_requests();
  router_.send_replies();
  check_liveness();
  dispatcher_.submit(now_);
  if (store_ && store_->advance_snapshot(registry_, now_)) more = true;
  tick();
  report();
  if (metrics_page_) {
    metrics_.round.add(monotonic_now() - monotonic);
    publish_metrics();
  }
  return more ? requests_a_round : served;
}

Received Server::State::receive() {
  const auto received = router_.receive(now_);
  if (received.kind != Received::Kind::nothing || !actor_socket_) return received;
  return actor_socket_->receive(now_);
}

bool Server::State::watch_connections(int most) {
  bool more = router_.guard().work(most);
  if (actor_socket_ && actor_socket_->guard().work(most)) more = true;
  if (event_socket_ && event_socket_->guard().work(most)) more = true;
  return more;
}

int Server::State::serve_requests() {
  constexpr int requests_a_look_at_the_clock = 32;
  const int most = dispatcher_.idle() ? requests_a_round : requests_a_round_while_storing;
  Nanos since = now_.monotonic;
  for (int served = 0; served < most; ++served) {
    const bool looks = served % requests_a_look_at_the_clock == requests_a_look_at_the_clock - 1;
    if (looks && monotonic_now() > now_.monotonic + longest_round) break;
    const auto received = receive();
    if (received.kind == Received::Kind::nothing) return served;
    if (received.kind == Received::Kind::refused) continue;
    const bool is_lookup = dispatcher_.take(*received.incoming);
    if (metrics_page_) {
      const Nanos now = monotonic_now();
      (is_lookup ? metrics_.lookup : metrics_.request).add(now - std::exchange(since, now));
    }
  }
  return requests_a_round;
}

void Server::State::publish_metrics() {
  if (now_.monotonic < next_page_) return;
  next_page_ = now_.monotonic + page_interval;
  MetricsSnapshot snapshot;
  snapshot.metrics = &metrics_;
  snapshot.counters = counters_.list();
  snapshot.counts = registry_.counts();
  snapshot.held_requests = dispatcher_.held();
  snapshot.connections = gate_.connections().size();
  snapshot.events_sent = event_socket_ ? event_socket_->published() : 0;
  snapshot.uptime_s = uptime_s();
  snapshot.version = ACTORSCTL_VERSION;
  snapshot.store_works = !store_ || store_->failure().empty();
  metrics_page_->publish(open_metrics(snapshot));
}

void Server::State::take_stored() {
  if (!store_) return;
  const bool failed_before = !store_->failure().empty();
  const auto result = store_->take_result();
  if (!result) return;
  if (!result->stored && !failed_before) {
    log(LogLevel::error,
        "store: " + result->error +
            "; registrations are refused until it works, lookups and heartbeats go on",
        "store_failed");
  } else if (result->stored && failed_before) {
    log(LogLevel::warning, "store: it works again", "store_recovered");
  }
  ++(result->stored ? metrics_.batches_stored : metrics_.batches_failed);
  metrics_.commit.add(result->took.count());
  dispatcher_.stored(now_, result->error);
}

void Server::State::complete(protocol::RegistryInfoReply& info, Incoming& incoming) {
  info.version = ACTORSCTL_VERSION;
  info.store = !store_ ? "memory" : store_->failure().empty() ? "durable" : "failing";
  info.uptime_s = uptime_s();
  info.counters = counters_.list();
  if (event_socket_) {
    info.events_endpoint = endpoint_for_peer(event_socket_->bound(), incoming.address(),
                                             incoming.local_host(), registry_.options().connect_host);
  }
  for (const std::string& warning : options_.settings.warnings)
    info.warnings.emplace_back(warning);
  if (store_ && !store_->failure().empty()) info.warnings.emplace_back(store_->failure());
}

void Server::State::check_liveness() {
  if (now_.monotonic < next_check_) return;
  const bool more = registry_.expire(now_, expired_a_round);
  next_check_ = more ? now_.monotonic : now_.monotonic + options_.settings.check_interval.count();
  if (const auto trip = registry_.take_guard_trip()) {
    log(LogLevel::warning,
        "mass_timeout_guard: at least " + std::to_string(trip->silent) + " of " +
            std::to_string(trip->online) +
            " managers fell silent within one check; they read as online, and as suspects, until they are "
            "heard "
            "or guard_max_s is over",
        "mass_timeout");
  }
}

void Server::State::tick() {
  if (event_socket_ && now_.monotonic >= next_event_tick_) {
    next_event_tick_ = now_.monotonic + event_tick_interval;
    registry_.tick();
  }
  if (options_.on_tick && now_.monotonic >= next_tick_) {
    next_tick_ = now_.monotonic + tick_interval;
    options_.on_tick();
  }
}

void Server::State::report() {
  for (const Event& event : registry_.take_events()) {
    ++metrics_.events.at(static_cast<std::size_t>(event.kind));
    if (event_socket_) event_socket_->publish(event, registry_.options().run, registry_.options().epoch);
    const bool is_logged = options_.log && event.kind != Event::Kind::tick;
    if (is_logged && level_of(event.kind) >= options_.log_from) options_.log(log_entry_of(event));
  }
}

Server::Server(ServerOptions options) : state_(std::make_unique<State>(std::move(options))) {}
Server::~Server() = default;
void Server::run() {
  state_->run();
}
void Server::change_settings(ServerSettings settings) {
  state_->change_settings(std::move(settings));
}
void Server::stop() noexcept {
  state_->stop();
}

const std::vector<std::string>& Server::bound_endpoints() const noexcept {
  return state_->router().bound();
}

const std::string& Server::bound_actor_endpoint() const noexcept {
  static const std::string none;
  return state_->actor_socket() ? state_->actor_socket()->bound() : none;
}

const std::string& Server::bound_events_endpoint() const noexcept {
  static const std::string none;
  return state_->event_socket() ? state_->event_socket()->bound() : none;
}

const std::string& Server::bound_metrics_endpoint() const noexcept {
  static const std::string none;
  return state_->metrics_page() ? state_->metrics_page()->bound() : none;
}

Registry::Counts Server::counts() const noexcept {
  return state_->counts();
}

} // namespace registry_core
