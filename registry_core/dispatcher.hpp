#pragma once

#include "registry_core/counters.hpp"
#include "registry_core/incoming.hpp"
#include "registry_core/registry.hpp"

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace registry_core {

/// Takes requests to the registry and holds back those that change something until it is stored: propose,
/// commit, apply, reply. What is proposed while a batch is under way makes the next one. One peer's requests
/// take effect and are answered in order, so what is behind its own change waits for it; nobody else does,
/// unless he asks for the very name that is being changed.
///
/// Pure: the store is a function that takes a batch, and stored() that is told what came of it. One thread.
class Dispatcher {
public:
  struct Options {
    /// Begins to store a batch of records. Empty: state is in memory, and nothing waits.
    std::function<void(std::string)> append;
    /// Adds to a RegistryInfo's reply what the registry does not know. May be empty.
    std::function<void(protocol::RegistryInfoReply&, Incoming&)> complete_info;
    std::size_t most_of_a_peer =
        1000; ///< held requests; what a peer sends beyond that is dropped, and counted
  };

  Dispatcher(Registry& registry, Counters& counters, Options options);
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;

  /// Answers it, now or when what it changes is stored. \returns whether it was a lookup, and is answered.
  bool take(Incoming& incoming);

  /// Once a round: what was proposed and what else is to be stored goes to the store, unless a batch is under
  /// way; what has been offline for long enough is forgotten.
  void submit(const Now& now);

  /// What came of the batch that was under way. \param error empty: it is stored. Its requests are answered
  /// by work().
  void stored(const Now& now, std::string error);

  /// Answers at most so many of the requests whose batch is done with. Often: while there are any, others
  /// would wait. \returns whether there are more.
  bool work(std::size_t most);

  /// No batch is under way, and no request waits.
  [[nodiscard]] bool idle() const noexcept { return !under_way_ && next_.empty() && held_ == 0; }
  [[nodiscard]] std::size_t held() const noexcept { return held_; }
  void change_most_of_a_peer(std::size_t most) noexcept { options_.most_of_a_peer = most; }

private:
  struct Queue;
  /// A request that waits, or a plan of the registry's own, which has none.
  struct Held {
    std::unique_ptr<Incoming> incoming;
    Plan plan;
    Queue* queue = nullptr;
  };
  /// One peer's, in order: those that are proposed, then those that wait to be decided upon.
  struct Queue {
    std::string peer;
    std::deque<std::unique_ptr<Held>> requests;
    std::size_t proposed = 0;
    bool blocked = false; ///< and it stands in blocked_
  };

  void take_change(Incoming& incoming, const protocol::Request& request);
  void take_behind(Queue& queue, Incoming& incoming, const protocol::Request& request);
  void finish(Incoming& incoming, const protocol::Request& request, const Plan& plan);
  void answer(Incoming& incoming, protocol::Reply reply);
  Queue& queue_of(std::string_view peer);
  void hold(Queue& queue, Incoming& incoming, Plan plan);
  void propose(Held& held);
  void conclude_next();
  void conclude(Held& held, const std::string& error);
  void advance(Queue& queue);
  bool advance_one(Queue& queue);
  void block(Queue& queue);
  void forget(const Now& now);

  Registry& registry_;
  Counters& counters_;
  Options options_;
  std::unordered_map<std::string_view, std::unique_ptr<Queue>> queues_; ///< of the peers that wait
  std::vector<std::string> blocked_;    ///< peers whose first request waits for another's
  std::vector<std::string> to_advance_; ///< peers whose waiting requests are to be decided upon
  std::size_t held_ = 0;

  bool under_way_ = false;    ///< until all of the batch is answered
  bool done_with_ = false;    ///< by the store
  std::string error_;         ///< of the batch that is done with
  std::size_t concluded_ = 0; ///< of batch_
  std::vector<Held*> batch_;  ///< under way, in the order in which they were proposed
  std::vector<Change> batch_unstored_;
  std::vector<Held*> next_;
  std::string next_records_;
  std::unique_ptr<Held> forgetting_;
  Nanos next_unstored_ = 0; ///< monotonic
};

} // namespace registry_core
