#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What of the registry's state outlives a restart. The durable part of the state changes by these alone.
///
/// Each change says all there is to say of its key (a name, a manager, a manager's loss of a name) and
/// overrules what was said of that key before. So a state is rebuilt by any sequence that has each key's
/// latest change behind its earlier ones, whatever else stands between them, and however often.
namespace registry_core {

struct StoredProcess {
  std::optional<std::string> host, unit, invocation_id, language, version;
  std::optional<std::int64_t> pid;

  bool operator==(const StoredProcess&) const = default;
};

struct StoredExpectation {
  double seconds = 0; ///< that were left when this was written
  std::optional<std::string> reason;

  bool operator==(const StoredExpectation&) const = default;
};

/// A manager: which of its lives is current, and which it has superseded.
struct ManagerStored {
  std::string manager_id;
  std::optional<std::string> instance; ///< the current one; absent: none was ever heard
  std::vector<std::string> superseded; ///< the latest at the end
  std::optional<StoredProcess> process;
  std::string address;
  bool online = false;
  std::optional<StoredExpectation> expected;

  bool operator==(const ManagerStored&) const = default;
};

/// The manager is gone, and with it every name that it holds and every loss of it.
struct ManagerForgotten {
  std::string manager_id;

  bool operator==(const ManagerForgotten&) const = default;
};

/// The name is this manager's, registered by that life of it.
struct NameStored {
  std::string actor_name, endpoint, manager_id;
  std::optional<std::string> instance;

  bool operator==(const NameStored&) const = default;
};

struct NameRemoved {
  std::string actor_name;
  bool forgotten = false; ///< for having been offline for long, rather than by request

  bool operator==(const NameRemoved&) const = default;
};

/// The name was taken from the manager, which is to be told so.
struct LossStored {
  std::string manager_id, actor_name;

  bool operator==(const LossStored&) const = default;
};

/// The manager has registered or unregistered what had been taken from it.
struct LossSettled {
  std::string manager_id, actor_name;

  bool operator==(const LossSettled&) const = default;
};

using Change =
    std::variant<ManagerStored, ManagerForgotten, NameStored, NameRemoved, LossStored, LossSettled>;

} // namespace registry_core
