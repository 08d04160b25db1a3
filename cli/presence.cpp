#include "cli/presence.hpp"

#include <chrono>
#include <utility>

namespace cli {
namespace {

using actors::registry::HandshakeFailedError;
using actors::registry::KeyNotAcceptedError;
using actors::registry::RegistryClient;
using actors::registry::RegistryError;
using actors::registry::TimeoutError;

constexpr std::chrono::seconds between_rounds{1};

} // namespace

Presence::Presence(RegistryClient& client, bool with_keys, std::vector<ActorAt> actors, Work work)
    : client_(client), with_keys_(with_keys), left_(std::move(actors)), work_(std::move(work)),
      thread_([this] { run(); }) {}

Presence::~Presence() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Presence::run() {
  auto round = Round::no_answer;
  do {
    round = register_left();
    if (round == Round::refused) {
      work_.refused(refusal_);
    } else if (!std::exchange(begun_, true)) {
      client_.start_heartbeat();
      work_.ready();
    }
  } while (round == Round::no_answer && !ends_within(between_rounds));
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return ending_; });
  }
  if (round != Round::no_answer) client_.goodbye();
}

/// In order, up to the first without an answer.
Presence::Round Presence::register_left() {
  for (; !left_.empty() && !is_ending(); left_.erase(left_.begin())) {
    try {
      client_.register_actor(left_.front().name, left_.front().endpoint);
      ++registered_;
    } catch (const RegistryError& error) {
      if (may_pass(error)) {
        wait_for_it(error);
        return Round::no_answer;
      }
      if (!begun_) {
        refusal_ = std::current_exception();
        return Round::refused;
      }
      work_.say(error.what());
    }
  }
  if (!problem_.empty()) work_.say("answers again; actors registered: " + std::to_string(registered_));
  return Round::done;
}

/// A key that the registry does not take is somebody's mistake, to be seen at once; one that it takes no
/// longer, or that of another registry, is kept for when it does, as heartbeats are.
bool Presence::may_pass(const RegistryError& error) const {
  if (dynamic_cast<const TimeoutError*>(&error) != nullptr || error.code() == "unavailable") return true;
  const bool has_failed = dynamic_cast<const HandshakeFailedError*>(&error) != nullptr;
  // On who has no keys may hang up whatever stands before a registry that is away.
  if (has_failed && !with_keys_) return true;
  return begun_ && (has_failed || dynamic_cast<const KeyNotAcceptedError*>(&error) != nullptr);
}

/// Says so, once.
void Presence::wait_for_it(const RegistryError& error) {
  std::string problem = dynamic_cast<const TimeoutError*>(&error) != nullptr ? "no answer" : error.what();
  if (problem != problem_)
    work_.say(problem + "; the program runs all the same, and is registered when that is possible");
  problem_ = std::move(problem);
}

bool Presence::is_ending() {
  const std::lock_guard lock(mutex_);
  return ending_;
}

bool Presence::ends_within(std::chrono::seconds time) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, time, [this] { return ending_; });
}

} // namespace cli
