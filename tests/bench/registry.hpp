#pragma once

#include "tests/bench/child.hpp"

#include <chrono>
#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

namespace bench {

/// A directory of this run's own, removed with the object. It is beside the program, as /tmp may be no disk.
class Directory {
public:
  /// \throws std::system_error.
  explicit Directory(const std::string& program);
  ~Directory();
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  [[nodiscard]] std::string path() const { return path_.string(); }

private:
  std::filesystem::path path_;
};

/// `actorsctl registry serve` with a configuration of its own, ended with the object.
class Registry {
public:
  enum class State { in_memory, durable };

  /// \param directory of the configuration, and of the state where it is durable.
  Registry(const std::string& program, const Directory& directory, State state,
           const std::string& configuration = "{}");

  [[nodiscard]] const std::string& endpoint() const noexcept { return endpoint_; }
  [[nodiscard]] std::chrono::steady_clock::time_point started() const noexcept { return started_; }
  [[nodiscard]] pid_t pid() const noexcept { return child_.pid(); }
  /// Resident, in bytes.
  [[nodiscard]] double memory() const;
  /// Those of RegistryInfo. Waits until it answers, 10 s at most.
  [[nodiscard]] nlohmann::json counts() const;

private:
  std::string endpoint_;
  std::chrono::steady_clock::time_point started_;
  Child child_;
};

} // namespace bench
