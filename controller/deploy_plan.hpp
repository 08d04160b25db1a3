#pragma once

#include "config/config.hpp"
#include "controller/deploy_probes.hpp"
#include "controller/failure.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace controller {

/// What the configuration wants on one host.
struct WantedDeployment {
  struct Unit {
    const config::Manager* manager = nullptr; ///< chosen
    std::string content;                      ///< empty: it has no `exec`, so the unit is somebody else's
  };
  std::vector<Unit> units;
  std::vector<std::string> granted; ///< units that the control user may control
  /// Paths of all units, and of what grants rights to other control users, that the configuration has on that
  /// machine, be it under another host's name.
  std::vector<std::string> known;
  std::string control_user; ///< empty: this machine, where nobody is granted anything
};

/// One thing of a host that is as it should be, or is to be changed.
struct DeployItem {
  enum class Kind { unit, boot, polkit_rules, sudoers, journal_group } kind = Kind::unit;
  /// What is to be done, and after it what was.
  enum class State {
    unchanged,
    to_write,
    to_remove,
    to_add,
    kept,
    written,
    removed,
    added,
    failed
  } state = State::unchanged;
  std::string path; ///< empty: of the group, and of a unit's start at boot
  std::string unit, manager_id;
  std::string text; ///< for people: how it is, or what came of it
  std::string diff; ///< unified; also of what is kept for now
  std::string backup;
  std::optional<Failure> failure;

  std::string content, state_before; ///< for put and remove

  [[nodiscard]] bool is_to_do() const {
    return state == State::to_write || state == State::to_remove || state == State::to_add;
  }
};

std::string_view to_string(DeployItem::Kind kind);
/// As it stands in JSON: `unchanged`, `would_write`, `kept`, `written`.
std::string_view to_string(DeployItem::State state);
/// What it is about, for people.
std::string what_of(const DeployItem& item);

struct DeployChoices {
  bool prune = false;   ///< remove what deploy wrote and the configuration has no more
  bool replace = false; ///< also files that deploy did not write, or that were edited since
  bool enable = false;  ///< have the units that deploy writes started at boot
};

/// What is asked of the host to plan it.
deploying::SurveyQuestion question_for(const WantedDeployment& wanted, const DeployChoices& choices);

/// What there is to do, in the order in which it is done. Pure. \param survey the answer to question_for()
std::vector<DeployItem> plan_deployment(const WantedDeployment& wanted, const deploying::Survey& survey,
                                        const DeployChoices& choices);

} // namespace controller
