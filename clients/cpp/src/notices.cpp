#include "clients/cpp/src/notices.hpp"

#include <cstdio>

namespace actors::registry {

namespace {

/// What a user's function throws is not the heartbeats' affair.
template<typename Call>
void quietly(Call call) {
  try {
    call();
  } catch (...) { // NOLINT(bugprone-empty-catch): documented in RegistryClient
  }
}

} // namespace

void Notices::say(const Notice& notice) {
  std::unique_lock lock(mutex_);
  if (ended_) return;
  const auto on_notice = notice_;
  lock.unlock();
  if (on_notice) {
    quietly([&] { on_notice(notice); });
  } else {
    std::fprintf(stderr, "manager %s: %s\n", manager_id_.c_str(), notice.text.c_str());
  }
  if (notice.kind == Notice::Kind::superseded) {
    if (const auto on_superseded = current(superseded_)) quietly(on_superseded);
  }
  if (notice.kind == Notice::Kind::lost) {
    if (const auto on_lost = current(lost_)) quietly([&] { on_lost(notice.actor_name); });
  }
}

/// The one that is to be called now: the one before it may have replaced it, or ended the client.
template<typename Function>
Function Notices::current(const Function& function) {
  const std::scoped_lock lock(mutex_);
  return function;
}

void Notices::end() {
  std::function<void(const Notice&)> notice; // these end without the lock: they may hold anything
  std::function<void()> superseded;
  std::function<void(const std::string&)> lost;
  const std::scoped_lock lock(mutex_);
  ended_ = true;
  notice.swap(notice_);
  superseded.swap(superseded_);
  lost.swap(lost_);
}

void Notices::on_notice(std::function<void(const Notice&)> function) {
  const std::scoped_lock lock(mutex_);
  notice_ = std::move(function);
}

void Notices::on_superseded(std::function<void()> function) {
  const std::scoped_lock lock(mutex_);
  superseded_ = std::move(function);
}

void Notices::on_lost(std::function<void(const std::string&)> function) {
  const std::scoped_lock lock(mutex_);
  lost_ = std::move(function);
}

Notice silent_notice(const std::string& endpoint, const std::string& fault) {
  return {Notice::Kind::silent,
          {},
          0,
          "registry " + endpoint + " does not acknowledge heartbeats" + (fault.empty() ? "" : ": " + fault)};
}

Notice reconnected_notice(const std::string& endpoint) {
  return {Notice::Kind::reconnected, {}, 0, "registry " + endpoint + " answers again"};
}

Notice registered_again_notice(std::size_t actors) {
  return {Notice::Kind::registered_again,
          {},
          actors,
          "registered again: " + std::to_string(actors) + (actors == 1 ? " actor" : " actors")};
}

Notice superseded_notice() {
  return {Notice::Kind::superseded, {}, 0, "superseded: a newer instance of this manager is running"};
}

Notice lost_notice(const std::string& actor_name, const std::string& why) {
  return {Notice::Kind::lost, actor_name, 0, "lost: " + why};
}

Notice trouble_notice(std::string text) {
  return {Notice::Kind::trouble, {}, 0, std::move(text)};
}

} // namespace actors::registry
