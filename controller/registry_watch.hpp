#pragma once

#include "controller/registry_view.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>

namespace controller {

/// Asks the registry again and again while a change is under way. Its view may be read from any thread.
class RegistryWatch {
public:
  explicit RegistryWatch(RegistryAccess access);

  /// The newest view; waits for the first one (at most the access' timeout).
  std::shared_ptr<const RegistryView> view();

private:
  void ask(const std::stop_token& stop);

  RegistryAccess access_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::shared_ptr<const RegistryView> newest_;
  std::jthread thread_; // the last member: it ends before what it uses
};

} // namespace controller
