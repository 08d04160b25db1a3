#include "ssh/session.hpp"

#include "ssh/authentication.hpp"
#include "ssh/connection.hpp"
#include "ssh/host_keys.hpp"
#include "ssh/poller.hpp"
#include "ssh/remote_command.hpp"

#include <libssh/server.h>

#include <algorithm>
#include <deque>
#include <new>
#include <optional>

namespace ssh {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t most_channels = 8; // sshd's MaxSessions is 10; some room for others on a shared one
constexpr std::chrono::seconds keepalive_period{5};
constexpr milliseconds retry_delay{100};
constexpr milliseconds look_period{250};
constexpr std::chrono::seconds retry_time{2};

/// Notices a link that was cut: counts what comes in, and asks for an answer where nothing does.
class Keepalive {
public:
  explicit Keepalive(ssh_session session) : session_(session) {
    ssh_set_counters(session, &counter_, nullptr);
    heard_ = asked_ = Clock::now();
    bytes_ = counter_.in_bytes;
  }
  Keepalive(const Keepalive&) = delete;
  Keepalive& operator=(const Keepalive&) = delete;
  ~Keepalive() { ssh_set_counters(session_, nullptr, nullptr); }

  /// To be called at least every `keepalive_period`. \throws Error (lost).
  void check() {
    const auto now = Clock::now();
    if (counter_.in_bytes != bytes_) {
      bytes_ = counter_.in_bytes;
      heard_ = now;
    }
    if (now - heard_ >= Session::lost_after)
      throw Error(ErrorClass::lost,
                  "connection lost: nothing heard for " + std::to_string(Session::lost_after.count()) + " s");
    if (now - std::max(heard_, asked_) < keepalive_period) return;
    // libssh takes the answer to the last request in the next call, which then sends nothing.
    if (pending_) (void)ssh_send_keepalive(session_);
    (void)ssh_send_keepalive(session_);
    pending_ = true;
    asked_ = now;
  }

  [[nodiscard]] std::uint64_t received() const { return counter_.in_bytes; }

  [[nodiscard]] Clock::time_point next() const {
    return std::min(std::max(heard_, asked_) + keepalive_period, heard_ + Session::lost_after);
  }

private:
  ssh_session session_;
  ssh_counter_struct counter_{};
  std::uint64_t bytes_ = 0;
  Clock::time_point heard_, asked_;
  bool pending_ = false;
};

using Finished = std::function<void(std::size_t, const CommandResult&)>;

/// One call of Session::run.
class Run {
public:
  Run(const Connection& connection, std::span<const Command> commands, Deadline deadline,
      const Finished& finished)
      : connection_(connection), commands_(commands), deadline_(deadline), finished_(finished),
        results_(commands.size()), keepalive_(connection.get()), poller_(connection.get()) {
    for (std::size_t i = 0; i < commands.size(); ++i)
      waiting_.push_back(i);
  }

  std::vector<CommandResult> to_end() {
    for (;;) {
      advance();
      if (waiting_.empty() && running_.empty()) return std::move(results_);
      if (Clock::now() >= deadline_) {
        give_up();
        return std::move(results_);
      }
      poller_.wait(std::min({deadline_, keepalive_.next(), next_start(), next_look()}));
      keepalive_.check();
    }
  }

private:
  struct Running {
    std::size_t index;
    std::unique_ptr<RemoteCommand> command;
  };

  /// Steps until there is nothing left but to wait. A step of one command may take in what another waits for,
  /// so as long as bytes come in, all are asked again.
  void advance() {
    for (bool again = true; again;) {
      start();
      const auto before = keepalive_.received();
      again = step() || keepalive_.received() != before;
    }
  }

  void start() {
    while (!waiting_.empty() && running_.size() < limit_ && Clock::now() >= not_before_) {
      const auto index = waiting_.front();
      running_.push_back({index, std::make_unique<RemoteCommand>(connection_, commands_[index])});
      waiting_.pop_front();
    }
  }

