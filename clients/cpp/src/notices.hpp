#pragma once

#include "actors/registry/RegistryClient.hpp"

#include <functional>
#include <mutex>
#include <string>

namespace actors::registry {

/// Passes notices on to whoever asked for them; to stderr, where nobody did, so that what an operator must
/// know stands in the manager's journal. From any thread.
class Notices {
public:
  explicit Notices(std::string manager_id) : manager_id_(std::move(manager_id)) {}

  /// Ends with the last call. Does not throw.
  void say(const Notice& notice);

  void on_notice(std::function<void(const Notice&)> function);
  void on_superseded(std::function<void()> function);
  void on_lost(std::function<void(const std::string&)> function);

  /// From here on nobody hears of anything.
  void end();

private:
  template<typename Function>
  Function current(const Function& function);

  std::string manager_id_;
  std::mutex mutex_; ///< for the functions, which are called without it
  bool ended_ = false;
  std::function<void(const Notice&)> notice_;
  std::function<void()> superseded_;
  std::function<void(const std::string&)> lost_;
};

/// \param fault why, where that is known.
Notice silent_notice(const std::string& endpoint, const std::string& fault = {});
Notice reconnected_notice(const std::string& endpoint);
Notice registered_again_notice(std::size_t actors);
Notice superseded_notice();
/// \param why with the name in it.
Notice lost_notice(const std::string& actor_name, const std::string& why);
Notice trouble_notice(std::string text);

} // namespace actors::registry
