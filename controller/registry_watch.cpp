#include "controller/registry_watch.hpp"

#include <utility>

namespace controller {
namespace {
constexpr std::chrono::milliseconds pause_between_questions{250};
}

RegistryWatch::RegistryWatch(RegistryAccess access)
    : access_(std::move(access)), thread_([this](const std::stop_token& stop) { ask(stop); }) {}

std::shared_ptr<const RegistryView> RegistryWatch::view() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return newest_ != nullptr; });
  return newest_;
}

void RegistryWatch::ask(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    auto view = std::make_shared<const RegistryView>(
        read_registry(access_, [&stop] { return stop.stop_requested(); }));
    std::unique_lock lock(mutex_);
    newest_ = std::move(view);
    changed_.notify_all();
    changed_.wait_for(lock, stop, pause_between_questions, [] { return false; });
  }
}

} // namespace controller
