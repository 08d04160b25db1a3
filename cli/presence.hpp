#pragma once

#include "actors/registry/RegistryClient.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace cli {

struct ActorAt {
  std::string name;
  std::string endpoint;
};

/// A manager's presence in the registry, kept on a thread of its own: its actors are registered, heartbeats
/// begin, and when it ends the registry is told goodbye. A registry that is away is asked again until it
/// answers.
class Presence {
public:
  /// All are called on that thread.
  struct Work {
    /// The registry has the actors, or does not answer for now; heartbeats have begun. Once, unless refused.
    std::function<void()> ready;
    /// The registry does not take an actor, or not this client, and there will be no presence. Once, unless
    /// ready. It is given what was thrown.
    std::function<void(std::exception_ptr)> refused;
    /// A line for people: what is wrong, and that it is right again.
    std::function<void(const std::string&)> say;
  };

  /// \param with_keys the client has keys: that a handshake fails is then a refusal.
  Presence(actors::registry::RegistryClient& client, bool with_keys, std::vector<ActorAt> actors, Work work);
  /// Says goodbye, unless the registry did not answer when it was last asked. Takes as long as the client's
  /// timeout at most.
  ~Presence();
  Presence(const Presence&) = delete;
  Presence& operator=(const Presence&) = delete;

private:
  enum class Round { done, no_answer, refused };

  void run();
  Round register_left();
  /// Whether the same question may have a better answer later.
  [[nodiscard]] bool may_pass(const actors::registry::RegistryError& error) const;
  bool is_ending();
  bool ends_within(std::chrono::seconds time);
  void wait_for_it(const actors::registry::RegistryError& error);

  actors::registry::RegistryClient& client_;
  bool with_keys_;
  std::vector<ActorAt> left_; ///< not registered
  Work work_;
  std::size_t registered_ = 0;
  bool begun_ = false;
  std::exception_ptr refusal_; ///< what was thrown before it had begun
  std::string problem_;        ///< the last that was said; empty: there was none
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ending_ = false;
  std::thread thread_;
};

} // namespace cli
