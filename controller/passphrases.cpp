#include "controller/passphrases.hpp"

#include "ssh/unlocked_keys.hpp"

#include <mutex>
#include <utility>

namespace controller {
namespace {

/// As with signals: there is one terminal and one user to a process.
struct Keys {
  std::mutex mutex;
  std::shared_ptr<ssh::UnlockedKeys> keys;
};

Keys& of_this_process() {
  static Keys keys;
  return keys;
}

} // namespace

void ask_for_passphrases(AskPassphrase ask) {
  auto& of_process = of_this_process();
  const std::lock_guard lock(of_process.mutex);
  if (!of_process.keys) of_process.keys = std::make_shared<ssh::UnlockedKeys>(std::move(ask));
}

std::shared_ptr<ssh::UnlockedKeys> unlocked_keys() {
  auto& of_process = of_this_process();
  const std::lock_guard lock(of_process.mutex);
  return of_process.keys;
}

} // namespace controller
