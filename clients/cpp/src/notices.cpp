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
  const auto on_notice = notice_;
  const auto on_superseded = superseded_;
  const auto on_lost = lost_;
  lock.unlock();
  if (on_notice) {
    quietly([&] { on_notice(notice); });
  } else {
    std::fprintf(stderr, "manager %s: %s\n", manager_id_.c_str(), notice.text.c_str());
  }
  if (notice.kind == Notice::Kind::superseded && on_superseded) quietly(on_superseded);
  if (notice.kind == Notice::Kind::lost && on_lost) quietly([&] { on_lost(notice.actor_name); });
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
