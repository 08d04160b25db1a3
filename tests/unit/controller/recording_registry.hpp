#pragma once

#include "tests/unit/clients_cpp/fake_registry.hpp"

#include <atomic>
#include <cmath>
#include <mutex>
#include <string>
#include <vector>

namespace controller::test {

/// A registry that knows every manager and keeps what it was told of them: `M 12 because`, seconds rounded.
class RecordingRegistry {
public:
  [[nodiscard]] std::vector<std::string> endpoints() const { return {fake_.endpoint()}; }

  std::vector<std::string> told() {
    const std::scoped_lock lock(mutex_);
    return told_;
  }
  void refuses() { refuses_ = true; }

private:
  std::vector<std::string> answer(const nlohmann::json& request) {
    nlohmann::json reply = {{"request_id", request["request_id"]}};
    if (request["message_type"] == "ExpectOffline" && refuses_)
      reply.update({{"message_type", "Error"}, {"code", "unknown_type"}, {"error", "what is that?"}});
    else if (request["message_type"] == "ExpectOffline")
      reply.update({{"message_type", "Expected"}, {"seconds", record(request)}});
    else
      reply.update({{"message_type", "Error"}, {"code", "not_authorized"}, {"error", "not for you"}});
    return {reply.dump()};
  }

  double record(const nlohmann::json& request) {
    const std::scoped_lock lock(mutex_);
    const auto seconds = request["seconds"].get<double>();
    const std::string reason = request.value("reason", "");
    told_.push_back(request["manager_id"].get<std::string>() + " " + std::to_string(std::lround(seconds)) +
                    (reason.empty() ? "" : " ") + reason);
    return seconds;
  }

  std::mutex mutex_;
  std::vector<std::string> told_;
  std::atomic<bool> refuses_ = false;
  FakeRegistry fake_{[this](const nlohmann::json& request) { return answer(request); }};
};

} // namespace controller::test
