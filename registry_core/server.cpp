#include "registry_core/server.hpp"

#include "registry_core/counters.hpp"
#include "registry_core/envelope.hpp"
#include "registry_core/event_text.hpp"
#include "registry_core/protocol/decode.hpp"
#include "registry_core/protocol/encode.hpp"
#include "registry_core/reachable_endpoint.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <ctime>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <system_error>
#include <unistd.h>

namespace registry_core {

namespace {

using std::chrono::milliseconds;

constexpr Nanos nanos_per_ms = 1'000'000;

/// Short enough that LivenessClock never falls behind while nothing is to be done.
constexpr Nanos longest_wait = 100 * nanos_per_ms;
constexpr Nanos tick_interval = 200 * nanos_per_ms;

// A round ends after so many requests or so long, so that liveness and ticks have their turn under any load.
constexpr int requests_a_round = 1000;
constexpr Nanos longest_round = 5 * nanos_per_ms;
constexpr std::size_t expired_a_round = 1000;

constexpr Nanos quiet_before_end = 100 * nanos_per_ms;
constexpr Nanos longest_end = nanos_per_second;

/// libzmq learns only every half queue what a peer has read: twice the promised 1,000 unanswered replies keep
/// the promise.
constexpr int reply_queue = 2100;

Nanos monotonic_now() noexcept {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * nanos_per_second + time.tv_nsec;
}

std::string random_id() {
  std::array<unsigned char, 8> bytes{};
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    throw std::system_error(errno, std::generic_category(), "getrandom");
  }
  static constexpr std::string_view hex = "0123456789abcdef";
  std::string id;
  for (const unsigned char byte : bytes) {
    id.push_back(hex[byte >> 4]);
    id.push_back(hex[byte & 15]);
  }
  return id;
}

RegistryOptions registry_options(const ServerOptions& options) {
  RegistryOptions result;
  result.heartbeat_timeout = options.heartbeat_timeout.count();
  result.takeover = options.takeover;
  if (options.forget_offline_after) result.forget_offline_after = options.forget_offline_after->count();
  if (!options.connect_endpoints.empty()) result.connect_host = host_of(options.connect_endpoints.front());
  result.epoch = random_id();
  result.run = random_id();
  return result;
}

/// libzmq binds to addresses and interfaces, not to names.
std::string bindable(const std::string& endpoint) {
  constexpr std::string_view name = "tcp://localhost:";
  return endpoint.starts_with(name) ? "tcp://127.0.0.1:" + endpoint.substr(name.size()) : endpoint;
}

void prepare(zmq::socket_t& router, const std::vector<std::string>& endpoints) {
  router.set(zmq::sockopt::linger, 1000);
  router.set(zmq::sockopt::maxmsgsize, std::int64_t{largest_frame});
  router.set(zmq::sockopt::router_mandatory, true);
  router.set(zmq::sockopt::sndhwm, reply_queue);
  // A dead peer is found in 15 + 3 * 5 s, also when data waits for it.
  router.set(zmq::sockopt::tcp_keepalive, 1);
  router.set(zmq::sockopt::tcp_keepalive_idle, 15);
  router.set(zmq::sockopt::tcp_keepalive_intvl, 5);
  router.set(zmq::sockopt::tcp_keepalive_cnt, 3);
  router.set(zmq::sockopt::tcp_maxrt, 30'000);
  for (const std::string& endpoint : endpoints) {
    if (endpoint.find('[') != std::string::npos) router.set(zmq::sockopt::ipv6, true);
  }
}

} // namespace

class Server::State {
public:
  explicit State(ServerOptions options);
  ~State() { close(wake_); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  [[nodiscard]] const std::vector<std::string>& bound() const noexcept { return bound_; }
  void run();
  void stop() noexcept;

private:
  void bind(const std::string& endpoint);
  void finish();
  void wait(Nanos longest);
  /// \returns how many requests there were.
  int round();
  int serve_requests(Nanos until);
  void serve_one();
  void complete(protocol::RegistryInfoReply& info) const;
  void check_liveness(Nanos monotonic);
  void report();
  void log(LogLevel level, const std::string& line) const {
    if (options_.log) options_.log(level, line);
  }

  ServerOptions options_;
  zmq::context_t context_{1};
  zmq::socket_t router_{context_, zmq::socket_type::router};
  std::vector<std::string> bound_;
  int wake_;
  std::atomic<bool> stopping_ = false;

  Registry registry_;
  LivenessClock clock_;
  Nanos started_;
  Now now_;
  Nanos next_check_ = 0;
  Nanos next_tick_ = 0;

  Envelope envelope_;
  protocol::Decoder decoder_;
  std::string reply_text_;
  Counters counters_;
};

Server::State::State(ServerOptions options)
    : options_(std::move(options)), wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      registry_(registry_options(options_)), clock_(monotonic_now()), started_(monotonic_now()) {
  if (wake_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  if (options_.endpoints.empty()) throw BindError("there is no endpoint to bind");
  prepare(router_, options_.endpoints);
  for (const std::string& endpoint : options_.endpoints)
    bind(endpoint);
}

void Server::State::bind(const std::string& endpoint) {
  try {
    router_.bind(bindable(endpoint));
  } catch (const zmq::error_t& error) {
    throw BindError("can't bind " + endpoint + ": " + error.what());
  }
  bound_.push_back(router_.get(zmq::sockopt::last_endpoint));
}

void Server::State::stop() noexcept {
  stopping_ = true;
  const std::uint64_t one = 1;
  // It fails only where the counter is full, and then the descriptor is readable anyway.
  [[maybe_unused]] const auto written = write(wake_, &one, sizeof one);
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
  if (options_.on_ending) options_.on_ending();
  const Nanos end = monotonic_now() + longest_end;
  Nanos quiet_since = monotonic_now();
  while (monotonic_now() < end && monotonic_now() - quiet_since < quiet_before_end) {
    wait(quiet_before_end / 10);
    if (round() != 0) quiet_since = monotonic_now();
  }
  router_.close();
  context_.close();
}

void Server::State::wait(Nanos longest) {
  if (longest == 0) return;
  std::array<pollfd, 2> descriptors = {{{router_.get(zmq::sockopt::fd), POLLIN, 0}, {wake_, POLLIN, 0}}};
  // While ending the wake-up has done its work and would only keep the loop busy.
  const nfds_t count = stopping_ ? 1 : 2;
  if (poll(descriptors.data(), count, static_cast<int>(longest / nanos_per_ms)) < 0 && errno != EINTR) {
    throw std::system_error(errno, std::generic_category(), "poll");
  }
}

int Server::State::round() {
  const Nanos monotonic = monotonic_now();
  const Nanos before = clock_.now();
  if (clock_.advance(monotonic)) {
    registry_.grant_timeout(before, clock_.now());
    counters_.count_stall();
    log(LogLevel::warning,
        "the registry did not run for over 1 s; every manager that was online has a full timeout again");
  }
  now_ = {clock_.now(), monotonic};
  const int served = serve_requests(monotonic + longest_round);
  check_liveness(monotonic);
  report();
  if (options_.on_tick && monotonic >= next_tick_) {
    next_tick_ = monotonic + tick_interval;
    options_.on_tick();
  }
  return served;
}

int Server::State::serve_requests(Nanos until) {
  constexpr int requests_a_look_at_the_clock = 32;
  for (int served = 0; served < requests_a_round; ++served) {
    if (served % requests_a_look_at_the_clock == requests_a_look_at_the_clock - 1 &&
        monotonic_now() > until) {
      return requests_a_round; // as good as full: there may be more
    }
    if (!envelope_.receive(router_)) return served;
    serve_one();
  }
  return requests_a_round;
}

void Server::State::serve_one() {
  protocol::RequestId request_id;
  protocol::Reply reply;
  if (envelope_.too_large()) {
    reply = protocol::Error{protocol::ErrorCode::too_large, "a request has at most 64 KiB and 16 frames"};
  } else {
    const protocol::Request& request = decoder_.decode(envelope_.body());
    request_id = decoder_.request_id();
    counters_.count_request(request);
    std::string address;
    const bool of_a_manager = std::holds_alternative<protocol::Heartbeat>(request) ||
                              std::holds_alternative<protocol::RegisterActor>(request);
    if (of_a_manager) address = peer_host(envelope_.peer_address());
    if (std::holds_alternative<protocol::RegistryInfo>(request))
      registry_.expire(now_.liveness, expired_a_round);
    reply = registry_.handle(request, {address, now_});
    if (auto* info = std::get_if<protocol::RegistryInfoReply>(&reply)) complete(*info);
  }
  counters_.count_reply(reply);
  protocol::encode(reply, request_id, reply_text_);
  if (!envelope_.send_reply(router_, reply_text_)) counters_.count_dropped_reply();
}

void Server::State::complete(protocol::RegistryInfoReply& info) const {
  info.version = ACTORSCTL_VERSION;
  info.store = "memory";
  info.uptime_s = static_cast<double>(now_.monotonic - started_) / nanos_per_second;
  info.counters = counters_.list();
  for (const std::string& warning : options_.warnings)
    info.warnings.emplace_back(warning);
}

void Server::State::check_liveness(Nanos monotonic) {
  if (monotonic < next_check_) return;
  const bool more = registry_.expire(now_.liveness, expired_a_round);
  next_check_ = more ? monotonic : monotonic + options_.check_interval.count();
}

void Server::State::report() {
  for (const Event& event : registry_.take_events())
    log(level_of(event), text_of(event));
  // The state is in memory alone: what a store would write down is done with.
  registry_.take_changes();
}

Server::Server(ServerOptions options) : state_(std::make_unique<State>(std::move(options))) {}
Server::~Server() = default;
const std::vector<std::string>& Server::bound_endpoints() const noexcept {
  return state_->bound();
}
void Server::run() {
  state_->run();
}
void Server::stop() noexcept {
  state_->stop();
}

} // namespace registry_core