  [[nodiscard]] Clock::time_point next_start() const {
    return !waiting_.empty() && running_.size() < limit_ ? not_before_ : Clock::time_point::max();
  }

  /// When to ask the next time whether somebody has had enough.
  [[nodiscard]] Clock::time_point next_look() const {
    const bool any = std::any_of(running_.begin(), running_.end(),
                                 [&](const auto& one) { return bool(commands_[one.index].cancelled); });
    return any ? Clock::now() + look_period : Clock::time_point::max();
  }

  /// One step of each command; true where one ended.
  bool step() {
    bool ended = false;
    for (std::size_t i = 0; i < running_.size();) {
      const auto& cancelled = commands_[running_[i].index].cancelled;
      if (cancelled && cancelled()) {
        finish(i);
        ended = true;
        continue;
      }
      switch (running_[i].command->step()) {
      case RemoteCommand::Progress::going: ++i; break;
      case RemoteCommand::Progress::broken:
        throw Error(ErrorClass::lost, "connection lost: " + connection_.failure());
      case RemoteCommand::Progress::refused: put_back(i); break;
      case RemoteCommand::Progress::done:
        finish(i);
        ended = true;
        break;
      }
    }
    return ended;
  }

  /// The server opens no more channels: from now on only as many as it has let us have. With none at all a
  /// channel that just closed may still count there, so that a little patience helps.
  void put_back(std::size_t position) {
    waiting_.push_front(running_[position].index);
    running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(position));
    limit_ = std::max<std::size_t>(1, running_.size());
    if (!running_.empty()) return;
    const auto now = Clock::now();
    if (!refused_since_) refused_since_ = now;
    if (now - *refused_since_ >= retry_time)
      throw Error(ErrorClass::busy, "server opens no session: " + connection_.failure());
    not_before_ = now + retry_delay;
  }

  void finish(std::size_t position) {
    const auto index = running_[position].index;
    results_[index] = running_[position].command->take_result();
    running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(position));
    refused_since_.reset();
    if (finished_) finished_(index, results_[index]);
  }

  void give_up() {
    while (!running_.empty())
      finish(0);
    for (const auto index : waiting_) {
      results_[index].end = CommandResult::End::timed_out;
      results_[index].exit_status = -1;
      results_[index].begun = false;
      if (finished_) finished_(index, results_[index]);
    }
    waiting_.clear();
  }

  const Connection& connection_;
  std::span<const Command> commands_;
  Deadline deadline_;
  const Finished& finished_;
  std::vector<CommandResult> results_;
  std::deque<std::size_t> waiting_;
  std::size_t limit_ = most_channels;
  Clock::time_point not_before_{};
  std::optional<Clock::time_point> refused_since_;
  Keepalive keepalive_;
  Poller poller_;
  std::vector<Running> running_;
};

} // namespace

struct Session::State {
  Connection connection;
  Trust trust;
};

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

Session Session::open(const Settings& settings, Stream stream, Deadline deadline) {
  auto connection = Connection::open(settings, std::move(stream), deadline);
  Trust trust;
  const auto host_key = connection.host_key();
  trust.host_key = host_key.type + " " + host_key.fingerprint;
  trust.known_at = require_known_host_key(settings, host_key);
  trust.own_key = authenticate(connection, settings, deadline);
  return Session(std::make_unique<State>(State{std::move(connection), std::move(trust)}));
}

const Trust& Session::trust() const noexcept {
  return state_->trust;
}

std::vector<CommandResult> Session::run(std::span<const Command> commands, Deadline deadline,
                                        const Finished& finished) {
  return Run(state_->connection, commands, deadline, finished).to_end();
}

CommandResult Session::run(const Command& command, Deadline deadline) {
  return run(std::span(&command, 1), deadline).front();
}

} // namespace ssh
