#include "registry_core/dispatcher.hpp"

#include "registry_core/store/record.hpp"

#include <utility>

namespace registry_core {

namespace {

/// All peers' together; far beyond what peers with a timeout make while the store is slow.
constexpr std::size_t most_held = 100'000;
/// So much of what nobody waits for goes with a batch, and so often.
constexpr std::size_t unstored_a_batch = 1000;
constexpr Nanos unstored_interval = nanos_per_second / 10;
constexpr Nanos pause_after_failure = nanos_per_second;
constexpr std::size_t forgotten_at_once = 1000;

protocol::Reply unavailable(const protocol::Request& request, const std::string& why) {
  const auto code = protocol::ErrorCode::unavailable;
  const std::string text = "can't be stored now: " + why;
  if (const auto* one = std::get_if<protocol::RegisterActor>(&request))
    return protocol::RegistrationFailed{one->actor_name, text, code};
  if (const auto* one = std::get_if<protocol::UnregisterActor>(&request))
    return protocol::RegistrationFailed{one->actor_name, text, code};
  return protocol::Error{code, text};
}

} // namespace

Dispatcher::Dispatcher(Registry& registry, Counters& counters, Options options)
    : registry_(registry), counters_(counters), options_(std::move(options)) {}

bool Dispatcher::take(Incoming& incoming) {
  const protocol::Request& request = incoming.decode();
  counters_.count_request(request);
  if (!queues_.empty()) {
    const auto queue = queues_.find(incoming.peer());
    if (queue != queues_.end()) {
      take_behind(*queue->second, incoming, request);
      return false;
    }
  }
  if (const auto* lookup = std::get_if<protocol::LookupActor>(&request)) {
    answer(incoming, registry_.look_up(*lookup, incoming.arrived));
    return true;
  }
  take_change(incoming, request);
  return false;
}

void Dispatcher::take_change(Incoming& incoming, const protocol::Request& request) {
  Plan plan = registry_.decide(request, incoming.asker());
  if (plan.answer) return answer(incoming, std::move(*plan.answer));
  if (!plan.waits && (plan.changes.empty() || !options_.append)) return finish(incoming, request, plan);
  if (held_ >= most_held) return answer(incoming, unavailable(request, "the store is slow"));
  hold(queue_of(incoming.peer()), incoming, std::move(plan));
}

/// The peer waits for an earlier request.
void Dispatcher::take_behind(Queue& queue, Incoming& incoming, const protocol::Request& request) {
  registry_.hear(request, incoming.asker());
  if (queue.requests.size() >= options_.most_of_a_peer || held_ >= most_held) {
    counters_.count_dropped_reply();
    return;
  }
  Plan plan;
  plan.waits = true;
  if (queue.proposed == queue.requests.size()) {
    Plan decided = registry_.decide(request, incoming.asker());
    if (!decided.answer && !decided.waits && !decided.changes.empty()) plan = std::move(decided);
  }
  hold(queue, incoming, std::move(plan));
}

void Dispatcher::finish(Incoming& incoming, const protocol::Request& request, const Plan& plan) {
  registry_.apply(plan, incoming.asker());
  answer(incoming, registry_.reply(request, plan, incoming.asker()));
}

void Dispatcher::answer(Incoming& incoming, protocol::Reply reply) {
  if (auto* info = std::get_if<protocol::RegistryInfoReply>(&reply)) {
    if (options_.complete_info) options_.complete_info(*info, incoming);
  }
  counters_.count_reply(reply);
  incoming.reply(reply);
}

Dispatcher::Queue& Dispatcher::queue_of(std::string_view peer) {
  auto queue = std::make_unique<Queue>();
  queue->peer = peer;
  const std::string_view key = queue->peer;
  return *queues_.emplace(key, std::move(queue)).first->second;
}

void Dispatcher::hold(Queue& queue, Incoming& incoming, Plan plan) {
  auto held = std::make_unique<Held>(Held{incoming.keep(), std::move(plan), &queue});
  Held& one = *queue.requests.emplace_back(std::move(held));
  ++held_;
  if (!one.plan.waits) {
    propose(one);
    ++queue.proposed;
  } else if (queue.requests.size() == 1) {
    block(queue);
  }
}

void Dispatcher::propose(Held& held) {
  registry_.propose(held.plan);
  for (const Change& change : held.plan.changes)
    append_record(next_records_, change);
  next_.push_back(&held);
}

void Dispatcher::block(Queue& queue) {
  if (!std::exchange(queue.blocked, true)) blocked_.push_back(queue.peer);
}

void Dispatcher::forget(const Now& now) {
  if (forgetting_) return;
  auto plan = registry_.forget(now, forgotten_at_once);
  if (!plan) return;
  if (!options_.append) return registry_.apply(*plan, {{}, now});
  forgetting_ = std::make_unique<Held>();
  forgetting_->plan = std::move(*plan);
  propose(*forgetting_);
}

void Dispatcher::submit(const Now& now) {
  if (under_way_) return;
  const bool unstored_too = now.monotonic >= next_unstored_;
  if (unstored_too) {
    forget(now);
    batch_unstored_ = registry_.take_unstored(now, unstored_a_batch);
    next_unstored_ = now.monotonic + unstored_interval;
  }
  if (!options_.append) return;
  std::string records;
  // They are of the state as it is, and what was proposed comes after.
  for (const Change& change : batch_unstored_)
    append_record(records, change);
  records += std::exchange(next_records_, {});
  if (records.empty()) return;
  batch_ = std::exchange(next_, {});
  under_way_ = true;
  options_.append(std::move(records));
}

void Dispatcher::conclude(Held& held, const std::string& error) {
  if (!held.incoming) { // a plan of the registry's own
    if (error.empty()) {
      registry_.apply(held.plan, {});
    } else {
      registry_.give_up(held.plan);
    }
    return;
  }
  Incoming& incoming = *held.incoming;
  const protocol::Request& request = incoming.decode();
  if (error.empty()) {
    finish(incoming, request, held.plan);
  } else {
    registry_.give_up(held.plan);
    answer(incoming, unavailable(request, error));
  }
}

void Dispatcher::stored(const Now& now, std::string error) {
  done_with_ = true;
  error_ = std::move(error);
  concluded_ = 0;
  if (!error_.empty()) {
    registry_.not_stored(batch_unstored_);
    next_unstored_ = now.monotonic + pause_after_failure;
  }
  batch_unstored_.clear();
  to_advance_ = std::exchange(blocked_, {});
  for (const std::string& peer : to_advance_)
    queues_.at(peer)->blocked = false;
}

bool Dispatcher::work(std::size_t most) {
  if (!done_with_) return false;
  for (; most != 0 && concluded_ < batch_.size(); --most)
    conclude_next();
  for (; most != 0 && concluded_ == batch_.size() && !to_advance_.empty(); --most) {
    const auto queue = queues_.find(to_advance_.back());
    to_advance_.pop_back();
    if (queue != queues_.end()) advance(*queue->second);
  }
  if (concluded_ < batch_.size() || !to_advance_.empty()) return true;
  batch_.clear();
  under_way_ = done_with_ = false;
  return false;
}

void Dispatcher::conclude_next() {
  Held& held = *batch_[concluded_++];
  conclude(held, error_);
  Queue* const queue = held.queue;
  if (!queue) {
    forgetting_.reset();
    return;
  }
  queue->requests.pop_front(); // it was the first: a peer's are proposed and stored in order
  --queue->proposed;
  --held_;
  if (queue->proposed == 0) to_advance_.push_back(queue->peer);
}

/// Decides upon as many of a peer's waiting requests as can be now.
void Dispatcher::advance(Queue& queue) {
  while (queue.proposed < queue.requests.size() && advance_one(queue)) {
  }
  if (queue.requests.empty()) queues_.erase(queue.peer);
}

/// The first that waits. \returns false where it goes on waiting.
bool Dispatcher::advance_one(Queue& queue) {
  Held& held = *queue.requests[queue.proposed];
  const bool is_first = queue.proposed == 0;
  const protocol::Request& request = held.incoming->decode();
  Plan plan = registry_.decide(request, held.incoming->asker());
  if (!plan.answer && !plan.waits && !plan.changes.empty()) {
    held.plan = std::move(plan);
    propose(held);
    ++queue.proposed;
    return true;
  }
  if (!is_first) return false; // its answer would overtake others
  if (plan.waits) {
    block(queue);
    return false;
  }
  if (plan.answer) {
    answer(*held.incoming, std::move(*plan.answer));
  } else {
    finish(*held.incoming, request, plan);
  }
  queue.requests.pop_front();
  --held_;
  return true;
}

} // namespace registry_core
