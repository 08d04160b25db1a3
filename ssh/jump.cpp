#include "ssh/jump.hpp"

#include "ssh/authentication.hpp"
#include "ssh/background_thread.hpp"
#include "ssh/host_keys.hpp"
#include "ssh/poller.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <system_error>
#include <utility>

namespace ssh {

namespace {

/// A host's end of a lane: holds the jump host's session, and knows why the lane ended.
class LaneEnd : public Tunnel {
public:
  LaneEnd(std::shared_ptr<Jump> jump, std::shared_ptr<LaneFailure> failure)
      : jump_(std::move(jump)), failure_(std::move(failure)) {}
  std::optional<Error> failure() override { return failure_->get(); }

private:
  std::shared_ptr<Jump> jump_;
  std::shared_ptr<LaneFailure> failure_;
};

/// A place among the handshakes, given back at its end.
class Permit {
public:
  Permit(HandshakeLimit& limit, std::string place) : limit_(limit), place_(std::move(place)) {}
  Permit(const Permit&) = delete;
  Permit& operator=(const Permit&) = delete;
  ~Permit() { limit_.give_back(place_); }

private:
  HandshakeLimit& limit_;
  std::string place_;
};

/// Counts what a session takes in.
class Counter {
public:
  explicit Counter(ssh_session session) : session_(session) { ssh_set_counters(session, &counter_, nullptr); }
  Counter(const Counter&) = delete;
  Counter& operator=(const Counter&) = delete;
  ~Counter() { ssh_set_counters(session_, nullptr, nullptr); }
  [[nodiscard]] std::uint64_t received() const { return counter_.in_bytes; }

private:
  ssh_session session_;
  ssh_counter_struct counter_{};
};

} // namespace

Jump::Jump(Settings settings, DialRequest request, std::shared_ptr<HandshakeLimit> limit)
    : settings_(std::move(settings)), request_(std::move(request)), limit_(std::move(limit)),
      thread_(background_thread([this] { run(); })) {}

Jump::~Jump() {
  stopping_ = true;
  wakeup_.signal();
  {
    // Whatever the thread waits for ends.
    const std::lock_guard lock(mutex_);
    if (socket_) ::shutdown(socket_.get(), SHUT_RDWR);
  }
  thread_.join();
}

Stream Jump::open(const std::shared_ptr<Jump>& jump, const std::string& hostname, std::uint16_t port) {
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0)
    throw std::system_error(errno, std::generic_category(), "socketpair");
  UniqueFd ours(pair[0]), theirs(pair[1]);
  auto failure = std::make_shared<LaneFailure>();
  {
    const std::lock_guard lock(jump->mutex_);
    if (jump->failure_)
      failure->set(*jump->failure_); // its end is closed, so the failure is looked for
    else
      jump->new_lanes_.push_back(std::make_unique<JumpLane>(std::move(theirs), failure, hostname, port));
  }
  jump->wakeup_.signal();
  return {std::move(ours), std::make_shared<LaneEnd>(jump, std::move(failure))};
}

void Jump::run() noexcept {
  try {
    work();
  } catch (const Error& error) {
    fail(named(error));
  } catch (const std::exception& error) {
    fail(named(Error(ErrorClass::connect, error.what())));
  }
}

void Jump::work() {
  const auto connection = connect();
  // The channels end before their session, and the failure is there before a lane's end is seen.
  try {
    carry(connection);
  } catch (const Error& error) {
    fail(named(error));
  } catch (const std::exception& error) {
    fail(named(Error(ErrorClass::lost, error.what())));
  }
  lanes_.clear();
}

Connection Jump::connect() {
  const auto place = settings_.hostname + " port " + std::to_string(settings_.port);
  if (!limit_->take(place, request_.deadline, [this] { return stopping_.load(); }))
    throw Error(ErrorClass::timed_out, "too many handshakes with " + place + " are under way");
  const Permit permit(*limit_, place);
  auto stream = dial();
  {
    const std::lock_guard lock(mutex_);
    socket_ = UniqueFd(::fcntl(stream.socket.get(), F_DUPFD_CLOEXEC, 0));
  }
  if (stopping_) throw Error(ErrorClass::timed_out, "interrupted");
  auto connection = Connection::open(settings_, std::move(stream), request_.deadline);
  (void)require_known_host_key(settings_, connection.host_key());
  (void)authenticate(connection, settings_, request_.deadline);
  return connection;
}

Stream Jump::dial() {
  std::optional<DialResult> result;
  dial_all(
      std::span(&request_, 1), [&](std::size_t, DialResult each) { result = std::move(each); },
      [this] { return stopping_.load(); });
  if (auto* error = std::get_if<Error>(&*result)) throw Error(std::move(*error));
  return std::move(std::get<Dialed>(*result).stream);
}

void Jump::carry(const Connection& connection) {
  const Counter counter(connection.get());
  while (!stopping_) {
    // A step of one lane may take in what another waits for: as long as something moves, all are asked again.
    for (bool again = true; again;) {
      again = false;
      take_new_lanes(connection);
      const auto before = counter.received();
      for (const auto& lane : lanes_)
        again = lane->step(connection, settings_.alias) || again;
      std::erase_if(lanes_, [](const auto& lane) { return lane->ended(); });
      again = again || counter.received() != before;
    }
    if (!connection.alive()) throw Error(ErrorClass::lost, "connection lost: " + connection.failure());
    wait(connection);
  }
}

void Jump::take_new_lanes(const Connection& connection) {
  if (!connection.alive()) throw Error(ErrorClass::lost, "connection lost: " + connection.failure());
  const std::lock_guard lock(mutex_);
  std::move(new_lanes_.begin(), new_lanes_.end(), std::back_inserter(lanes_));
  new_lanes_.clear();
}

void Jump::wait(const Connection& connection) {
  const bool writes = (ssh_get_poll_flags(connection.get()) & SSH_WRITE_PENDING) != 0;
  std::vector<pollfd> polls{
      {wakeup_.fd(), POLLIN, 0},
      {ssh_get_fd(connection.get()), static_cast<short>(writes ? POLLIN | POLLOUT : POLLIN), 0}};
  for (const auto& lane : lanes_)
    polls.push_back(lane->poll_for());
  (void)::poll(polls.data(), polls.size(), -1);
  wakeup_.clear();
  for (std::size_t i = 0; i < lanes_.size(); ++i)
    lanes_[i]->polled(polls[i + 2].revents);
  std::erase_if(lanes_, [](const auto& lane) { return lane->ended(); });
  // Whether or not a lane has room for it.
  if (polls[1].revents != 0) Poller(connection.get()).wait(std::chrono::steady_clock::now());
}

void Jump::fail(const Error& error) {
  const std::lock_guard lock(mutex_);
  failure_ = error;
  for (const auto* lanes : {&lanes_, &new_lanes_}) {
    for (const auto& lane : *lanes)
      lane->fail(error);
  }
  lanes_.clear();
  new_lanes_.clear();
}

Error Jump::named(const Error& error) const {
  if (!error.hop().empty()) return error;
  return {error.error_class(), "jump host " + settings_.alias + ": " + error.what(), error.hint(),
          settings_.alias};
}

} // namespace ssh
